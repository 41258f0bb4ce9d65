"""A Celery application for worker processes of the storm test: the portal's own, and one more kind of work.

Imported by those processes alone: it changes the application.
"""

from __future__ import annotations

import os
import time
from typing import Any

import django
from celery.signals import worker_process_init

django.setup()

from jobs import registry  # noqa: E402
from tests.jobs.conftest import STORM, write_effect  # noqa: E402
from xiaogan_portal.celery import app  # noqa: E402
from xiaogan_portal.embedded.kinship import end_with_parent  # noqa: E402
from xiaogan_portal.schedule import SCHEDULE  # noqa: E402

SECONDS_A_JOB = 0.25

# The ledger's own entry alone: the storm is not about what higher apps schedule.
app.conf.beat_schedule = {"jobs.tasks.sweep": SCHEDULE["jobs.tasks.sweep"]}


def write_slowly(key: str, payload: registry.Payload) -> None:
    """Leave a row, then take a while to finish, so that a kill meets work half done."""
    write_effect(key, payload)
    time.sleep(SECONDS_A_JOB)


@worker_process_init.connect
def tie(**_: Any) -> None:
    """A pool process ends with its worker, as in the embedded mode."""
    end_with_parent(os.getppid())


registry.register(STORM, write_slowly, label="风暴测试")
