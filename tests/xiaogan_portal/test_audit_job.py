"""The daily export goes through the ledger: once a day, with what was missed, tried again after a failure."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts import log_days, signing
from accounts.audit import record
from accounts.models import AuditExport, AuditVerb
from core.periods import today
from jobs.models import Job
from xiaogan_portal import audit_job

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def three_days_ago(settings: Any, tmp_path: Path) -> None:
    """The log begins three days ago."""
    settings.AUDIT_SIGNING_KEY, settings.MEDIA_ROOT = signing.new_key(), tmp_path
    with time_machine.travel(dt.datetime.now(dt.UTC) - 3 * DAY):
        record(AuditVerb.SIGN_IN, actor=None)


def test_asked_every_hour_it_is_done_once_with_what_was_missed() -> None:
    for _ in range(2):
        audit_job.ask()
    job = Job.objects.get(kind=audit_job.KIND)
    assert job.key == job.period == str(today() - DAY)
    assert audit_job.export(job.key, {}) == {"days": 3, "entries": 1}
    assert AuditExport.objects.count() == 3
    audit_job.ask()
    assert Job.objects.count() == 1


def test_the_next_day_is_another_job() -> None:
    audit_job.export(str(today() - DAY), {})
    with time_machine.travel(dt.datetime.now(dt.UTC) + DAY, tick=False):
        audit_job.ask()
        assert Job.objects.get().key == str(today() - DAY)


def test_it_waits_while_yesterday_may_still_be_added_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_days, "writers_since_before", lambda moment: True)
    audit_job.ask()
    assert not Job.objects.exists()
