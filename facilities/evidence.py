"""What proves a stage, as the ladder's definitions say: papers that are named, and photos.

Where a definition asks for no photo, none is taken. Nothing that is asked for stops a report: missing papers ask for a
sentence (`report_checks`), and the reviewer is told of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facilities.models import StageDefinition
from facilities.workflow import Stage


@dataclass(frozen=True)
class Asked:
    """What the definitions ask for: papers in words by stage, and the stages that want photos."""

    papers: Mapping[int, str]
    photos: frozenset[int]


def evidence_asked() -> Asked:
    """What each stage asks for. One query."""
    rows = list(StageDefinition.objects.values_list("stage", "evidence", "needs_photo"))
    papers = {stage: evidence for stage, evidence, _photo in rows if evidence}
    return Asked(papers, frozenset(stage for stage, _evidence, photo in rows if photo))


def photo_wanted(stage: int) -> bool:
    """Whether a stage asks for photos; where it does not, none is taken. One query."""
    return StageDefinition.objects.filter(stage=stage, needs_photo=True).exists()


def photo_stages() -> list[Stage]:
    """The stages that ask for photos, in the order of the ladder. One query."""
    asked = StageDefinition.objects.filter(needs_photo=True).order_by("stage")
    return [Stage(stage) for stage in asked.values_list("stage", flat=True)]
