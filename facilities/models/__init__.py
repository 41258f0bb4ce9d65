"""Construction: projects, their plans and dated stages, the rules they are judged by, and the monthly reports."""

from facilities.models.projects import (
    HOUSING,
    MOST_MAJOR,
    PLAN_DAYS,
    FacilityKind,
    Position,
    Priority,
    Project,
    StageEvent,
)

# isort: split
from facilities.models.ladder import InfrastructureType, StageDefinition
from facilities.models.lights import LightThreshold, RedMark
from facilities.models.ordering import OrderingExemption, OrderingRule
from facilities.models.photo_rules import MOST_PHOTOS
from facilities.models.photos import Photo
from facilities.models.plans import PlannedStage
from facilities.models.reports import ProgressReport
from facilities.report_workflow import ReportState

__all__ = [
    "HOUSING",
    "MOST_MAJOR",
    "MOST_PHOTOS",
    "PLAN_DAYS",
    "FacilityKind",
    "InfrastructureType",
    "LightThreshold",
    "OrderingExemption",
    "OrderingRule",
    "Photo",
    "PlannedStage",
    "Position",
    "Priority",
    "ProgressReport",
    "Project",
    "RedMark",
    "ReportState",
    "StageDefinition",
    "StageEvent",
]
