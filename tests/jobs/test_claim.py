"""Taking work: each job by one worker, the longest waiting first, the attempt counted before the work."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import actions, registry
from jobs.actions import Claimed
from jobs.models import Job
from jobs.workflow import JobState
from tests.jobs.conftest import Register, effects, the_job
from tests.jobs.threads import elsewhere, in_parallel

DATABASES = ["default", "owner"]
together = pytest.mark.django_db(transaction=True, databases=DATABASES)
alone = pytest.mark.django_db(databases=DATABASES)


@together
def test_parallel_workers_never_take_the_same_job(register: Register) -> None:
    kind = register()
    actions.enqueue_many(kind, [str(number) for number in range(40)])

    def take_all() -> list[int]:
        taken = []
        while (claimed := actions.claim()) is not None:
            taken.append(claimed.pk)
        return taken

    taken = [pk for pks in in_parallel([take_all] * 4) for pk in pks]  # type: ignore[attr-defined]
    assert len(taken) == 40
    assert Counter(taken).most_common(1)[0][1] == 1


@together
def test_parallel_workers_do_each_job_once(register: Register) -> None:
    kind = register()
    actions.enqueue_many(kind, [str(number) for number in range(30)])
    in_parallel([actions.work_off] * 4)
    assert effects() == 30
    assert all(effects(str(number)) == 1 for number in range(30))


@together
def test_a_worker_passes_a_locked_job_by(register: Register) -> None:
    kind = register()
    actions.enqueue_many(kind, ["a", "b"])
    with transaction.atomic():
        first = Job.objects.claimable([kind]).select_for_update().first()
        assert first is not None
        other = elsewhere(actions.claim)
        assert isinstance(other, Claimed)
        assert other.pk != first.pk


@alone
def test_the_attempt_is_counted_before_the_work(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    claimed = actions.claim()
    job = the_job(kind)
    assert claimed is not None
    assert (job.state, job.attempts, job.token) == (JobState.RUNNING, 1, claimed.token)
    assert job.started_at is not None
    assert job.lease_until is not None


@alone
def test_the_longest_waiting_comes_first_and_nothing_before_its_time(register: Register) -> None:
    kind = register()
    now = timezone.now()
    actions.enqueue(kind, "new", run_after=now - dt.timedelta(minutes=1))
    actions.enqueue(kind, "old", run_after=now - dt.timedelta(minutes=9))
    actions.enqueue(kind, "tomorrow", run_after=now + dt.timedelta(days=1))
    assert [claimed.key for claimed in (actions.claim(), actions.claim()) if claimed] == ["old", "new"]
    assert actions.claim() is None


@alone
def test_a_worker_leaves_what_it_does_not_know(register: Register) -> None:
    known, unknown = register(), register()
    actions.enqueue(unknown, "later version")
    actions.enqueue(known, "XN")
    registry.forget(unknown)
    claimed = actions.claim()
    assert claimed is not None
    assert claimed.kind == known
    assert actions.claim() is None
    assert the_job(unknown).attempts == 0


@alone
def test_kinds_may_be_chosen(register: Register) -> None:
    first, second = register(), register()
    actions.enqueue(first, "XN")
    actions.enqueue(second, "XN")
    claimed = actions.claim([second])
    assert claimed is not None
    assert claimed.kind == second


def test_one_kind_has_one_handler(register: Register) -> None:
    kind = register()
    with pytest.raises(ValueError, match="twice"):
        registry.register(kind, lambda key, payload: None, label="另一个")


@alone
@pytest.mark.parametrize(
    "changes",
    [
        {"state": "lost"},
        {"attempts": 4},
        {"state": JobState.RUNNING},
        {"state": JobState.DONE},
        {"finished_at": timezone.now()},
        {"lease_until": timezone.now()},
    ],
)
def test_the_database_refuses_a_row_that_makes_no_sense(register: Register, changes: dict[str, object]) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(kind=kind).update(**changes)
