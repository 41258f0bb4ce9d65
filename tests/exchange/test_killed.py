"""A worker that is killed while it writes leaves all of the batch or nothing, and the next one finishes it."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from communities.models import Community
from exchange import actions
from exchange.models import Batch
from exchange.workflow import BatchState
from jobs import actions as ledger
from jobs.models import Job
from tests.exchange.conftest import work_off_for_real, workbook
from tests.jobs.conftest import let_claims_expire

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

ROWS = 60
KILLS = 8 if os.environ.get("PORTAL_DEEP") == "1" else 3


def start_worker() -> subprocess.Popen[bytes]:
    """A process that claims the batch's job and writes slowly."""
    address = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "xiaogan_portal.settings"}
    command = [sys.executable, "-m", "tests.exchange.slow_worker"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)


def wait_until(condition: Any, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


def written() -> set[int | None]:
    """The distinct numbers of households that stand there now: one of them, or the import is half done."""
    return set(Community.objects.values_list("households", flat=True))


def test_killed_at_random_points_it_is_all_or_nothing(clerk: Any, place: Any) -> None:
    for number in range(ROWS):
        place(f"XC-P-{number:03}", f"示例{number}社区", households=1)
    heads = ["编号", "名称", "户数"]
    content = workbook([heads, *([f"XC-P-{number:03}", f"示例{number}社区", 2] for number in range(ROWS))])
    batch = actions.upload(
        actor=clerk, target="communities", place="XC", file=io.BytesIO(content), name="表.xlsx", size=len(content)
    )
    work_off_for_real()
    batch.refresh_from_db()
    actions.apply_batch(batch, actor=clerk)
    chance = random.Random(7)
    for _kill in range(KILLS):
        Job.objects.filter(kind=actions.APPLY).update(attempts=0)
        worker = start_worker()
        wait_until(lambda: Job.objects.running().filter(kind=actions.APPLY).exists())
        time.sleep(chance.uniform(0.1, 1.2))
        worker.kill()
        worker.wait()
        assert written() == {1}, "nothing of it"
        let_claims_expire()
        wait_until(lambda: ledger.sweep() or Job.objects.waiting().filter(kind=actions.APPLY).exists())
    Job.objects.filter(kind=actions.APPLY).update(attempts=0)
    work_off_for_real()
    assert (written(), Batch.objects.get().state) == ({2}, BatchState.APPLIED)
