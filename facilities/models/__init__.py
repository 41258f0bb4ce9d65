"""Construction: projects, their dated stages, and what the counties report of them month by month."""

from facilities.models.photo_rules import MOST_PHOTOS
from facilities.models.photos import Photo
from facilities.models.projects import PLAN_DAYS, FacilityKind, Priority, Project, StageEvent
from facilities.models.reports import ProgressReport
from facilities.report_workflow import ReportState

__all__ = [
    "MOST_PHOTOS",
    "PLAN_DAYS",
    "FacilityKind",
    "Photo",
    "Priority",
    "ProgressReport",
    "Project",
    "ReportState",
    "StageEvent",
]
