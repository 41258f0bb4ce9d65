"""Claims, ends, failures, deaths and retries in any order: no change is lost, no job is done twice."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import User
from jobs import actions
from jobs.actions import Claimed
from jobs.models import Job
from jobs.workflow import MOST_ATTEMPTS, MOVES, JobState
from tests.jobs.conftest import Register, effects, let_claims_expire, let_rest_pass, write_effect

KEYS = ("XN", "XC", "DW")


class Ledger(RuleBasedStateMachine):
    """The ledger beside a model of it: how often each key was changed, and the last change that its work has seen."""

    kind: str
    administrator: User
    failing: bool

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        type(self).failing = False
        self.effects_before = effects()
        self.changed = dict.fromkeys(KEYS, 0)
        self.seen = dict.fromkeys(KEYS, 0)
        self.claims: list[Claimed] = []
        self.states: dict[int, JobState] = {}
        self.done = 0

    @rule(key=st.sampled_from(KEYS))
    def change(self, key: str) -> None:
        self.changed[key] += 1
        actions.enqueue(self.kind, key)

    @rule()
    def claim(self) -> None:
        let_rest_pass()
        claimed = actions.claim()
        if claimed is not None:
            self.claims.append(claimed)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        # Claims stay in the list: a worker may come back late, or be called twice.
        claimed = data.draw(st.sampled_from(self.claims))
        if actions.execute(claimed) == JobState.DONE:
            self.done += 1
            self.seen[claimed.key] = self.changed[claimed.key]

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        claimed = data.draw(st.sampled_from(self.claims))
        type(self).failing = True
        actions.execute(claimed)
        type(self).failing = False

    @rule()
    def die(self) -> None:
        let_claims_expire()
        actions.sweep()

    @precondition(lambda self: Job.objects.parked().exists())
    @rule()
    def retry(self) -> None:
        job = Job.objects.parked().earliest("pk")
        actions.retry(job, actor=self.administrator)

    @invariant()
    def no_change_is_lost(self) -> None:
        open_keys = set(Job.objects.not_done().values_list("key", flat=True))
        for key in KEYS:
            assert key in open_keys or self.seen[key] == self.changed[key], key

    @invariant()
    def nothing_is_done_twice(self) -> None:
        assert effects() - self.effects_before == self.done
        finished = Job.objects.filter(state=JobState.DONE, result__has_key="written").count()
        assert finished == self.done

    @invariant()
    def moves_are_those_of_the_table(self) -> None:
        for pk, state, attempts in Job.objects.values_list("pk", "state", "attempts"):
            before = self.states.get(pk, JobState.WAITING)
            assert state == before or JobState(state) in MOVES[before], (before, state)
            assert attempts <= MOST_ATTEMPTS
            self.states[pk] = JobState(state)

    def teardown(self) -> None:
        """Once workers live and people retry what is parked, everything is done."""
        for _turn in range(20):
            if not Job.objects.not_done().exists():
                break
            for job in Job.objects.parked():
                actions.retry(job, actor=self.administrator)
            let_claims_expire()
            actions.sweep()
            let_rest_pass()
            actions.work_off()
        assert not Job.objects.not_done().exists()
        self.done = effects() - self.effects_before
        self.nothing_is_done_twice()


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_change_is_lost_and_no_job_done_twice(register: Register, make_user: Any) -> None:
    def handler(key: str, payload: Any) -> dict[str, Any]:
        effect = write_effect(key, payload)
        if Ledger.failing:
            raise ValueError("一时的错误")
        return effect

    Ledger.kind = register(handler)
    Ledger.administrator = make_user(administrator="system")
    run_state_machine_as_test(Ledger, settings=settings(stateful_step_count=30))
