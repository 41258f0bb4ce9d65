"""Many people at one report in the same second: one row, one decision, and nobody's text is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

import pytest

from core.errors import RuleViolation, StaleVersion
from facilities import report_actions as actions
from facilities.models import ProgressReport
from facilities.workflow import Stage
from tests import factories
from tests.conftest import DEEP
from tests.facilities.report_scene import Scene, make_scene
from tests.jobs.threads import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
SUBMISSIONS = 20
WRITERS, ROUNDS = (20, 50) if DEEP else (5, 6)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The usual one, committed."""
    return make_scene(factories.make_units()["XC"])


def at_once(act: Callable[[], object], times: int) -> list[object]:
    """What came of the same act by several people who start together: its result, or the refusal."""
    barrier = threading.Barrier(times)

    def run() -> object:
        barrier.wait()
        try:
            return act()
        except RuleViolation as refusal:
            return refusal

    return in_parallel([run] * times)


def test_twenty_identical_submissions_are_one_row(scene: Scene) -> None:
    values = {"percent": 20, "text": "基础完成", "stage": Stage.FOUNDATION, "stage_on": scene.month.month.last_day}
    results = at_once(lambda: actions.submit_report(scene.project, scene.month, values, actor=scene.entry), SUBMISSIONS)
    assert sum(isinstance(result, ProgressReport) for result in results) == 1
    assert all(isinstance(result, ProgressReport | StaleVersion) for result in results)
    assert ProgressReport.objects.get().version == 1


def test_twenty_times_no_change_is_one_row(scene: Scene) -> None:
    scene.approved(factories.make_month(2013, 11), percent=15)
    results = at_once(lambda: actions.submit_unchanged(scene.project, scene.month, actor=scene.entry), SUBMISSIONS)
    assert sum(isinstance(result, ProgressReport) for result in results) == 1
    assert ProgressReport.objects.of_month(scene.month).count() == 1


def test_one_approval_of_many_adds_one_stage(scene: Scene) -> None:
    last = scene.month.month.last_day
    report = scene.filed(stage=Stage.FOUNDATION, stage_on=last, percent=20)
    results = at_once(
        lambda: actions.approve_report(report, actor=scene.reviewer, expected_version=1), SUBMISSIONS // 2
    )
    assert sum(isinstance(result, ProgressReport) for result in results) == 1
    assert scene.project.stages.filter(stage=Stage.FOUNDATION).count() == 1


def test_of_approving_returning_and_taking_back_one_happens(scene: Scene) -> None:
    for _ in range(3):
        report = scene.filed_one()
        decided: dict[str, Any] = {"actor": scene.reviewer, "expected_version": 1}
        tries = iter(
            [
                partial(actions.approve_report, report, **decided),
                partial(actions.return_report, report, **decided, reason="请核对"),
                partial(actions.withdraw_report, report, actor=scene.entry, expected_version=1),
            ]
        )
        results = at_once(lambda tries=tries: next(tries)(), 3)  # type: ignore[misc]
        assert sum(isinstance(result, ProgressReport) for result in results) == 1
        assert ProgressReport.objects.get(pk=report.pk).version == 2


def test_no_update_is_lost(scene: Scene) -> None:
    """Each writer adds one to what it read, again and again: the sum is what was acknowledged, no more and no less."""
    report = actions.save_draft(scene.project, scene.month, {"text": "0"}, actor=scene.entry)

    def write() -> int:
        acknowledged = 0
        for _ in range(ROUNDS):
            seen = ProgressReport.objects.get(pk=report.pk)
            values = {"text": str(int(seen.text) + 1)}
            with suppress(StaleVersion):
                actions.save_draft(scene.project, scene.month, values, actor=scene.entry, expected_version=seen.version)
                acknowledged += 1
        return acknowledged

    acknowledged = sum(cast(list[int], in_parallel([write] * WRITERS)))
    stored = ProgressReport.objects.get(pk=report.pk)
    assert (int(stored.text), stored.version) == (acknowledged, acknowledged + 1)
    assert acknowledged >= ROUNDS, "somebody always gets through"


def test_two_batches_over_the_same_reports_do_not_wait_for_each_other_crosswise(scene: Scene) -> None:
    reports = [scene.filed_one() for _ in range(6)]
    asked = [(report.pk, report.version) for report in reports]
    orders = iter([asked, asked[::-1]])
    at_once(lambda: actions.approve_many(next(orders), actor=scene.reviewer), 2)
    assert ProgressReport.objects.approved().count() == len(reports)
