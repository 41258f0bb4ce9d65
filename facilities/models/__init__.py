"""Construction: projects, their dated stages, and what the counties report of them month by month."""

from facilities.models.projects import PLAN_DAYS, FacilityKind, Priority, Project, StageEvent
from facilities.models.reports import ProgressReport
from facilities.report_workflow import ReportState

__all__ = [
    "PLAN_DAYS",
    "FacilityKind",
    "Priority",
    "ProgressReport",
    "Project",
    "ReportState",
    "StageEvent",
]
