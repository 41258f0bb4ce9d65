"""What dead workers leave: taken back, at most three times, while living workers keep what they have."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
from django.db import connection, connections

from jobs import actions
from jobs.models import Job
from jobs.workflow import JobState
from tests.jobs.conftest import Register, effects, let_claims_expire, the_job, write_effect

DATABASES = ["default", "owner"]
together = pytest.mark.django_db(transaction=True, databases=DATABASES)
alone = pytest.mark.django_db(databases=DATABASES)


@alone
def test_only_an_expired_claim_is_taken_back(register: Register, calls: list[str]) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    actions.claim()
    assert actions.sweep() == 0
    assert the_job(kind).state == JobState.RUNNING
    assert calls == []
    let_claims_expire()
    assert actions.sweep() == 1
    job = the_job(kind)
    assert (job.state, job.attempts, job.token) == (JobState.WAITING, 1, None)
    assert "中断" in job.error
    assert calls == ["call"]


@alone
def test_the_sweep_calls_a_worker_for_work_whose_own_call_was_lost(register: Register, calls: list[str]) -> None:
    actions.sweep()
    assert calls == []
    actions.enqueue(register(), "XN")
    actions.sweep()
    assert calls == ["call"]


@alone
def test_a_job_whose_worker_dies_three_times_is_parked(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    for _death in range(3):
        assert actions.claim() is not None
        let_claims_expire()
        actions.sweep()
    assert actions.claim() is None
    job = the_job(kind)
    assert (job.state, job.attempts) == (JobState.PARKED, 3)
    assert "中断" in job.error


@alone
def test_a_job_taken_back_gives_way_to_the_row_that_waits_already(register: Register) -> None:
    kind = register()
    actions.enqueue(kind, "XN")
    claimed = actions.claim()
    assert claimed is not None
    actions.enqueue(kind, "XN")
    let_claims_expire()
    assert actions.sweep() == 1
    assert Job.objects.get(pk=claimed.pk).state == JobState.DONE
    assert actions.work_off() == 1
    assert effects("XN") == 1


@together
def test_a_worker_that_lives_keeps_its_job_however_long_it_takes(register: Register) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(key: str, payload: Any) -> dict[str, Any]:
        begun.set()
        assert may_end.wait(30)
        return write_effect(key, payload)

    kind = register(slow)
    actions.enqueue(kind, "XN")
    claimed = actions.claim()
    assert claimed is not None
    let_claims_expire()

    def work() -> None:
        actions.execute(claimed)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    assert actions.sweep() == 0
    may_end.set()
    thread.join(30)
    assert the_job(kind).state == JobState.DONE
    assert effects("XN") == 1


@together
def test_a_job_that_kills_its_worker_is_parked_and_the_others_are_done(register: Register) -> None:
    def poison(key: str, payload: Any) -> None:
        write_effect(key, payload)
        os._exit(9)

    bad, good = register(poison), register()
    actions.enqueue(bad, "poison")
    actions.enqueue_many(good, ["a", "b", "c"])
    deaths = 0
    for _round in range(6):
        deaths += _work_in_a_child() != 0
        let_claims_expire()
        actions.sweep()
    assert deaths == 3
    assert (the_job(bad).state, the_job(bad).attempts) == (JobState.PARKED, 3)
    assert not Job.objects.filter(kind=good).not_done().exists()
    assert effects("poison") == 0
    assert effects() == 3


def _work_in_a_child() -> int:
    """Exit code of a process that works off the ledger."""
    connections.close_all()  # a connection shared with a child belongs to neither
    child = os.fork()
    if child == 0:
        try:
            actions.work_off()
        finally:
            connections.close_all()
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
