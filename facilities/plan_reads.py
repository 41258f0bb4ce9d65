"""A project's plan as it is shown: each step with the plan in force, the first one, and when it was reached."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from facilities.models import PlannedStage, Project
from facilities.schedule import first_reached
from facilities.workflow import Stage


@dataclass(frozen=True)
class PlanLine:
    """One step. `first` differs from `planned` where it was re-planned; `changes` say when and why, newest first.

    `reached` is since when the project stands there or beyond: None once the step was taken back, and the day of the
    next step where this one was skipped.
    """

    stage: str
    planned: dt.date | None
    first: dt.date | None
    reached: dt.date | None
    changes: list[PlannedStage] = field(default_factory=list)

    @property
    def moved(self) -> bool:
        """Whether the plan in force is not the first one."""
        return bool(self.changes)


def plan_table(project: Project) -> list[PlanLine]:
    """The steps that were ever planned, in the order of the ladder. Two queries."""
    plans: dict[int, list[PlannedStage]] = {}
    for row in PlannedStage.objects.filter(project=project).select_related("recorded_by").order_by("stage", "pk"):
        plans.setdefault(row.stage, []).append(row)
    reached = list(project.stages.order_by("occurred_on", "pk").values_list("stage", "occurred_on"))
    return [
        PlanLine(
            stage=str(Stage(stage).label),
            planned=rows[-1].planned_on,
            first=rows[0].planned_on,
            reached=first_reached(reached, Stage(stage)),
            changes=rows[:0:-1],
        )
        for stage, rows in sorted(plans.items())
    ]
