"""The states of a batch and the moves between them, and what may become of a row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    """Where an upload stands."""

    READING = "reading", _("核对中")
    MAPPING = "mapping", _("待选列")
    READY = "ready", _("待确认")
    REFUSED = "refused", _("没有读成")
    APPLYING = "applying", _("导入中")
    APPLIED = "applied", _("已导入")
    UNDOING = "undoing", _("撤回中")
    UNDONE = "undone", _("已撤回")
    DISCARDED = "discarded", _("已放弃")


class Outcome(models.TextChoices):
    """What becomes of a row."""

    NEW = "new", _("新增")
    CHANGED = "changed", _("有变化")
    UNCHANGED = "unchanged", _("没有变化")
    REJECTED = "rejected", _("不能导入")


S = BatchState
# From a state: the states it may go to, and by what. The database holds the same table (`exchange.models`).
MOVES: dict[BatchState, frozenset[BatchState]] = {
    # columns unknown; read; unreadable; given up while it was read
    S.READING: frozenset({S.MAPPING, S.READY, S.REFUSED, S.DISCARDED}),
    S.MAPPING: frozenset({S.READING, S.DISCARDED}),
    # its columns were said anew, so it is read again
    S.READY: frozenset({S.READING, S.APPLYING, S.DISCARDED}),
    # done; a row was no longer as it was seen, so it is shown again
    S.APPLYING: frozenset({S.APPLIED, S.READY}),
    S.APPLIED: frozenset({S.UNDOING}),
    # done; something newer stands on it
    S.UNDOING: frozenset({S.UNDONE, S.APPLIED}),
    S.REFUSED: frozenset(),
    S.UNDONE: frozenset(),
    S.DISCARDED: frozenset(),
}
# A worker is at it: the page shows progress and may be left.
BUSY = frozenset({S.READING, S.APPLYING, S.UNDOING})
# What is written if the good rows are taken.
WRITTEN = frozenset({Outcome.NEW, Outcome.CHANGED})


def may_move(state: str, to: str) -> bool:
    """Whether a batch may go from one state to the other."""
    return BatchState(to) in MOVES[BatchState(state)]
