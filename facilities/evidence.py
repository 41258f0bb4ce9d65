"""Which stages name photos as their evidence: what the ladder's definitions say. Where none does, no photo is taken."""

from __future__ import annotations

from facilities.models import StageDefinition
from facilities.workflow import Stage


def photo_wanted(stage: int) -> bool:
    """Whether a stage asks for photos; where it does not, none is taken. One query."""
    return StageDefinition.objects.filter(stage=stage, needs_photo=True).exists()


def photo_stages() -> list[Stage]:
    """The stages that ask for photos, in the order of the ladder. One query."""
    asked = StageDefinition.objects.filter(needs_photo=True).order_by("stage")
    return [Stage(stage) for stage in asked.values_list("stage", flat=True)]
