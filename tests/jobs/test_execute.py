"""Doing work: its writes and its end together, three attempts, and no word from a worker that lost its job."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection

from jobs import actions
from jobs.actions import Claimed
from jobs.models import Job
from jobs.workflow import JobState
from tests.jobs.conftest import Register, effects, let_claims_expire, let_rest_pass, the_job, write_effect

DATABASES = ["default", "owner"]
together = pytest.mark.django_db(transaction=True, databases=DATABASES)
alone = pytest.mark.django_db(databases=DATABASES)


def claim() -> Claimed:
    """The next job, which must be there."""
    claimed = actions.claim()
    assert claimed is not None
    return claimed


def write_and_fail(key: str, payload: Any) -> None:
    """A handler that fails after its write."""
    write_effect(key, payload)
    raise ValueError("数据不对")


@alone
def test_a_finished_job_keeps_its_result(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    assert actions.execute(claim()) == JobState.DONE
    job = the_job(kind)
    assert (job.state, job.result, job.error, job.token) == (JobState.DONE, {"written": 1}, "", None)
    assert job.finished_at is not None
    assert effects("XN") == 1


@together
def test_a_fault_between_the_work_and_its_end_undoes_both(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_finish", _fault)
        assert actions.execute(claim()) == JobState.WAITING
    assert effects("XN") == 0
    let_rest_pass()
    assert actions.execute(claim()) == JobState.DONE
    assert effects("XN") == 1


@together
def test_a_fault_after_the_end_undoes_both(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    finish = actions._finish

    def finish_then_fail(claimed: Claimed, result: dict[str, Any]) -> None:
        finish(claimed, result)
        _fault()

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_finish", finish_then_fail)
        assert actions.execute(claim()) == JobState.WAITING
    assert effects("XN") == 0
    assert the_job(kind).state == JobState.WAITING


@alone
def test_a_worker_that_comes_too_late_writes_nothing(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    late = claim()
    let_claims_expire()
    assert actions.sweep() == 1
    in_time = claim()
    assert in_time.pk == late.pk
    assert actions.execute(late) is None
    assert effects("XN") == 0
    assert actions.execute(in_time) == JobState.DONE
    assert actions.execute(late) is None
    assert effects("XN") == 1


@alone
def test_a_late_failure_does_not_touch_the_job_either(register: Register) -> None:
    kind = register(write_and_fail)
    actions.enqueue(kind, "XN")
    late = claim()
    let_claims_expire()
    actions.sweep()
    claim()
    before = the_job(kind)
    assert actions._fail(late, ValueError("late")) is None
    assert (
        the_job(kind).__dict__.items() >= {"state": before.state, "token": before.token, "error": before.error}.items()
    )


@alone
def test_a_claim_lost_during_the_work_undoes_the_work(register: Register) -> None:
    def lose_then_write(key: str, payload: Any) -> None:
        write_effect(key, payload)
        Job.objects.filter(key=key).update(state=JobState.WAITING, token=None, lease_until=None)

    kind = register(lose_then_write)
    actions.enqueue(kind, "XN")
    assert actions.execute(claim()) is None
    assert effects("XN") == 0


@alone
def test_three_attempts_then_parked_with_the_error_and_others_go_on(register: Register) -> None:
    bad, good = register(write_and_fail), register()
    actions.enqueue(bad, "bad")
    actions.enqueue(good, "good")
    for _attempt in range(5):
        actions.work_off()
        let_rest_pass()
    job = the_job(bad)
    assert (job.state, job.attempts) == (JobState.PARKED, 3)
    assert job.error == "ValueError: 数据不对"
    assert job.finished_at is not None
    assert the_job(good).state == JobState.DONE
    assert effects("bad") == 0
    assert effects("good") == 1


@alone
def test_a_failed_job_rests_before_its_next_attempt(register: Register) -> None:
    kind = register(write_and_fail)
    actions.enqueue(kind, "XN")
    actions.work_off()
    job = the_job(kind)
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert actions.claim() is None


@alone
def test_a_failed_job_gives_way_to_the_row_that_waits_for_the_same_work(register: Register) -> None:
    kind = register(write_and_fail)
    actions.enqueue(kind, "XN")
    first = claim()
    actions.enqueue(kind, "XN")
    assert actions.execute(first) == JobState.DONE
    twin = Job.objects.get(state=JobState.WAITING)
    assert Job.objects.get(pk=first.pk).result == {"merged_into": twin.pk}
    assert (twin.attempts, twin.error) == (1, "ValueError: 数据不对")


@alone
def test_a_broken_statement_in_a_handler_is_a_failure_like_any_other(register: Register) -> None:
    def broken(key: str, payload: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM jobs_job")

    kind = register(broken)
    actions.enqueue(kind, "XN")
    actions.work_off()
    assert "no_such_column" in the_job(kind).error


@together
def test_a_frozen_worker_loses_its_connection_and_its_job(register: Register) -> None:
    def freeze(key: str, payload: Any) -> None:
        write_effect(key, payload)
        time.sleep(1.5)

    kind = register(freeze, lease_seconds=1)
    actions.enqueue(kind, "XN")
    assert actions.execute(claim()) == JobState.WAITING
    assert effects("XN") == 0
    assert the_job(kind).attempts == 1


@alone
def test_one_call_does_a_bounded_number_of_jobs_and_calls_another_worker(
    register: Register, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "JOBS_A_CALL", 3)
    kind = register()
    actions.enqueue_many(kind, list("abcde"))
    assert actions.work_off() == 3
    assert calls == ["call"]
    assert actions.work_off() == 2
    assert actions.work_off() == 0
    assert calls == ["call", "call"]
    assert effects() == 5


def _fault(*args: Any) -> None:
    raise OSError("the power went")
