"""Projects by step and by kind: indicators of one shape, which the roll-up reads in one go."""

from __future__ import annotations

from django.db.models import CharField, F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from dashboards.indicators.base import Indicator
from dashboards.indicators.construction import (
    AtStep,
    ProjectIndicator,
    Projects,
    ProjectsBuilt,
    ProjectsInUse,
    ProjectsMainWorks,
    ProjectsStarted,
)
from facilities.models import FacilityKind
from facilities.workflow import Stage

_AT = "projects_at_"
# What is counted of each kind, by the end of its code.
_OF_KIND: dict[str, ProjectIndicator] = {
    "_projects": Projects(),
    "_started": ProjectsStarted(),
    "_main_works": ProjectsMainWorks(),
    "_built": ProjectsBuilt(),
    "_in_use": ProjectsInUse(),
}


def at_step(step: Stage) -> str:
    """The code of the figure of projects that stand at a step."""
    return f"{_AT}{step.value}"


def codes_of_kind(kind: FacilityKind) -> dict[str, str]:
    """The codes of a kind's figures, by the code of the figure over all kinds."""
    return {whole.code: f"{kind.value}{end}" for end, whole in _OF_KIND.items()}


def members() -> list[Indicator]:
    """Every indicator of the families, in the order in which they are shown."""
    steps = [AtStep(step, at_step(step)) for step in Stage]
    kinds = [whole.of_kind(kind, f"{kind.value}{end}") for kind in FacilityKind for end, whole in _OF_KIND.items()]
    return [*steps, *kinds]


def readings() -> list[tuple[Combinable, Indicator]]:
    """How families are read: the indicator over all of a family's facts, and the code of the figure that each is in."""
    steps = Concat(Value(_AT), Cast("stage", CharField()))
    return [(steps, Projects()), *((Concat(F("kind"), Value(end)), whole) for end, whole in _OF_KIND.items())]
