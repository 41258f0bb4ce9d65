"""Recording work: one waiting row for the same work, and no change that falls between two runs."""

from __future__ import annotations

import pytest
from django.db import transaction

from jobs import actions
from jobs.models import Job
from jobs.workflow import JobState
from tests.jobs.conftest import Register, the_job
from tests.jobs.threads import elsewhere, in_parallel

DATABASES = ["default", "owner"]
together = pytest.mark.django_db(transaction=True, databases=DATABASES)
alone = pytest.mark.django_db(databases=DATABASES)


@alone
def test_the_same_work_waits_once(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN", {"unit": 1})
    actions.enqueue(kind, "XN", {"unit": 1})
    actions.enqueue(kind, "XC")
    assert sorted(Job.objects.waiting().values_list("key", flat=True)) == ["XC", "XN"]
    assert Job.objects.get(key="XN").payload == {"unit": 1}
    assert Job.objects.pending(kind).count() == 2


@alone
def test_a_change_while_the_work_runs_makes_a_second_row(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    claimed = actions.claim()
    assert claimed is not None
    actions.enqueue(kind, "XN")
    assert sorted(Job.objects.values_list("state", flat=True)) == [JobState.RUNNING, JobState.WAITING]
    assert actions.execute(claimed) == JobState.DONE
    assert Job.objects.pending(kind).count() == 1


@alone
def test_many_keys_at_once(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "b")
    actions.enqueue_many(kind, ["c", "a", "b", "c"])
    assert sorted(Job.objects.values_list("key", flat=True)) == ["a", "b", "c"]


@alone
def test_work_that_nobody_does_is_refused() -> None:
    with pytest.raises(LookupError, match="unheard-of"):
        actions.enqueue("unheard-of", "XN")


@alone
def test_scheduled_work_is_recorded_once_a_period_even_after_it_is_done(register: Register) -> None:
    kind = register()
    for _beat in range(2):
        actions.enqueue_once(kind, "all", "2013-12-20")
    actions.work_off()
    actions.enqueue_once(kind, "all", "2013-12-20")
    assert the_job(kind).state == JobState.DONE
    actions.enqueue_once(kind, "all", "2013-12-21")
    actions.enqueue_once(kind, "all", "2013-12-22")
    assert Job.objects.waiting().count() == 2
    with pytest.raises(ValueError, match="period"):
        actions.enqueue_once(kind, "all", "")


@together
def test_nothing_is_recorded_or_called_when_the_caller_rolls_back(register: Register, calls: list[str]) -> None:
    kind = register()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.enqueue(kind, "XN")
        raise RuntimeError
    assert not Job.objects.exists()
    assert calls == []


@together
def test_a_worker_is_called_after_the_commit(register: Register, calls: list[str]) -> None:
    kind = register()
    with transaction.atomic():
        actions.enqueue(kind, "XN")
        assert calls == []
    assert calls == ["call"]


@together
def test_a_waiting_row_is_not_taken_before_the_second_change_is_visible(register: Register) -> None:
    """Else the worker reads before the second change is committed, finishes, and the change is in no figure."""
    kind = register()
    actions.enqueue(kind, "XN")
    with transaction.atomic():
        actions.enqueue(kind, "XN")
        assert elsewhere(actions.claim) is None
    assert elsewhere(actions.claim) is not None


@together
def test_two_people_who_save_do_not_wait_for_each_other(register: Register) -> None:
    kind = register()
    actions.enqueue_many(kind, ["a", "b"])
    with transaction.atomic():
        actions.enqueue(kind, "a")
        elsewhere(lambda: actions.enqueue_many(kind, ["a", "b"]))
        actions.enqueue(kind, "b")
    assert Job.objects.count() == 2


@together
def test_many_callers_and_workers_neither_deadlock_nor_lose(register: Register) -> None:
    kind = register()
    keys = [f"key{number}" for number in range(6)]

    def save() -> None:
        for turn in range(8):
            actions.enqueue_many(kind, keys[turn % 3 :: -1] + keys)

    def work() -> None:
        for _turn in range(8):
            actions.work_off()

    in_parallel([save, save, work, work])
    actions.work_off()
    assert not Job.objects.not_done().exists()
    assert set(Job.objects.values_list("key", flat=True)) == set(keys)
    assert not Job.objects.exclude(error="").exists()
