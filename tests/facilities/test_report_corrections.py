"""After approval: a correction with a reason, and when its stage may still change. Absent reviewers. Batches."""

from __future__ import annotations

import datetime as dt

import pytest

from communities.actions import close_month, end_absence, record_absence
from communities.models import ReportingUnit, SampleDay
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from facilities import report_actions as actions
from facilities.actions import record_stage
from facilities.models import ProgressReport
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import Scene, make_scene

Units = dict[str, ReportingUnit]
DECEMBER = dt.date(2013, 12, 5)


@pytest.fixture
def scene(units: Units) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def correct(scene: Scene, report: ProgressReport, **values: object) -> ProgressReport:
    """A correction of the unit's entry, handed in."""
    begun = actions.begin_correction(report, actor=scene.entry, reason="数填错了")
    return actions.submit_report(scene.project, report.month, values, actor=scene.entry, expected_version=begun.version)


def test_a_correction_is_a_new_revision_and_the_old_one_stands_until_it_is_approved(scene: Scene) -> None:
    first = scene.approved(percent=20, text="打桩")
    close_month(scene.month, actor=scene.office)
    again = correct(scene, first, percent=15)
    assert (again.revision, again.text, again.correction_reason, again.is_correction) == (2, "打桩", "数填错了", True)
    reports = ProgressReport.objects
    assert (reports.newest_approved().get(), reports.standing().get(), reports.newest_revision().get()) == (
        first,
        first,
        again,
    )
    done = actions.approve_report(again, actor=scene.reviewer, expected_version=again.version)
    assert (reports.newest_approved().get(), reports.standing().get()) == (done, done)
    first.refresh_from_db()
    assert (first.percent, first.state) == (20, ReportState.APPROVED)


def test_a_correction_says_why_and_only_the_newest_approved_is_corrected(scene: Scene) -> None:
    waiting = scene.filed()
    with pytest.raises(WrongState, match="还没有通过"):
        actions.begin_correction(waiting, actor=scene.entry, reason="数填错了")
    first = actions.approve_report(waiting, actor=scene.reviewer, expected_version=1)
    with pytest.raises(RuleViolation):
        actions.begin_correction(first, actor=scene.entry, reason=" ")
    second = correct(scene, first, percent=15)
    for report in (first, actions.approve_report(second, actor=scene.reviewer, expected_version=second.version)):
        if report.pk == first.pk:
            with pytest.raises(WrongState, match="第 2 版"):
                actions.begin_correction(report, actor=scene.entry, reason="再改")
    third = actions.begin_correction(ProgressReport.objects.get(revision=2), actor=scene.entry, reason="再改")
    assert third.revision == 3
    with pytest.raises(NotAllowed):
        actions.begin_correction(first, actor=factories.make_user(Role.LEADER), reason="不归我")


def test_a_correction_of_a_late_report_is_late_and_of_one_in_time_is_not(scene: Scene) -> None:
    type(scene.month).objects.update(due_on=dt.date(2014, 1, 6), due_reason="测试6")
    day = SampleDay.objects.create(day=dt.date(2014, 1, 5))
    first = scene.approved()
    SampleDay.objects.filter(pk=day.pk).update(day=dt.date(2014, 1, 20))
    again = correct(scene, first, percent=15)
    assert not again.is_late and again.first_submitted_at == first.first_submitted_at


def test_a_correction_may_change_the_newest_stage_with_a_reason(scene: Scene) -> None:
    first = scene.approved(stage=Stage.FOUNDATION, stage_on=DECEMBER, percent=20)
    with pytest.raises(RuleViolation, match="没有前进") as refusal:
        correct(scene, first, stage=Stage.STARTED, stage_on=DECEMBER)
    assert refusal.value.field == "stage_reason"
    again = ProgressReport.objects.get(revision=2)
    values = {"stage": Stage.STARTED, "stage_on": DECEMBER, "stage_reason": "基础还没有验收", "explanation": "属实"}
    filed = actions.submit_report(scene.project, scene.month, values, actor=scene.entry, expected_version=again.version)
    done = actions.approve_report(filed, actor=scene.reviewer, expected_version=filed.version)
    assert done.stage_event is not None and done.stage_event.stage_before == Stage.FOUNDATION
    assert list(scene.project.stages.order_by("pk").values_list("stage", flat=True)) == [5, 6, 5]


def test_a_stage_on_which_something_later_rests_is_not_pulled_away(scene: Scene) -> None:
    november = factories.make_month(2013, 11)
    first = scene.approved(november, stage=Stage.FOUNDATION, stage_on=dt.date(2013, 11, 5), percent=20)
    scene.approved(percent=25)
    back = {"stage": Stage.STARTED, "stage_on": dt.date(2013, 11, 6), "stage_reason": "误报"}
    with pytest.raises(RuleViolation, match="2013-12 的月报已经通过.*最近一个月") as refusal:
        correct(scene, first, **back)
    assert refusal.value.field == "stage"
    record_stage(scene.project, Stage.MAIN_WORKS, occurred_on=DECEMBER, actor=scene.office)
    again = ProgressReport.objects.get(revision=2)
    with pytest.raises(RuleViolation, match="后来已登记“主体施工”（2013-12-05）"):
        actions.submit_report(scene.project, november, back, actor=scene.entry, expected_version=again.version)
    text = actions.submit_report(
        scene.project, november, {"text": "补记"}, actor=scene.entry, expected_version=again.version
    )
    done = actions.approve_report(text, actor=scene.reviewer, expected_version=text.version)
    assert done.stage_event is None and done.stage == Stage.FOUNDATION


