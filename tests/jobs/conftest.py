"""What the tests of the ledger share: kinds of work that come and go, a silent broker, effects in a table."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.models import AuditEntry, AuditVerb
from jobs import broker, registry
from jobs.models import Job

Register = Callable[..., str]


@pytest.fixture
def register() -> Iterator[Register]:
    """`register(handler, **options)`: a kind of work for the length of a test; returns its code."""
    codes: list[str] = []

    def add(handler: registry.Handler | None = None, code: str = "", **options: Any) -> str:
        code = code or f"test-{uuid.uuid4().hex[:8]}"
        registry.register(code, handler or write_effect, label="测试作业", **options)
        codes.append(code)
        return code

    yield add
    for code in codes:
        registry.forget(code)


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The wake-up calls that would have gone out. No test but those of the broker itself needs one."""
    made: list[str] = []
    monkeypatch.setattr(broker, "_publish", lambda: made.append("call"))
    broker.breaker.worked()
    return made


def write_effect(key: str, payload: registry.Payload) -> dict[str, Any]:
    """A handler that leaves a row: a line of the audit log, since the ledger's app sees no other table."""
    AuditEntry.objects.create(verb=AuditVerb.REFUSED, target=key)
    return {"written": 1}


def effects(key: str = "") -> int:
    """How many rows handlers left, in all or for one key."""
    rows = AuditEntry.objects.filter(verb=AuditVerb.REFUSED)
    return (rows.filter(target=key) if key else rows).count()


def the_job(kind: str) -> Job:
    """The only job of a kind."""
    return Job.objects.get(kind=kind)


def let_claims_expire() -> None:
    """As if the time of every claim had run out."""
    Job.objects.running().update(lease_until=Now() - dt.timedelta(seconds=1))


def let_rest_pass() -> None:
    """As if every waiting job had rested long enough."""
    Job.objects.waiting().update(run_after=Now() - dt.timedelta(seconds=1))
