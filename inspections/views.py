"""Pages of rounds and scoring sheets."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.components import Action, Column
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from facilities.views import actor_of
from inspections import actions, exports
from inspections.coverage import coverage_of, sum_of
from inspections.forms import RoundForm
from inspections.models import Inspection, Round, RoundState, ScoringSheet
from inspections.sheets import sections_of


def round_columns() -> list[Column]:
    """Heads of the list of rounds."""
    return [
        Column(_("轮次"), sort="quarter"),
        Column(_("起止")),
        Column(_("计划备案号")),
        Column(_("状态"), sort="state"),
        Column(_("已提交"), number=True),
        Column(_("历史"), hidden_label=True),
    ]


class RoundList(ScopedListView[Round]):
    """All rounds, newest first, with how many inspections the person sees in each."""

    queryset = Round.objects.select_related("quarter", "sheet")
    template_name = "inspections/rounds.html"
    export_title = gettext_lazy("检查轮次")
    export_columns = exports.ROUNDS
    export_rule = exports.ROUND_RULE
    ordering_fields: ClassVar[dict[str, str]] = {
        "-quarter": "quarter__opens_on",
        "quarter": "quarter__opens_on",
        "state": "state",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads, counts and the one action."""
        context = super().get_context_data(columns=round_columns(), **kwargs)
        seen = Inspection.objects.visible_to(self.request.user).filter(
            round__in=[row.pk for row in context["page_obj"]]
        )
        submitted = Count("pk", filter=Q(submitted_at__isnull=False))
        counts = seen.order_by().values("round").annotate(all=Count("pk"), done=submitted)
        by_round = {row["round"]: row for row in counts}
        context["rows"] = [(row, by_round.get(row.pk, {"all": 0, "done": 0})) for row in context["page_obj"]]
        if context["may_create"]:
            context["actions"] = [Action(_("开展一轮检查"), reverse("inspections:round_open"), "plus", primary=True)]
        return context

    def export_rows(self) -> Any:
        """With the counts that the page shows beside each round."""
        seen = Inspection.objects.visible_to(self.request.user).filter(round=OuterRef("pk")).order_by().values("round")
        submitted = Count("pk", filter=Q(submitted_at__isnull=False))
        return self.get_queryset().annotate(
            seen=Coalesce(Subquery(seen.annotate(n=Count("pk")).values("n")), 0),
            done=Coalesce(Subquery(seen.annotate(n=submitted).values("n")), 0),
        )


class RoundDetail(ScopedDetailView[Round]):
    """One round: its filed plan, coverage by unit, what is missing before closing, its inspections."""

    queryset = Round.objects.select_related("quarter", "sheet")
    template_name = "inspections/round.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds coverage, the inspections the person sees, and what they may do."""
        context = super().get_context_data(**kwargs)
        rows = coverage_of(self.object, self.request.user)
        seen = Inspection.objects.visible_to(self.request.user).filter(round=self.object)
        drafts: Any = seen.filter(submitted_at__isnull=True).with_place().with_progress().select_related("community")
        return {
            **context,
            "coverage": rows,
            "whole": sum_of(rows),
            "drafts": list(drafts.order_by("place_order", "community__pinyin", "pk")[:50]),
            "draft_count": drafts.count(),
            "seen_count": seen.count(),
            "actions": self.actions(context["may_edit"]),
        }

    def actions(self, may_edit: bool) -> list[Action]:
        """Closing for the city office, starting for whoever inspects, history for everybody."""
        found = [Action(_("历史"), reverse("inspections:round_history", args=[self.object.pk]), "history")]
        if self.object.state != RoundState.OPEN:
            return found
        if Inspection.objects.creatable_by(self.request.user):
            found.append(Action(_("开始检查"), reverse("inspections:create"), "plus", primary=not may_edit))
        if may_edit:
            close = reverse("inspections:close", args=[self.object.pk])
            found.append(Action(_("结束评分"), close, "lock", primary=True))
        return found


class RoundOpen(ScopedCreateView[RoundForm]):
    """Opens a quarter's round."""

    queryset = Round.objects.all()
    form_class = RoundForm
    template_name = "inspections/round_form.html"
    success_message = gettext_lazy("这一轮检查已开始。")

    def perform(self, form: RoundForm) -> Round:
        """Open it."""
        return actions.open_round(**form.cleaned_data, actor=actor_of(self))


class RoundClose(ScopedUpdateView[forms.Form]):
    """Asks before the scoring ends, since there is no way back."""

    queryset = Round.objects.select_related("quarter")
    form_class = forms.Form
    template_name = "inspections/close.html"
    success_message = gettext_lazy("评分已结束。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the consequence in numbers."""
        held = Inspection.objects.filter(round=self.object)
        counts = held.aggregate(done=Count("pk", filter=Q(submitted_at__isnull=False)), all=Count("pk"))
        missing = sum_of(coverage_of(self.object, self.request.user))
        drafts = counts["all"] - counts["done"]
        return super().get_context_data(
            done=counts["done"], drafts=drafts, missing=missing.planned - missing.started, **kwargs
        )

    def perform(self, form: forms.Form) -> Round:
        """Close it."""
        return actions.close_round(self.object, actor=actor_of(self))


class SheetDetail(ScopedDetailView[ScoringSheet]):
    """One edition of a scoring sheet."""

    queryset = ScoringSheet.objects.all()
    template_name = "inspections/sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds its sections."""
        return super().get_context_data(sections=sections_of(self.object.items.all()), **kwargs)
