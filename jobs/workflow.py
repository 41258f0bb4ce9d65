"""The states of a job and the moves between them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

# A job that kills its worker was once run 14 times in half a minute: attempts are counted before the work, and end.
MOST_ATTEMPTS = 3


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("等待")
    RUNNING = "running", _("执行中")
    DONE = "done", _("完成")
    PARKED = "parked", _("已停放")


# From a state: the states it may go to, and by what.
MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.RUNNING}),  # claimed
    # finished; failed; failed for the third time
    JobState.RUNNING: frozenset({JobState.DONE, JobState.WAITING, JobState.PARKED}),
    JobState.PARKED: frozenset({JobState.WAITING, JobState.DONE}),  # retried; the same work was waiting already
    JobState.DONE: frozenset(),
}

# How long a job rests after its first failure, and after every later one.
RESTS = (dt.timedelta(seconds=5), dt.timedelta(seconds=20))


def rest_after(attempts: int) -> dt.timedelta:
    """How long a job rests that has failed `attempts` times (1 or more)."""
    return RESTS[min(attempts, len(RESTS)) - 1]


def after_failure(attempts: int) -> JobState:
    """Where a job goes whose attempt number `attempts` failed."""
    return JobState.PARKED if attempts >= MOST_ATTEMPTS else JobState.WAITING
