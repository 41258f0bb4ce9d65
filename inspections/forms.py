"""Forms and filters of inspection: parsing and field checks, choices narrowed to what the person may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.calendar import working_day
from communities.form_fields import CommunityField
from communities.models import ReportingQuarter
from communities.place_filters import PopulationFilterSet
from core.formats import decimal
from facilities.forms import DayInput
from inspections.models import Inspection, ItemScore, Round, RoundState, ScoringSheet, SheetItem

FULL, DEDUCT = "full", "deduct"


class RoundForm(forms.Form):
    """What a round needs: a quarter, the filed plan's number, a sheet, its days."""

    quarter = forms.ModelChoiceField(label=_("季度"), queryset=ReportingQuarter.objects.none(), empty_label=None)
    plan_number = forms.CharField(
        label=_("计划备案号"), max_length=60, help_text=_("年度督查检查考核计划的备案号；没有备案不能开展检查。")
    )
    sheet = forms.ModelChoiceField(label=_("评分表"), queryset=ScoringSheet.objects.none(), empty_label=None)
    starts_on = forms.DateField(label=_("开始日期"), widget=DayInput)
    ends_on = forms.DateField(label=_("结束日期"), widget=DayInput)
    name = forms.CharField(
        label=_("名称"),
        max_length=80,
        required=False,
        help_text=_("留空就叫“2013 年第四季度拉练式检查督办”这样的名字。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quarter, sheet = self.fields["quarter"], self.fields["sheet"]
        assert isinstance(quarter, forms.ModelChoiceField)
        assert isinstance(sheet, forms.ModelChoiceField)
        free = ReportingQuarter.objects.open().exclude(round__state__in=[RoundState.OPEN, RoundState.CLOSED])
        quarter.queryset = free
        sheet.queryset = ScoringSheet.objects.all()
        first = free.first()
        if first is not None:
            self.initial.update(starts_on=first.quarter.first_day, ends_on=first.last_day)

    def clean(self) -> dict[str, Any]:
        """The days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error(
                "ends_on",
                _t("开始在 %(start)s，结束填了 %(end)s，更早。结束日期不能早于开始日期。")
                % {"start": start, "end": end},
            )
        return cleaned


class StartForm(forms.Form):
    """A stop: which community, in which round, on which day."""

    round = forms.ModelChoiceField(label=_("轮次"), queryset=Round.objects.none(), empty_label=None)
    community = CommunityField(label=_("社区"), help_text=_("写编号或全称。"))
    inspected_on = forms.DateField(label=_("检查日期"), widget=DayInput, help_text=_("到现场的日期。"))

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        round_, community = self.fields["round"], self.fields["community"]
        assert isinstance(round_, forms.ModelChoiceField)
        assert isinstance(community, CommunityField)
        going_on = Round.objects.filter(state=RoundState.OPEN, quarter__state="open")
        round_.queryset = going_on
        stops = Inspection.objects.communities_for(actor)
        community.narrow(stops)
        current = going_on.first()
        if current is not None:
            self.initial.setdefault("inspected_on", _day_within(current))
        only = list(stops.order_by("pk")[:2])
        if len(only) == 1 and not self.initial.get("community"):
            self.initial["community"] = only[0]


def _day_within(round_: Round) -> dt.date:
    return min(max(working_day(), round_.starts_on), round_.ends_on)


@dataclass(frozen=True)
class ItemFields:
    """The part of the form that belongs to one item, for the template."""

    choice: str
    deduction: BoundField
    reason: BoundField
    name: str
    errors: list[str]


class ScoreForm(forms.Form):
    """All items of a sheet: full marks, or how much is deducted and why. Items may stay open until submission."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: Iterable[SheetItem], stored: Mapping[int, ItemScore], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            self._add_fields(item, stored.get(item.pk))

    def _add_fields(self, item: SheetItem, score: ItemScore | None) -> None:
        choices = [(FULL, _("满分")), (DEDUCT, _("扣分"))]
        self.fields[f"choice_{item.pk}"] = forms.ChoiceField(choices=choices, required=False, label=item.title)
        self.fields[f"deduction_{item.pk}"] = forms.DecimalField(
            required=False,
            max_digits=5,
            decimal_places=2,
            label=_("扣分"),
            widget=forms.NumberInput(attrs={"step": "any", "min": "0", "max": str(item.full_marks)}),
        )
        self.fields[f"reason_{item.pk}"] = forms.CharField(required=False, max_length=300, label=_("扣分原因"))
        if score is not None:
            self.initial[f"choice_{item.pk}"] = DEDUCT if score.deduction else FULL
            self.initial[f"deduction_{item.pk}"] = score.deduction or None
            self.initial[f"reason_{item.pk}"] = score.reason

    def clean(self) -> dict[str, Any]:
        """Each item that is scored, by its own rules."""
        cleaned: dict[str, Any] = super().clean() or {}
        for item in self.items:
            if self._choice(item) == FULL:
                # What is left in the fields that full marks hide is not what the inspector says.
                for part in ("deduction", "reason"):
                    self.errors.pop(f"{part}_{item.pk}", None)
            else:
                self._check(item, cleaned)
        return cleaned

    def _check(self, item: SheetItem, cleaned: dict[str, Any]) -> None:
        lost, why = cleaned.get(f"deduction_{item.pk}"), cleaned.get(f"reason_{item.pk}")
        if self._choice(item) != DEDUCT or f"deduction_{item.pk}" in self.errors:
            return
        if not lost:
            self.add_error(f"deduction_{item.pk}", _t("扣几分？一分不扣就选“满分”。"))
        elif not 0 < lost <= item.full_marks:
            parts = {"full": decimal(item.full_marks), "lost": decimal(lost)}
            self.add_error(f"deduction_{item.pk}", _t("满分 %(full)s，填了扣 %(lost)s。扣分在 0 和满分之间。") % parts)
        elif not why and f"reason_{item.pk}" not in self.errors:
            self.add_error(f"reason_{item.pk}", _t("扣了 %s 分，没有写原因。写明原因，或改为满分。") % decimal(lost))

    def _choice(self, item: SheetItem) -> str:
        """What was chosen; an amount without a choice is a deduction."""
        chosen = str(self.cleaned_data.get(f"choice_{item.pk}") or "")
        return DEDUCT if not chosen and self.cleaned_data.get(f"deduction_{item.pk}") else chosen

    def scores(self) -> dict[int, tuple[Decimal, str]]:
        """What `save_scores` takes: items that were scored, with what they lost and why."""
        found: dict[int, tuple[Decimal, str]] = {}
        for item in self.items:
            choice = self._choice(item)
            if choice == FULL:
                found[item.pk] = (Decimal(0), "")
            elif choice == DEDUCT:
                found[item.pk] = (
                    self.cleaned_data[f"deduction_{item.pk}"],
                    self.cleaned_data[f"reason_{item.pk}"],
                )
        return found

    def fields_of(self, item: SheetItem) -> ItemFields:
        """An item's fields, for the template."""
        names = [f"{part}_{item.pk}" for part in ("choice", "deduction", "reason")]
        return ItemFields(
            choice=str(self[names[0]].value() or ""),
            deduction=self[names[1]],
            reason=self[names[2]],
            name=names[0],
            errors=[str(error) for name in names for error in self.errors.get(name, [])],
        )


class SubmitForm(forms.Form):
    """The version that was looked at before submitting."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class InspectionFilter(PopulationFilterSet):
    """Inspections by round, place and state."""

    round = django_filters.ModelChoiceFilter(
        label=_("轮次"), queryset=Round.objects.select_related("quarter"), empty_label=_("全部")
    )
    state = django_filters.ChoiceFilter(
        label=_("状态"),
        choices=[("draft", _("评分中")), ("submitted", _("已提交"))],
        empty_label=_("全部"),
        method="by_state",
    )
    q = django_filters.CharFilter(label=_("查找"), method="search")

    def by_state(self, rows: Any, name: str, answer: str) -> Any:
        """Submitted, or still being scored."""
        return rows.filter(submitted_at__isnull=answer == "draft")

    def search(self, rows: Any, name: str, text: str) -> Any:
        """Part of the community's name, beginning of its code, pinyin initials."""
        return rows.search(text)
