"""Every write to the ledger: enqueue, claim, execute, sweep, retry."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditVerb, User
from core.errors import NotAllowed, WrongState
from jobs import broker, registry
from jobs.models import Job
from jobs.querysets import is_system_administrator
from jobs.registry import Payload
from jobs.workflow import JobState, after_failure, rest_after

logger = logging.getLogger("portal.jobs")

# How long a claim holds before the worker has begun. From then on the locked row is its lease (see `execute`).
CLAIM_HOLDS = dt.timedelta(seconds=15)
LONGEST_ERROR = 2000
# One wake-up call does at most so many jobs for at most so long; the next call goes on.
JOBS_A_CALL = 50
SECONDS_A_CALL = 30.0


class LeaseLostError(Exception):
    """The job belongs to another worker by now, or is done. Whatever was written for it must be undone."""


@dataclass(frozen=True)
class Claimed:
    """A job that this worker, and no other, may do: the token proves it."""

    pk: int
    token: uuid.UUID
    kind: str
    key: str
    payload: Payload = field(default_factory=dict)


def enqueue(kind: str, key: str, payload: Payload | None = None, *, run_after: dt.datetime | None = None) -> None:
    """Record, in the caller's transaction, that this work must be done after it.

    Kind and key name the work. Where it waits already that row stands for both, with its own payload and time;
    where it is running a second row is made, for the running one may have read too early. Raises LookupError
    for a kind that nobody does.
    """
    _write(kind, {key: payload or {}}, run_after)


def enqueue_many(kind: str, keys: Iterable[str], *, run_after: dt.datetime | None = None) -> None:
    """As `enqueue`, for many keys at once, without payload."""
    _write(kind, dict.fromkeys(keys, {}), run_after)


def enqueue_once(kind: str, key: str, period: str, payload: Payload | None = None) -> None:
    """Record scheduled work for a period (say `2013-12-20`): one row, ever, however often it is called.

    Raises ValueError without a period, LookupError for a kind that nobody does.
    """
    registry.get(kind)
    if not period:
        raise ValueError("scheduled work needs a period")
    with transaction.atomic():
        row = Job(kind=kind, key=key, period=period, payload=dict(payload or {}))
        Job.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(_wake)


def claim(kinds: Iterable[str] | None = None) -> Claimed | None:
    """Take the job that has waited longest, or None. Counts the attempt before the work begins.

    `kinds` narrows the choice; by default every kind this process knows. Two workers never get the same job.
    """
    wanted = registry.codes() if kinds is None else list(kinds)
    with transaction.atomic(durable=True):
        job = Job.objects.claimable(wanted).select_for_update(skip_locked=True).first()
        if job is None:
            return None
        token = uuid.uuid4()
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            attempts=F("attempts") + 1,
            token=token,
            started_at=Now(),
            lease_until=Now() + CLAIM_HOLDS,
        )
    return Claimed(job.pk, token, job.kind, job.key, job.payload)


def execute(claimed: Claimed) -> JobState | None:
    """Do a claimed job. Its writes and its end are one transaction: all of it or nothing.

    While the handler works its row stays locked, and the sweep passes locked rows by: a worker that lives keeps
    its job however long it takes, and one that dies loses it at once, since PostgreSQL frees the row with the
    connection. Returns the state the job went to, None when it belonged to another worker by then.
    """
    try:
        with transaction.atomic(durable=True):
            kind = registry.get(claimed.kind)
            _hold_claim(claimed, kind.lease_seconds)
            result = kind.handler(claimed.key, claimed.payload)
            _finish(claimed, result or {})
    except LeaseLostError:
        logger.warning("job %s belongs to another worker by now; nothing was written", claimed.pk)
        return None
    except Exception as error:
        logger.exception("job %s (%s %s) failed", claimed.pk, claimed.kind, claimed.key)
        return _fail(claimed, error)
    return JobState.DONE


def work_off() -> int:
    """Claim and do what is waiting, within the bounds of one call. Returns how many jobs were tried."""
    ends = time.monotonic() + SECONDS_A_CALL
    tried = 0
    while tried < JOBS_A_CALL and time.monotonic() < ends:
        claimed = claim()
        if claimed is None:
            break
        # One further call, once: an idle worker shares the load, and where there is none the call waits until
        # this one is over and goes on. A call that finds nothing makes no further one.
        if tried == 0 and _anything_waits():
            broker.wake()
        execute(claimed)
        tried += 1
    return tried


def sweep() -> int:
    """Take jobs from workers that died, and wake a worker where anything waits. Returns how many were taken."""
    taken = 0
    # One transaction a job: a batch would hold locks on several keys against people who are saving.
    for pk in list(Job.objects.expired().values_list("pk", flat=True)):
        with transaction.atomic(durable=True):
            job = Job.objects.expired().filter(pk=pk).select_for_update(skip_locked=True).first()
            if job is not None:
                _give_back(job, _("执行它的进程中断了。"), dt.timedelta())
                taken += 1
    if _anything_waits():
        broker.wake()
    return taken


def retry(job: Job, *, actor: User) -> Job:
    """Let a parked job wait again, with three new attempts.

    Raises NotAllowed for anybody but a system administrator, WrongState where the job is not parked (any more).
    """
    if not is_system_administrator(actor):
        raise NotAllowed(_("只有系统管理员可以重试后台作业。"))
    with transaction.atomic():
        stored = Job.objects.select_for_update().get(pk=job.pk)
        if stored.state != JobState.PARKED:
            raise WrongState(_("这个作业现在不是“已停放”，不用重试。"))
        _wait_again(stored, attempts=0, run_after=Now())
        audit.record(
            AuditVerb.RETRIED, actor=actor, target=str(stored), detail={"job": stored.pk, "error": stored.error}
        )
        transaction.on_commit(_wake)
        stored.refresh_from_db()
    return stored


def _write(kind: str, payloads: dict[str, Payload], run_after: dt.datetime | None) -> None:
    registry.get(kind)
    when = {} if run_after is None else {"run_after": run_after}
    with transaction.atomic():
        # In the order of the keys, so that two callers cannot wait for each other.
        missing = sorted(payloads)
        while missing:
            rows = [Job(kind=kind, key=key, payload=dict(payloads[key]), **when) for key in missing]
            Job.objects.bulk_create(rows, ignore_conflicts=True)
            held = _hold_waiting(kind, missing)
            # Claimed between the two statements: it may read before we commit, so it needs a row after all.
            missing = [key for key in missing if key not in held]
        transaction.on_commit(_wake)


def _hold_waiting(kind: str, keys: list[str]) -> set[str]:
    """The keys that wait now, and will until the caller commits: nobody claims a row that is locked.

    Without it a worker could take the waiting row, read before the caller's changes are visible, and finish;
    they would be missing until the next change. The lock is shared, so that people who save do not wait for each other.
    """
    query, values = Job.objects.twins_of(kind, keys).order_by("key").values("key").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{query} FOR SHARE", values)
        return {key for (key,) in cursor.fetchall()}


def _hold_claim(claimed: Claimed, lease_seconds: int) -> None:
    if not _claim_of(claimed).select_for_update().exists():
        raise LeaseLostError
    with connection.cursor() as cursor:
        # A frozen worker loses its connection, and with it the job; so does one that dies in a long statement.
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, true),"
            " set_config('client_connection_check_interval', '2s', true)",
            [f"{lease_seconds}s"],
        )


def _claim_of(claimed: Claimed) -> Any:
    return Job.objects.running().filter(pk=claimed.pk, token=claimed.token)


def _finish(claimed: Claimed, result: dict[str, Any]) -> None:
    ended = _claim_of(claimed).update(
        state=JobState.DONE, token=None, lease_until=None, finished_at=Now(), error="", result=result
    )
    if not ended:
        raise LeaseLostError


def _fail(claimed: Claimed, error: Exception) -> JobState | None:
    with transaction.atomic(durable=True):
        job = _claim_of(claimed).select_for_update().first()
        if job is None:
            return None
        return _give_back(job, f"{type(error).__name__}: {error}"[:LONGEST_ERROR], rest_after(job.attempts))


def _give_back(job: Job, error: str, rest: dt.timedelta) -> JobState:
    if after_failure(job.attempts) == JobState.WAITING:
        return _wait_again(job, error=error, run_after=Now() + rest)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.PARKED, token=None, lease_until=None, finished_at=Now(), error=error
    )
    logger.error("job %s (%s) is parked after %s attempts: %s", job.pk, job, job.attempts, error)
    return JobState.PARKED


def _wait_again(job: Job, **values: Any) -> JobState:
    """Let a job wait, or end it where the same work waits already: that row then inherits its attempts."""
    while True:
        try:
            with transaction.atomic():
                Job.objects.filter(pk=job.pk).update(
                    state=JobState.WAITING, token=None, lease_until=None, finished_at=None, **values
                )
            return JobState.WAITING
        except IntegrityError as conflict:
            if "job_waits_once" not in str(conflict):
                raise
        # None: claimed in the meantime, so there is room now.
        twin = Job.objects.twins_of(job.kind, [job.key]).select_for_update().first()
        if twin is not None:
            _merge(job, twin, **values)
            return JobState.DONE


def _merge(job: Job, twin: Job, **values: Any) -> None:
    attempts = max(twin.attempts, values.get("attempts", job.attempts))
    error = values.get("error", job.error)
    Job.objects.filter(pk=twin.pk).update(attempts=attempts, error=error)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.DONE,
        token=None,
        lease_until=None,
        finished_at=Now(),
        error=error,
        result={"merged_into": twin.pk},
    )


def _anything_waits() -> bool:
    return Job.objects.claimable(registry.codes()).exists()


def _wake() -> None:
    broker.wake()
