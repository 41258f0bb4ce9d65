"""Which stages name photos as their evidence. Source: the definitions of the stages; presumed, to be confirmed."""

from __future__ import annotations

from facilities.workflow import Stage

WITH_PHOTOS = frozenset({Stage.STARTED, Stage.MAIN_WORKS, Stage.TOPPED_OUT, Stage.BASICALLY_BUILT, Stage.ACCEPTED})


def photo_wanted(stage: int) -> bool:
    """Whether a stage asks for photos; where it does not, none is taken."""
    return stage in WITH_PHOTOS


def photo_stages() -> list[Stage]:
    """The stages that ask for photos, in the order of the ladder."""
    return [stage for stage in Stage if photo_wanted(stage)]
