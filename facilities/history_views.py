"""Histories of projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.models import ReportingMonth
from core.components import Tab
from core.history import Names, Trail, own, under
from core.history_views import ScopedHistoryView
from facilities.models import OrderingExemption, Photo, PlannedStage, ProgressReport, Project, RedMark, StageEvent
from facilities.report_workflow import ReportState
from facilities.workflow import Stage


def step_words(event: Any) -> str:
    """From which stage to which: 动工 → 基础."""
    return f"{_stage(event.stage_before)} → {_stage(event.stage)}"


def _stage(value: int | None) -> str:
    return str(Stage(value).label) if value in Stage.values else "—"


def trail_of_stages(**where: Any) -> Trail:
    """Stages by the step they are: a row changed or removed by plain SQL is among them."""
    return Trail(StageEvent, where, lambda event, names: step_words(event), said=("stage", "stage_before"))


def trail_of_reports(user: Any, *, named: bool = True, **where: Any) -> Trail:
    """Monthly reports, by project and month where they are `named`.

    Until one is approved it is the business of whoever reports; others read of it only that it was approved, and
    as what.
    """
    reportable = Project.objects.reportable_by(user).values("pk")
    seen = Q(project_id__in=reportable) | Q(state=ReportState.APPROVED)
    shown = ("entered_as", "reviewed_as", "is_late")
    name = _report if named else None
    return Trail(ProgressReport, where, name, said=("project_id", "month_id"), only=seen, shown=shown)


def trail_of_photos(user: Any, **where: Any) -> Trail:
    """Photos by the stage that they show and where from. They are told to whoever reports: others see what stands."""
    reportable = Project.objects.reportable_by(user).values("pk")
    shown = ("taken_at", "sha256", "uploaded_as")
    said = ("stage", "spot")
    return Trail(Photo, where, _photo, said=said, only=Q(project_id__in=reportable), shown=shown)


def _photo(event: Any, names: Names) -> str:
    return f"{_stage(event.stage)} {event.spot} {event.pgh_obj_id}".replace("  ", " ")


def _report(event: Any, names: Names) -> str:
    return f"{names.of(Project, event.project_id)} · {names.of(ReportingMonth, event.month_id)}"


class ProjectHistory(ScopedHistoryView[Project]):
    """Who changed the project, and who entered its stages."""

    queryset = Project.objects.select_related("community")
    shows = (Project, StageEvent, ProgressReport, PlannedStage, OrderingExemption, RedMark, Photo)

    def trails(self) -> Sequence[Trail]:
        """The project's own, and those of all that belongs to it."""
        key, user = self.object.pk, self.request.user
        return [
            own(self.object),
            trail_of_stages(project_id=key),
            trail_of_reports(user, project_id=key),
            under(PlannedStage, "stage", project_id=key),
            under(OrderingExemption, "rule", project_id=key),
            under(RedMark, "red_on", project_id=key),
            trail_of_photos(user, project_id=key),
        ]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the project."""
        return [
            Tab(_("项目"), reverse("facilities:list")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]
