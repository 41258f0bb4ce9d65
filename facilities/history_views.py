"""Histories of projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Tab
from core.history import Names, Trail, own
from core.history_views import ScopedHistoryView
from facilities.models import Project, StageEvent
from facilities.workflow import Stage


def _step(event: Any, names: Names) -> str:
    return f"{_stage(event.stage_before)} → {_stage(event.stage)}"


def _stage(value: int | None) -> str:
    return str(Stage(value).label) if value in Stage.values else "—"


def trail_of_stages(**where: Any) -> Trail:
    """Stages by the step they are: a row changed or removed by plain SQL is among them."""
    return Trail(StageEvent, where, _step, said=("stage", "stage_before"))


class ProjectHistory(ScopedHistoryView[Project]):
    """Who changed the project, and who entered its stages."""

    queryset = Project.objects.select_related("community")
    shows = (Project, StageEvent)

    def trails(self) -> Sequence[Trail]:
        """The project's own, and its stages."""
        return [own(self.object), trail_of_stages(project_id=self.object.pk)]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the project."""
        return [
            Tab(_("项目"), reverse("facilities:list")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]
