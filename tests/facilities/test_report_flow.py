"""A month's report on its way: filled in, submitted, taken back, returned, approved; by whom, and what each adds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from communities.actions import close_month, move_placement, open_month
from communities.models import ReportingUnit, SampleDay
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from facilities import report_actions as actions
from facilities.models import ProgressReport
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene

Units = dict[str, ReportingUnit]
DECEMBER = dt.date(2013, 12, 5)
FOUNDATION: dict[str, Any] = {"stage": Stage.FOUNDATION, "stage_on": DECEMBER, "percent": 20, "text": "基础完成"}


@pytest.fixture
def scene(units: Units) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def test_a_report_goes_from_draft_to_approval_and_adds_the_stage(scene: Scene) -> None:
    draft = actions.save_draft(scene.project, scene.month, {"percent": 30}, actor=scene.entry)
    assert (draft.state, draft.stage, draft.percent, draft.version) == (ReportState.DRAFT, Stage.STARTED, 30, 1)
    filed = actions.submit_report(scene.project, scene.month, FOUNDATION, actor=scene.entry, expected_version=1)
    assert (filed.state, filed.authors, filed.is_late) == (ReportState.SUBMITTED, [scene.entry.pk], False)
    assert not scene.project.stages.filter(stage=Stage.FOUNDATION).exists(), "nothing counts before approval"
    done = actions.approve_report(filed, actor=scene.reviewer, expected_version=filed.version)
    assert (done.state, done.reviewed_by, done.reviewed_as) == ("approved", scene.reviewer, Role.COUNTY_REVIEWER)
    event = scene.project.stages.latest_first().first()
    assert event is not None and done.stage_event == event
    assert (event.stage, event.stage_before, event.occurred_on, event.recorded_by) == (6, 5, DECEMBER, scene.entry)


def test_what_is_odd_is_handed_in_with_an_explanation(scene: Scene) -> None:
    with pytest.raises(RuleViolation, match="进度 85%.*属实请写一句说明") as refusal:
        actions.submit_report(scene.project, scene.month, {"percent": 85}, actor=scene.entry)
    assert refusal.value.field == "explanation"
    draft = actions.save_draft(scene.project, scene.month, {"percent": 85}, actor=scene.entry)
    explained = {"explanation": "预制件，安装快"}
    report = actions.submit_report(
        scene.project, scene.month, explained, actor=scene.entry, expected_version=draft.version
    )
    assert (report.state, report.percent) == (ReportState.SUBMITTED, 85)


def test_an_unchanged_stage_adds_none(scene: Scene) -> None:
    assert scene.approved(percent=12).stage_event is None
    assert scene.project.stages.count() == 1


@pytest.mark.parametrize(("today", "late"), [((2014, 1, 6), False), ((2014, 1, 7), True)])
def test_late_is_what_comes_after_the_stored_due_date(scene: Scene, today: tuple[int, int, int], late: bool) -> None:
    type(scene.month).objects.update(due_on=dt.date(2014, 1, 6), due_reason="测试6")
    SampleDay.objects.create(day=dt.date(*today))
    report = scene.filed()
    assert report.is_late == late
    assert ProgressReport.objects.late().exists() == late


def test_the_late_mark_stays_and_a_report_in_time_never_gets_one(scene: Scene) -> None:
    type(scene.month).objects.update(due_on=dt.date(2014, 1, 6), due_reason="测试6")
    day = SampleDay.objects.create(day=dt.date(2014, 1, 7))
    late, in_time = scene.filed(), None
    SampleDay.objects.filter(pk=day.pk).update(day=dt.date(2014, 1, 5))
    in_time = scene.filed_one()
    SampleDay.objects.filter(pk=day.pk).update(day=dt.date(2014, 1, 9))
    type(scene.month).objects.update(due_on=dt.date(2014, 1, 8), due_reason="测试8")
    for report in (late, in_time):
        back = actions.withdraw_report(report, actor=scene.entry, expected_version=report.version)
        assert back.state == ReportState.DRAFT
        again = actions.submit_report(
            report.project, scene.month, {"percent": 11}, actor=scene.entry, expected_version=back.version
        )
        assert again.is_late == (report.pk == late.pk) and again.first_submitted_at == report.first_submitted_at


def test_what_is_returned_says_why_and_comes_again(scene: Scene) -> None:
    report = scene.filed()
    with pytest.raises(RuleViolation, match="理由") as refusal:
        actions.return_report(report, actor=scene.reviewer, expected_version=1, reason="  ")
    assert refusal.value.field == "return_reason"
    back = actions.return_report(report, actor=scene.reviewer, expected_version=1, reason="封顶套数不一致")
    assert (back.state, back.return_reason, back.reviewed_by) == ("returned", "封顶套数不一致", scene.reviewer)
    kept = actions.save_draft(scene.project, scene.month, {"percent": 15}, actor=scene.entry, expected_version=2)
    assert kept.state == ReportState.RETURNED, "a draft of what came back is still what came back"
    again = actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=3)
    done = actions.approve_report(again, actor=scene.reviewer, expected_version=4)
    assert (done.state, done.percent) == (ReportState.APPROVED, 15)


def test_who_hands_in_what_a_colleague_wrote_has_not_entered_it_but_does_not_approve_it(scene: Scene) -> None:
    actions.save_draft(scene.project, scene.month, {"percent": 15, "text": "打桩"}, actor=scene.entry)
    same = {"percent": 15, "text": "打桩"}
    filed = actions.submit_report(scene.project, scene.month, same, actor=scene.reviewer, expected_version=1)
    assert (filed.entered_by, filed.on_behalf, filed.submitted_by) == (scene.entry, False, scene.reviewer)
    with pytest.raises(NotAllowed):
        actions.approve_report(filed, actor=scene.reviewer, expected_version=2)


@pytest.mark.parametrize("decide", ["approve", "return"])
def test_nobody_decides_on_what_they_ever_entered(scene: Scene, units: Units, decide: str) -> None:
    """Neither who submits, nor who only wrote a draft that a colleague changed and handed in."""
    both = factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])
    draft = actions.save_draft(scene.project, scene.month, {"percent": 15}, actor=both)
    assert (draft.entered_as, draft.on_behalf) == (Role.COUNTY_REVIEWER, True)
    filed = actions.submit_report(scene.project, scene.month, {"percent": 16}, actor=scene.entry, expected_version=1)
    assert sorted(filed.authors) == sorted([both.pk, scene.entry.pk]) and not filed.on_behalf
    with pytest.raises(NotAllowed, match="你本人填报，须由他人审核"):
        if decide == "approve":
            actions.approve_report(filed, actor=both, expected_version=2)
        else:
            actions.return_report(filed, actor=both, expected_version=2, reason="不对")
    assert not ProgressReport.objects.reviewable_by(both).exists()
    assert ProgressReport.objects.reviewable_by(scene.reviewer).get() == filed


def test_only_the_units_reviewers_decide(scene: Scene, units: Units) -> None:
    filed = scene.filed()
    others = [
        factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"]),
        factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"]),
        factories.make_user(Role.LEADER),
        factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"], valid_until=dt.date(2013, 1, 1)),
        scene.office,
    ]
    for person in others:
        assert not ProgressReport.objects.reviewable_by(person).exists()
        with pytest.raises(NotAllowed):
            actions.approve_report(filed, actor=person, expected_version=1, away_reason="出差")
        with pytest.raises(NotAllowed):
            actions.return_report(filed, actor=person, expected_version=1, reason="不对")


def test_only_the_unit_and_the_city_office_enter(scene: Scene, units: Units) -> None:
    place: dict[str, Any] = {"community": scene.project.community}
    others = [factories.make_user(role, **place) for role in (Role.WORK_TEAM, Role.INSPECTOR, Role.DEPUTY)]
    others += [factories.make_user(Role.LEADER), factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])]
    for person in others:
        with pytest.raises(NotAllowed):
            actions.save_draft(scene.project, scene.month, {}, actor=person)
    helped = actions.submit_report(scene.project, scene.month, {"percent": 1}, actor=scene.office)
    assert (helped.entered_as, helped.on_behalf) == (Role.CITY_OFFICE, True)


def test_the_way_back_is_the_enterers(scene: Scene, units: Units) -> None:
    filed = actions.submit_report(scene.project, scene.month, {"percent": 1}, actor=scene.office)
    with pytest.raises(NotAllowed, match="退回"):
        actions.withdraw_report(filed, actor=scene.reviewer, expected_version=1)
    successor = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    back = actions.withdraw_report(filed, actor=successor, expected_version=1)
    assert (back.state, back.authors) == (ReportState.DRAFT, [scene.office.pk])
    with pytest.raises(WrongState):
        actions.withdraw_report(back, actor=successor, expected_version=2)


def test_a_month_that_is_not_open_takes_no_report(scene: Scene) -> None:
    draft = actions.save_draft(scene.project, scene.month, {"percent": 20}, actor=scene.entry)
    waiting = scene.filed_one()
    closed = close_month(scene.month, actor=scene.office)
    for act in (actions.save_draft, actions.submit_report):
        with pytest.raises(WrongState, match="已关闭填报"):
            act(scene.project, scene.month, {"percent": 31}, actor=scene.entry, expected_version=draft.version)
        with pytest.raises(WrongState, match="还没有开放"):
            act(
                scene.project,
                factories.make_month(2014, 2 if act is actions.save_draft else 3, "planned"),
                {},
                actor=scene.entry,
            )
    assert actions.approve_report(waiting, actor=scene.reviewer, expected_version=1).state == ReportState.APPROVED
    open_month(closed.month, actor=scene.office)
    actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=draft.version)


def test_closing_a_month_strands_no_report(scene: Scene) -> None:
    """What waits is not taken back there, since the draft could not come again; what is returned may be mended."""
    waiting = scene.filed()
    closed = close_month(scene.month, actor=scene.office)
    with pytest.raises(WrongState, match="2013-12 已关闭填报，撤回后就不能再提交"):
        actions.withdraw_report(waiting, actor=scene.entry, expected_version=1)
    actions.return_report(waiting, actor=scene.reviewer, expected_version=1, reason="请核对")
    saved = actions.save_draft(scene.project, closed, {"percent": 12}, actor=scene.entry, expected_version=2)
    assert saved.state == ReportState.RETURNED
    again = actions.submit_report(scene.project, closed, {"text": "已核对"}, actor=scene.entry, expected_version=3)
    assert (again.state, again.percent, again.is_late) == (ReportState.SUBMITTED, 12, False)
    done = actions.approve_report(again, actor=scene.reviewer, expected_version=4)
    correction = actions.begin_correction(done, actor=scene.entry, reason="更正")
    filed = actions.submit_report(scene.project, closed, {}, actor=scene.entry, expected_version=correction.version)
    back = actions.withdraw_report(filed, actor=scene.entry, expected_version=filed.version)
    assert back.state == ReportState.DRAFT


def test_the_second_editor_sees_both_texts(scene: Scene, units: Units) -> None:
    colleague: User = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    actions.save_draft(scene.project, scene.month, {"percent": 30, "text": "打桩"}, actor=scene.entry)
    for expected in (None, 7):
        with pytest.raises(StaleVersion) as refusal:
            values = {"percent": 40, "text": "打桩"}
            actions.save_draft(scene.project, scene.month, values, actor=colleague, expected_version=expected)
        assert [(each.label, each.stored, each.sent) for each in refusal.value.conflicts] == [("形象进度", "30", "40")]
        assert refusal.value.version == 1
    filed = scene.filed(month=factories.make_month(2013, 11))
    with pytest.raises(StaleVersion):
        actions.approve_report(filed, actor=scene.reviewer, expected_version=9)
    assert not scene.project.stages.filter(occurred_on__gt=DAY).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"percent": None}, "percent"),
        ({"stage": Stage.FOUNDATION, "stage_on": None}, "stage_on"),
        ({"stage": Stage.FOUNDATION, "stage_on": dt.date(2013, 9, 7)}, "stage_on"),
        ({"stage": Stage.FOUNDATION, "stage_on": dt.date(2014, 1, 1)}, "stage_on"),
        ({"stage": Stage.FOUNDATION, "stage_on": dt.date(2999, 1, 1)}, "stage_on"),
        ({"stage": Stage.LAND, "stage_on": DECEMBER}, "stage_reason"),
        ({"stage": Stage.STARTED, "stage_on": DECEMBER}, "stage_reason"),
        ({"stage": 13}, "stage"),
        ({"percent": 101}, "percent"),
        ({"text": "长" * 1001}, "text"),
    ],
)
def test_what_cannot_be_is_refused_on_its_field_and_may_wait_as_a_draft(
    scene: Scene, values: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(RuleViolation) as refusal:
        scene.filed(**values)
    assert refusal.value.field == field
    assert not ProgressReport.objects.exists()


def test_a_step_back_with_its_reason_goes_through(scene: Scene) -> None:
    report = scene.approved(stage=Stage.LAND, stage_on=DECEMBER, stage_reason="施工许可被撤销", percent=5)
    assert report.stage_event is not None and report.stage_event.reason == "施工许可被撤销"


def test_a_community_that_moves_takes_its_reports_along(scene: Scene, units: Units) -> None:
    filed = scene.filed()
    move_placement(
        scene.project.community, unit=units["DW"], valid_from=dt.date(2014, 1, 1), reason="区划调整", actor=scene.office
    )
    newcomer = factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"])
    with pytest.raises(NotAllowed):
        actions.approve_report(filed, actor=scene.reviewer, expected_version=1)
    with pytest.raises(NotAllowed):
        actions.withdraw_report(filed, actor=scene.entry, expected_version=1)
    assert not ProgressReport.objects.visible_to(scene.entry).exists()
    assert ProgressReport.objects.reviewable_by(newcomer).get() == filed
    assert actions.approve_report(filed, actor=newcomer, expected_version=1).reviewed_by == newcomer


def test_an_earlier_month_is_decided_first(scene: Scene) -> None:
    """Its stage would otherwise come too late to be entered."""
    november = scene.filed(factories.make_month(2013, 11), stage=6, stage_on=dt.date(2013, 11, 9), percent=15)
    december = scene.filed(stage=7, stage_on=DECEMBER, percent=30)
    with pytest.raises(RuleViolation, match="2013-11 的月报还没审"):
        actions.approve_report(december, actor=scene.reviewer, expected_version=1)
    for report in (november, december):
        actions.approve_report(report, actor=scene.reviewer, expected_version=1)
    assert list(scene.project.stages.values_list("stage", flat=True)) == [5, 6, 7]


def test_a_stage_entered_meanwhile_sends_the_report_back(scene: Scene) -> None:
    from facilities.actions import record_stage

    filed = scene.filed(**FOUNDATION)
    record_stage(scene.project, Stage.MAIN_WORKS, occurred_on=dt.date(2013, 12, 20), actor=scene.office)
    with pytest.raises(RuleViolation, match="更早"):
        actions.approve_report(filed, actor=scene.reviewer, expected_version=1)
    assert ProgressReport.objects.get().state == ReportState.SUBMITTED


def test_the_public_sees_what_is_approved_and_the_unit_all(scene: Scene, units: Units) -> None:
    draft = actions.save_draft(scene.project, scene.month, {"percent": 30}, actor=scene.entry)
    approved = scene.approved(factories.make_month(2013, 11))
    everybody = {"entry": scene.entry, "reviewer": scene.reviewer, "office": scene.office}
    for person in everybody.values():
        assert set(ProgressReport.objects.visible_to(person)) == {draft, approved}
    team = factories.make_user(Role.WORK_TEAM, community=scene.project.community)
    for reader in (team, factories.make_user(Role.LEADER)):
        assert list(ProgressReport.objects.visible_to(reader)) == [approved]
    assert not ProgressReport.objects.visible_to(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])).exists()
