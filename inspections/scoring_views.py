"""Pages of inspections: list, one inspection, scoring, submitting."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Community
from communities.roles import Role
from communities.scoping import reach_of
from core.components import Action, Column
from core.incidents import error_page
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from facilities.models import Project
from facilities.views import actor_of
from inspections import exports
from inspections import scoring_actions as actions
from inspections.forms import InspectionFilter, ScoreForm, StartForm, SubmitForm
from inspections.models import Inspection, Round, RoundState
from inspections.sheets import Section, sections_of, tally_of

INSPECTIONS = (
    Inspection.objects.with_place()
    .with_progress()
    .select_related("community", "round__quarter", "round__sheet", "inspector")
)


def columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_("社区"), sort="community"),
        Column(_("单位"), sort="unit"),
        Column(_("类型")),
        Column(_("季度"), sort="quarter"),
        Column(_("检查日期"), sort="day"),
        Column(_("检查人")),
        Column(_("状态"), sort="state"),
        Column(_("得分"), sort="total", number=True),
        Column(_("历史"), hidden_label=True),
    ]


class InspectionList(ScopedListView[Inspection]):
    """All inspections that the person may see; an inspector's stops that wait, first."""

    queryset = INSPECTIONS
    template_name = "inspections/list.html"
    export_title = gettext_lazy("检查评分")
    export_columns = exports.INSPECTIONS
    export_rule = exports.INSPECTION_RULE
    filterset_class = InspectionFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "-day": "inspected_on",
        "community": "community__pinyin",
        "unit": "place_order",
        "quarter": "round__quarter__opens_on",
        "day": "inspected_on",
        "state": "submitted_at",
        "total": "total",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads, waiting stops and the one action."""
        context = super().get_context_data(columns=columns(), stops=self.stops(), **kwargs)
        if context["may_create"]:
            context["actions"] = [Action(_("开始检查"), reverse("inspections:create"), "plus", primary=True)]
        return context

    def stops(self) -> list[Community]:
        """An inspector's communities that the round going on has not reached yet."""
        mine = reach_of(self.request.user).communities_as({Role.INSPECTOR})
        going_on = Round.objects.filter(state=RoundState.OPEN, quarter__state="open").first() if mine else None
        if going_on is None:
            return []
        waiting: Any = Community.objects.filter(pk__in=mine).exclude(inspections__round=going_on)
        return list(waiting.with_placement().order_by("unit_order", "pinyin", "pk")[:50])


def layout_of(inspection: Inspection, fields: Any = None) -> list[Section]:
    """The inspection's sheet with what has been scored."""
    stored = {score.item_id: score for score in inspection.scores.all()}
    return sections_of(inspection.round.sheet.items.all(), stored, fields)


class InspectionDetail(ScopedDetailView[Inspection]):
    """One inspection: section by section what was lost, and why."""

    queryset = INSPECTIONS
    template_name = "inspections/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the sheet and what the person may do."""
        context = super().get_context_data(**kwargs)
        sections, key = layout_of(self.object), [self.object.pk]
        found = [Action(_("历史"), reverse("inspections:history", args=key), "history")]
        open_ = self.object.submitted_at is None and self.object.round.state == RoundState.OPEN
        if context["may_edit"] and open_:
            found.append(Action(_("接着评分"), reverse("inspections:score", args=key), "edit", primary=True))
        return {**context, "sections": sections, "tally": tally_of(sections), "actions": found}


class InspectionCreate(ScopedCreateView[StartForm]):
    """Starts the inspection of a stop."""

    queryset = Inspection.objects.all()
    form_class = StartForm
    template_name = "inspections/start.html"
    success_message = gettext_lazy("已开始，逐项评分。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose stops may be chosen; a community named in the address is filled in."""
        known = {"community": self.request.GET.get("community", "")}
        return {**super().get_form_kwargs(), "actor": actor_of(self), "initial": known}

    def perform(self, form: StartForm) -> Inspection:
        """Start it."""
        round_, community = form.cleaned_data["round"], form.cleaned_data["community"]
        day = form.cleaned_data["inspected_on"]
        return actions.start_inspection(round_, community, inspected_on=day, actor=actor_of(self))

    def get_success_url(self) -> str:
        """Straight to the sheet."""
        return reverse("inspections:score", args=[self.written.pk])


class OpenInspectionView(ScopedUpdateView[Any]):
    """A form about an inspection that is not submitted yet; afterwards its page says so (409)."""

    queryset = INSPECTIONS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, unless the inspection is locked."""
        if self.object.submitted_at is not None:
            return error_page(request, 409, _("这张评分已经提交，不能再改。"))
        return super().get(request, *args, **kwargs)


class ScoreEntry(OpenInspectionView):
    """The scoring page. Saves a draft; “submit” asks once more on a page of its own."""

    form_class = ScoreForm
    template_name = "inspections/score.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The sheet's items and what has been scored."""
        stored = {score.item_id: score for score in self.object.scores.all()}
        items = list(self.object.round.sheet.items.all())
        known = {**self.get_initial(), "version": self.object.version}
        return {**super().get_form_kwargs(), "items": items, "stored": stored, "initial": known}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the sheet with its fields, where it stands, and what the registers say of the community."""
        context = super().get_context_data(**kwargs)
        sections = layout_of(self.object, context["form"].fields_of)
        projects = Project.objects.with_stage().filter(community=self.object.community_id).order_by("kind", "pk")
        lines = [line for section in sections for line in section.lines]
        return {
            **context,
            "sections": sections,
            "tally": tally_of(sections),
            "projects": projects,
            "missing": "missing" in self.request.GET,
            "faults": [line for line in lines if line.fields.errors],
        }

    def perform(self, form: ScoreForm) -> Inspection:
        """Save the draft."""
        version = form.cleaned_data["version"]
        return actions.save_scores(self.object, form.scores(), expected_version=version, actor=actor_of(self))

    def form_valid(self, form: Any) -> HttpResponse:
        """Saved; whoever pressed “submit” goes on to the question, or to the first item that is not scored."""
        self.success_message = _("已存草稿。")
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Where the pressed button leads."""
        address, key = reverse("inspections:score", args=[self.written.pk]), [self.written.pk]
        if self.request.POST.get("then") != "submit":
            return address
        scored = set(self.written.scores.values_list("item_id", flat=True))
        left = [item.pk for item in self.object.round.sheet.items.all() if item.pk not in scored]
        return f"{address}?missing=1#item-{left[0]}" if left else reverse("inspections:submit", args=key)


class SubmitEntry(OpenInspectionView):
    """Asks before the scores are locked, and says the consequence in numbers."""

    form_class = SubmitForm
    template_name = "inspections/submit.html"
    success_message = gettext_lazy("已提交，评分锁定。")

    def get_initial(self) -> dict[str, Any]:
        """The version that the question is about."""
        return {**super().get_initial(), "version": self.object.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds where the sheet stands."""
        return super().get_context_data(tally=tally_of(layout_of(self.object)), **kwargs)

    def perform(self, form: SubmitForm) -> Inspection:
        """Lock the scores and store their total."""
        return actions.submit(self.object, expected_version=form.cleaned_data["version"], actor=actor_of(self))
