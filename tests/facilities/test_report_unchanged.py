"""“No change” in one action: it repeats what was approved last, and never what something newer has overtaken."""

from __future__ import annotations

import pytest

from communities.models import ReportingUnit
from core.errors import RuleViolation, WrongState
from facilities import report_actions as actions
from facilities.models import ProgressReport
from tests import factories
from tests.facilities.report_scene import Scene, make_scene


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def test_no_change_is_one_action_and_repeats_what_was_approved(scene: Scene) -> None:
    with pytest.raises(RuleViolation, match="还没有报过"):
        actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    scene.approved(factories.make_month(2013, 11), percent=22, text="打桩", problem="缺水")
    report = actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    assert (report.state, report.percent, report.text, report.problem) == ("submitted", 22, "打桩", "缺水")
    with pytest.raises(WrongState):
        actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    assert ProgressReport.objects.of_month(scene.month).count() == 1


def test_no_change_does_not_hide_a_draft_that_has_changes(scene: Scene) -> None:
    scene.approved(factories.make_month(2013, 11), percent=22)
    draft = actions.save_draft(scene.project, scene.month, {"percent": 30}, actor=scene.entry)
    with pytest.raises(WrongState, match="草稿"):
        actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    draft = actions.save_draft(scene.project, scene.month, {"percent": 22}, actor=scene.entry, expected_version=1)
    assert actions.submit_unchanged(scene.project, scene.month, actor=scene.entry).pk == draft.pk


def test_no_change_that_is_odd_is_explained_anew_each_month(scene: Scene) -> None:
    scene.approved(factories.make_month(2013, 11), percent=80, explanation="预制件，安装快")
    with pytest.raises(RuleViolation, match="进度 80%.*打开这个月的月报") as refusal:
        actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    assert refusal.value.field == "explanation" and not ProgressReport.objects.of_month(scene.month).exists()
    actions.save_draft(scene.project, scene.month, {"explanation": "还在装"}, actor=scene.entry)
    report = actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    assert (report.percent, report.explanation) == (80, "还在装")


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "correction"])
def test_no_change_does_not_undo_a_month_that_is_not_approved(scene: Scene, state: str) -> None:
    """It would repeat the older one: percentage, problem and request for help of the month between would be gone."""
    october, november = factories.make_month(2013, 10), factories.make_month(2013, 11)
    scene.approved(october, percent=22)
    if state == "correction":
        actions.begin_correction(scene.approved(november, percent=24), actor=scene.entry, reason="填错")
    else:
        factories.make_report(scene.project, november, state, entry=scene.entry, reviewer=scene.reviewer, percent=24)
    with pytest.raises(WrongState, match="2013-11 的月报是"):
        actions.submit_unchanged(scene.project, scene.month, actor=scene.entry)
    assert not ProgressReport.objects.of_month(scene.month).exists()
    assert actions.submit_report(scene.project, scene.month, {"percent": 25}, actor=scene.entry).percent == 25


def test_an_older_draft_is_no_obstacle_to_repeating_what_came_after_it(scene: Scene) -> None:
    factories.make_report(scene.project, factories.make_month(2013, 10), "draft", entry=scene.entry)
    scene.approved(factories.make_month(2013, 11), percent=24)
    assert actions.submit_unchanged(scene.project, scene.month, actor=scene.entry).percent == 24