def test_a_correction_opens_with_the_stage_that_was_entered_since(scene: Scene) -> None:
    first = scene.approved(percent=20)
    record_stage(scene.project, Stage.FOUNDATION, occurred_on=DECEMBER, basis="补登", actor=scene.office)
    begun = actions.begin_correction(first, actor=scene.entry, reason="补登了阶段")
    assert (begun.stage, begun.stage_on, begun.stage_basis) == (Stage.FOUNDATION, DECEMBER, "补登")


# --- A reviewer who is away -----------------------------------------------------------------------


def test_the_city_office_stands_in_while_every_reviewer_is_away_and_says_why(scene: Scene, units: Units) -> None:
    second = factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])
    report = scene.filed()
    absences = []
    for reviewer in (scene.reviewer, second):
        assert not ProgressReport.objects.reviewable_by(scene.office).exists()
        with pytest.raises(NotAllowed, match="审核人在岗"):
            actions.approve_report(report, actor=scene.office, expected_version=1, away_reason="出差")
        absences.append(record_absence(reviewer, first_day=today(), last_day=today(), reason="出差", actor=reviewer))
    assert ProgressReport.objects.reviewable_by(scene.office).get() == report
    with pytest.raises(RuleViolation) as refusal:
        actions.approve_report(report, actor=scene.office, expected_version=1)
    assert refusal.value.field == "away_reason"
    end_absence(absences[0], actor=scene.office)
    assert not ProgressReport.objects.reviewable_by(scene.office).exists()
    record_absence(scene.reviewer, first_day=today(), last_day=today(), reason="又走了", actor=scene.office)
    done = actions.approve_report(report, actor=scene.office, expected_version=1, away_reason="两人都出差")
    assert (done.reviewed_as, done.away_reason, done.reviewed_for_unit) == (Role.CITY_OFFICE, "两人都出差", True)


def test_it_stands_in_where_the_only_reviewer_entered_and_where_there_is_none(scene: Scene, units: Units) -> None:
    own = actions.submit_report(scene.project, scene.month, {"percent": 10}, actor=scene.reviewer)
    assert list(ProgressReport.objects.reviewable_by(scene.office)) == [own]
    back = actions.return_report(own, actor=scene.office, expected_version=1, reason="请核对")
    assert back.reviewed_for_unit and back.away_reason == ""
    lonely = factories.make_project(factories.make_community(units["DW"]), "other")
    clerk = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    filed = actions.submit_report(lonely, scene.month, {"percent": 1, "stage": 0}, actor=clerk)
    assert list(ProgressReport.objects.reviewable_by(scene.office)) == [filed]


def test_the_city_office_does_not_decide_on_its_own_entry(scene: Scene) -> None:
    record_absence(scene.reviewer, first_day=today(), last_day=today(), reason="出差", actor=scene.office)
    own = actions.submit_report(scene.project, scene.month, {"percent": 10}, actor=scene.office)
    assert not ProgressReport.objects.reviewable_by(scene.office).exists()
    with pytest.raises(NotAllowed, match="你本人填报"):
        actions.approve_report(own, actor=scene.office, expected_version=1, away_reason="出差")


# --- Batches --------------------------------------------------------------------------------------


def test_a_batch_does_what_it_may_and_says_of_the_rest_why_not(scene: Scene, units: Units) -> None:
    good = [scene.filed_one() for _ in range(3)]
    own = actions.submit_report(scene.project, scene.month, {"percent": 10}, actor=scene.reviewer)
    stale = scene.filed_one()
    foreign = make_foreign(scene, units)
    asked = [(report.pk, 1) for report in [*good, own, foreign]] + [(stale.pk, 7), (10**9, 1)]
    outcomes = {outcome.pk: outcome for outcome in actions.approve_many(asked, actor=scene.reviewer)}
    assert [outcomes[report.pk].error for report in good] == ["", "", ""]
    assert "本人填报" in outcomes[own.pk].error and "版本" in outcomes[stale.pk].error
    assert outcomes[foreign.pk].error == outcomes[10**9].error == "没有这份月报，或你看不到它。"
    assert outcomes[foreign.pk].report is None
    states = dict(ProgressReport.objects.values_list("pk", "state"))
    assert {key for key, state in states.items() if state == "approved"} == {report.pk for report in good}


def test_a_batch_is_returned_for_one_reason(scene: Scene) -> None:
    reports = [scene.filed_one() for _ in range(2)]
    asked = [(report.pk, report.version) for report in reports]
    assert all("理由" in outcome.error for outcome in actions.return_many(asked, actor=scene.reviewer, reason=""))
    assert not any(outcome.error for outcome in actions.return_many(asked, actor=scene.reviewer, reason="请核对"))
    assert set(ProgressReport.objects.returned().values_list("return_reason", flat=True)) == {"请核对"}


def test_several_months_of_a_project_are_approved_in_their_order(scene: Scene) -> None:
    december = scene.filed(stage=Stage.MAIN_WORKS, stage_on=DECEMBER, percent=30)
    november = scene.filed(
        factories.make_month(2013, 11), stage=Stage.FOUNDATION, stage_on=dt.date(2013, 11, 5), percent=20
    )
    outcomes = actions.approve_many([(december.pk, 1), (november.pk, 1)], actor=scene.reviewer)
    assert [outcome.error for outcome in outcomes] == ["", ""]
    assert list(scene.project.stages.values_list("stage", flat=True)) == [5, 6, 7]


def make_foreign(scene: Scene, units: Units) -> ProgressReport:
    """A report of another county that waits."""
    project = factories.make_project(factories.make_community(units["DW"]), "other")
    return factories.make_report(project, scene.month, "submitted")
