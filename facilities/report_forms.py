"""Forms and filters of the monthly report: parsing and field checks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import ReportingMonth, ReportingUnit
from communities.place_filters import PlaceFilterSet
from facilities.form_fields import raw, report_field
from facilities.forms import DayInput
from facilities.models import ProgressReport, Project
from facilities.money import ARRIVED, PAID, Source
from facilities.report_checks import SoftWarning, hard_errors, soft_warnings
from facilities.report_workflow import CONTENT, HOUSING_COUNTS, ReportState
from facilities.workflow import Stage

MONEY = ("invested", *ARRIVED, *PAID)
# The filter's word for all units together.
EVERY_UNIT = "all"
_LONG = forms.Textarea(attrs={"rows": 3})


def _field(name: str) -> Any:
    return ProgressReport._meta.get_field(name)


class ReportForm(forms.Form):
    """The content of one report. `last` is what the last one said: every control knows it, to show what changed.

    `invested` is what had been invested before the month, `papers` what proves a stage (`evidence_asked`).
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    stage = forms.TypedChoiceField(label=gettext_lazy("阶段"), choices=Stage.choices, coerce=int)
    percent = forms.IntegerField(
        label=gettext_lazy("形象进度"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 4}),
        min_value=0,
        max_value=100,
        error_messages={
            "required": gettext_lazy("请填形象进度，0 到 100。"),
            "invalid": gettext_lazy("形象进度是 0 到 100 的整数。"),
            "min_value": gettext_lazy("形象进度是 0 到 100 的整数。"),
            "max_value": gettext_lazy("形象进度是 0 到 100 的整数。"),
        },
    )
    stage_on = forms.DateField(
        label=gettext_lazy("到达日期"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("实际到达这一步的日期。"),
    )
    stage_basis = forms.CharField(
        label=gettext_lazy("认定依据"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("如施工许可证、开工报告、验收单。"),
    )
    stage_reason = forms.CharField(
        label=gettext_lazy("为什么没有前进"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("阶段退回时必填，如“设计变更，基础返工”。"),
    )
    explanation = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("例如：基础完成，主体下月开工")}),
    )
    text = forms.CharField(label=gettext_lazy("进展"), required=False, max_length=1000, widget=_LONG)
    problem = forms.CharField(
        label=gettext_lazy("问题"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": gettext_lazy("卡在哪里")}),
    )
    help_wanted = forms.CharField(
        label=gettext_lazy("需要协调的事"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": gettext_lazy("写清楚什么事、请谁协调")}),
    )

    def __init__(
        self,
        *args: Any,
        project: Project,
        last: Mapping[str, Any],
        invested: Decimal | None = None,
        papers: Mapping[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.last, self.invested, self.papers = project, last, invested, papers
        self.warnings: list[SoftWarning] = []
        for name in (*MONEY, *(HOUSING_COUNTS if project.builds_homes else ())):
            self.fields[name] = report_field(_field(name))
        for name in ("percent", "text", "problem", "help_wanted"):
            self.fields[name].help_text = _field(name).help_text
        for name in CONTENT:
            if name != "explanation" and name in self.fields:
                self.fields[name].widget.attrs["data-last"] = raw(last[name])

    def clean(self) -> dict[str, Any]:
        """A warning is no error, but what it asks must be answered before the report goes on to the reviewer."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, sentence in hard_errors(self.content(), self.last).items():
            self.add_error(name, sentence)
        self.warnings = self.find_warnings({**self.last, **self.content()})
        if self.warnings and not cleaned.get("explanation") and "explanation" not in self.errors:
            self.add_error("explanation", _("属实请写一句说明，审核人会看到；不属实请改上面的数。"))
        return cleaned

    def present_warnings(self) -> list[SoftWarning]:
        """What is odd in what the form shows now, before anything is sent as well."""
        return self.warnings if self.is_bound else self.find_warnings(self.initial)

    def find_warnings(self, values: Mapping[str, Any]) -> list[SoftWarning]:
        """What is odd in `values`."""
        return soft_warnings(self.project, values, before=self.last, invested=self.invested, papers=self.papers)

    def money_rows(self) -> list[tuple[Source, BoundField, BoundField]]:
        """Arrived and paid of each source."""
        return [(source, self[f"arrived_{source}"], self[f"paid_{source}"]) for source in Source]

    def content(self) -> dict[str, Any]:
        """What was entered and could be read, by field."""
        return {name: self.cleaned_data[name] for name in CONTENT if name in self.cleaned_data}

    def changed_from_last(self) -> list[str]:
        """The fields whose control says something else than the last report, the explanation not counted."""
        names = [name for name in CONTENT if name != "explanation" and name in self.fields]
        return [name for name in names if raw(self[name].value()) != raw(self.last[name])]


def given(form: ReportForm, name: str) -> Any:
    """What a field holds now, read; None where it is empty or cannot be read."""
    return form.cleaned_data.get(name) if form.is_bound else form.initial.get(name)


class DraftForm(ReportForm):
    """The same while it is being filled in: nothing has to be there, and no warning stops it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["percent"].required = False

    def clean(self) -> dict[str, Any]:
        """Only reads the warnings."""
        self.warnings = self.find_warnings({**self.last, **self.content()})
        return self.cleaned_data


class CorrectionForm(forms.Form):
    """Why an approved report is corrected."""

    reason = forms.CharField(
        label=gettext_lazy("更正原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("哪里报错了、依据是什么；审核人和以后查阅的人都会看到。"),
    )


class DecisionForm(forms.Form):
    """A reviewer's decision on one report: the version they saw, and the reason that it needs."""

    version = forms.IntegerField()
    reason = forms.CharField(required=False, max_length=300)
    away_reason = forms.CharField(required=False, max_length=200)


class BatchForm(forms.Form):
    """A decision on several: each as `key:version`."""

    report = forms.Field(required=False)
    reason = forms.CharField(required=False, max_length=300)
    away_reason = forms.CharField(required=False, max_length=200)

    def clean_report(self) -> list[tuple[int, int]]:
        """The pairs; ValidationError where one cannot be read."""
        pairs: list[tuple[int, int]] = []
        for sent in self.data.getlist("report"):  # type: ignore[attr-defined]  # a QueryDict
            key, _colon, version = sent.partition(":")
            if not (key.isdecimal() and version.isdecimal() and len(key) < 19 and len(version) < 10):
                raise forms.ValidationError(_("勾选的内容看不懂。刷新后再选。"))
            pairs.append((int(key), int(version)))
        if not pairs:
            raise forms.ValidationError(_("先勾选要办的月报。"))
        return pairs


def _units_counted() -> list[tuple[str, Any]]:
    return [(EVERY_UNIT, _("全市")), *ReportingUnit.objects.values_list("code", "short_name")]


class ReportFilter(PlaceFilterSet):
    """Reports by month, place, state, and what is marked on them."""

    month = django_filters.ModelChoiceFilter(
        label=gettext_lazy("月份"), queryset=ReportingMonth.objects.all(), empty_label=gettext_lazy("全部")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"),
        choices=ReportState.choices,
        empty_label=gettext_lazy("全部"),
        method="by_state",
    )
    late = django_filters.ChoiceFilter(
        label=gettext_lazy("迟报"),
        field_name="is_late",
        choices=[("true", gettext_lazy("迟报")), ("false", gettext_lazy("按时"))],
        empty_label=gettext_lazy("全部"),
        method="by_lateness",
    )
    counted = django_filters.ChoiceFilter(
        label=gettext_lazy("计数"),
        choices=[("yes", gettext_lazy("每月一份")), ("filed", gettext_lazy("每月一份，已报的"))],
        empty_label=gettext_lazy("全部"),
        method="by_counting",
    )
    counted_in = django_filters.ChoiceFilter(
        label=gettext_lazy("月底归属"),
        choices=_units_counted,
        empty_label=gettext_lazy("全部"),
        method="by_counting_unit",
    )
    help = django_filters.ChoiceFilter(
        label=gettext_lazy("协调"),
        choices=[("yes", gettext_lazy("等待协调"))],
        empty_label=gettext_lazy("全部"),
        method="by_help",
    )
    q = django_filters.CharFilter(label=gettext_lazy("查找"), method="search")

    class Meta:
        model = ProgressReport
        fields: tuple[str, ...] = ()

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """As people read states."""
        return rows.in_state(value)

    def by_lateness(self, rows: Any, name: str, value: str) -> Any:
        """Submitted late, or in time."""
        return rows.filter(is_late=value == "true")

    def by_counting(self, rows: Any, name: str, value: str) -> Any:
        """One report of each project and month, as completeness counts them: an approved one before its correction."""
        standing = rows.standing()
        return standing.exclude(state=ReportState.DRAFT) if value == "filed" else standing

    def by_counting_unit(self, rows: Any, name: str, value: str) -> Any:
        """Where the community counted on the month's last day, as completeness counts: what moved since stays there."""
        return rows.counted_in("" if value == EVERY_UNIT else value)

    def by_help(self, rows: Any, name: str, value: str) -> Any:
        """The newest approved report of its project asks for help."""
        return rows.asking_help()

    def search(self, rows: Any, name: str, text: str) -> Any:
        """By the project or its community."""
        return rows.filter(project__in=Project.objects.search(text)) if text.strip() else rows
