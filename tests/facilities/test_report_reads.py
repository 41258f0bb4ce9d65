"""What pages ask of the reports: prefilled values, differences in words, warnings, the month's work, completeness."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.models import ReportingUnit, SampleDay
from communities.roles import Role
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project
from facilities.money import ZERO
from facilities.report_checks import soft_warnings
from facilities.report_reads import (
    differences,
    differences_of,
    month_work,
    prefill,
    unchanged_words,
    unit_duty,
    unit_progress,
)
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene

Units = dict[str, ReportingUnit]


@pytest.fixture
def scene(units: Units) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def test_a_form_opens_with_the_stage_of_record_and_what_was_approved_last(scene: Scene) -> None:
    first = prefill(scene.project, scene.month)
    assert (first["stage"], first["stage_on"], first["percent"], first["text"]) == (Stage.STARTED, DAY, None, "")
    november = factories.make_month(2013, 11)
    scene.approved(november, percent=22, text="打桩", problem="缺水", explanation="地质复杂", stage_reason="")
    scene.filed(factories.make_month(2013, 10), percent=99, text="没有审过的不算")
    again = prefill(scene.project, scene.month)
    told = {"percent": 22, "text": "打桩", "problem": "缺水", "explanation": "", "invested": ZERO}
    assert {**first, **told} == again, "what was invested in the month begins at 0; last month's word explains nothing"
    assert prefill(scene.project, november)["percent"] is None, "its own month is not before it"


def test_a_stage_of_the_next_month_is_not_in_this_months_form(scene: Scene) -> None:
    actions_day = dt.date(2014, 1, 1)
    scene.project.stages.create(stage=Stage.FOUNDATION, occurred_on=actions_day)
    assert prefill(scene.project, scene.month)["stage"] == Stage.STARTED


def test_differences_are_put_into_words(scene: Scene) -> None:
    scene.approved(factories.make_month(2013, 11), percent=32, text="打桩", problem="缺水")
    report = scene.filed(
        scene.month,
        stage=Stage.MAIN_WORKS,
        stage_on=dt.date(2013, 12, 18),
        percent=50,
        problem="",
        help_wanted="请市水务局协调",
    )
    found = {each.field: each for each in differences(report)}
    assert (found["stage"].before, found["stage"].now, found["stage"].words) == ("动工", "主体施工", "前进 2 级")
    assert (found["percent"].before, found["percent"].now, found["percent"].words) == ("32%", "50%", "+18 个百分点")
    assert (found["problem"].words, found["help_wanted"].words) == ("删去", "新填")
    assert found["stage_on"].words == f"晚 {(dt.date(2013, 12, 18) - DAY).days} 天"
    assert not found["text"].changed and found["text"].words == "没有变化"
    assert unchanged_words(differences(report)) == "没有变化的 4 项"


def test_an_explanation_is_this_months_or_there_is_none(scene: Scene) -> None:
    first = scene.approved(factories.make_month(2013, 11), percent=20, explanation="预制件")
    silent = scene.filed(percent=22, explanation="")
    assert "explanation" not in [each.field for each in differences(silent) if each.changed]
    correction = actions.begin_correction(first, actor=scene.entry, reason="数填错了")
    assert "explanation" not in [each.field for each in differences(correction) if each.changed], "of the same month"


def test_the_first_report_is_compared_with_the_stages_without_its_own(scene: Scene) -> None:
    report = scene.approved(scene.month, stage=Stage.FOUNDATION, stage_on=dt.date(2013, 12, 18), percent=20)
    stage = differences(report)[0]
    assert (stage.before, stage.now, stage.words) == ("动工", "基础", "前进 1 级")


def test_a_correction_is_compared_with_what_it_corrects(scene: Scene) -> None:
    report = scene.approved(scene.month, percent=20)
    correction = actions.begin_correction(report, actor=scene.entry, reason="数填错了")
    assert [each.field for each in differences(correction) if each.changed] == []
    lower = actions.save_draft(scene.project, scene.month, {"percent": 15}, actor=scene.entry, expected_version=1)
    assert [each.words for each in differences(lower) if each.changed] == [f"{chr(0x2212)}5 个百分点"]


@pytest.mark.parametrize(
    ("stage", "percent", "asked"),
    [
        (Stage.FOUNDATION, 85, True),
        (Stage.FOUNDATION, 30, False),
        (Stage.IN_USE, 99, True),
        (Stage.CONCEIVED, 0, False),
    ],
)
def test_a_percentage_that_does_not_fit_the_stage_asks_for_a_sentence(
    scene: Scene, stage: int, percent: int, asked: bool
) -> None:
    found = soft_warnings(scene.project, {"stage": stage, "percent": percent})
    assert bool(found) == asked
    assert all(warning.source == "推定，待核定" and f"{percent}%" in warning.message for warning in found)


def test_less_than_before_and_an_old_day_ask_too(scene: Scene) -> None:
    before = {"stage": Stage.STARTED, "stage_on": DAY, "percent": 20}
    now = {"stage": Stage.FOUNDATION, "stage_on": DAY, "percent": 10}
    assert [warning.field for warning in soft_warnings(scene.project, now, before=before)] == ["percent", "stage_on"]
    assert soft_warnings(scene.project, {}, before=before) == []


def test_each_source_is_looked_at_though_the_sums_are_right(scene: Scene) -> None:
    scene.project.fund_central, scene.project.fund_county = Decimal(100), Decimal(100)
    crossed = {"arrived_central": Decimal(0), "paid_central": Decimal(90), "arrived_county": Decimal(150)}
    found = {warning.field: warning.message for warning in soft_warnings(scene.project, crossed)}
    assert set(found) == {"paid_central", "arrived_county"}
    assert "中央资金累计支付 90.00 万元，比累计到位的 0.00 万元多" in found["paid_central"]
    assert "县级资金累计到位 150.00 万元，比计划的 100.00 万元多" in found["arrived_county"]
    right = {"arrived_central": Decimal(90), "paid_central": Decimal(90), "arrived_county": Decimal(100)}
    assert soft_warnings(scene.project, right) == []
    beyond = {"arrived_central": Decimal(10), "paid_central": Decimal(90)}
    assert [warning.field for warning in soft_warnings(scene.project, beyond)] == ["paid_central"], "the sum says it"


def test_the_months_work_says_what_each_project_waits_for(units: Units) -> None:
    scene = make_scene(units["XC"])
    month = scene.month
    month.due_on, month.due_reason = dt.date(2014, 1, 6), "测试"
    month.save(update_fields=["due_on", "due_reason"])
    SampleDay.objects.create(day=dt.date(2014, 1, 10))
    late = scene.filed(month)
    community = scene.project.community
    silent = factories.make_project(community, "other")
    draft = factories.make_project(community, "other")
    actions.save_draft(draft, month, {}, actor=scene.entry)
    factories.make_project(factories.make_community(units["DW"]), "other")
    factories.make_project(factories.make_community(units["XC"], since=dt.date(2014, 1, 1)), "other")
    rows = {row.project.pk: row for row in month_work(scene.entry, month)}
    assert set(rows) == {scene.project.pk, silent.pk, draft.pk}
    assert (rows[scene.project.pk].report, rows[scene.project.pk].is_late) == (late, True)
    assert {key: row.overdue_days for key, row in rows.items()} == {scene.project.pk: 0, silent.pk: 4, draft.pk: 4}
    assert [rows[key].state for key in (scene.project.pk, silent.pk, draft.pk)] == ["submitted", None, "draft"]
    assert {row.project.pk for row in month_work(scene.reviewer, month)} == set(rows)
    assert len(month_work(scene.office, month)) == 4
    assert month_work(factories.make_user(Role.LEADER), month) == []


def test_progress_counts_what_was_handed_in_and_how_much_of_it_is_filled(units: Units) -> None:
    scene = make_scene(units["XC"])
    month, community = scene.month, scene.project.community
    # 3 of 3, and day and basis of a stage that moved: 4 of 5.
    scene.approved(month, stage=Stage.FOUNDATION, stage_on=dt.date(2013, 12, 2), percent=20, text="基础完成")
    # The text is missing, and the explanation of 90 %, which no action lets through: 2 of 4.
    second = factories.make_project(community, "other", (Stage.STARTED, DAY))
    odd = actions.save_draft(second, month, {"percent": 90}, actor=scene.entry)
    filed = {"submitted_by": scene.entry, "submitted_at": timezone.now()}
    ProgressReport.objects.filter(pk=odd.pk).update(state="submitted", **filed)
    third = factories.make_project(community, "other", (Stage.STARTED, DAY))
    factories.make_report(third, month, "returned", entry=scene.entry, reviewer=scene.reviewer, percent=10)
    draft = factories.make_project(community, "other")
    actions.save_draft(draft, month, {"percent": 5, "text": "没有交的不算"}, actor=scene.entry)
    factories.make_project(community, "other")
    xc, dw = unit_progress(month, [units["XC"], units["DW"]])
    assert (xc.unit.code, xc.expected, xc.filed, xc.missing) == ("XC", 5, 3, 2)
    assert (xc.approved, xc.waiting, xc.returned, xc.drafts, xc.late, xc.on_time) == (1, 1, 1, 1, 0, 3)
    assert (xc.filled, xc.required) == (4 + 2 + 3, 3 * 5 + 2 + 1)
    assert (dw.expected, dw.filed, dw.required) == (0, 0, 0)


def test_a_project_counts_for_the_unit_of_the_months_last_day(units: Units) -> None:
    scene = make_scene(units["XC"])
    scene.approved(scene.month)
    move_to(scene.project, units["DW"], dt.date(2014, 1, 1))
    xc, dw = unit_progress(scene.month, [units["XC"], units["DW"]])
    assert (xc.expected, xc.approved, dw.expected) == (1, 1, 0)


def test_a_project_is_asked_for_where_its_community_stands_now(units: Units) -> None:
    scene = make_scene(units["XC"])
    scene.approved(scene.month)
    late = factories.make_project(scene.project.community, "other")
    type(late)._default_manager.filter(pk=late.pk).update(registered_on=dt.date(2014, 1, 1))
    move_to(scene.project, units["DW"], dt.date(2014, 1, 1))
    xc, dw = unit_duty(scene.month, [units["XC"], units["DW"]])
    assert (xc.expected, xc.approved) == (0, 0)
    assert (dw.expected, dw.approved, dw.required) == (1, 1, 3), "one registered later is not expected"


def move_to(project: Project, unit: ReportingUnit, day: dt.date) -> None:
    """The community moves."""
    placement = project.community.placements.get(valid_until=None)
    project.community.placements.update(valid_until=day)
    project.community.placements.create(
        unit=unit, type=placement.type, population=placement.population, valid_from=day, reason="测试"
    )


def test_no_read_asks_more_for_many_than_for_one(units: Units) -> None:
    scene = make_scene(units["XC"])

    def count() -> list[int]:
        reports = list(type(scene.filed_one())._default_manager.select_related("month").all())
        found = []
        for read in (
            lambda: month_work(scene.entry, scene.month),
            lambda: unit_progress(scene.month, units.values()),
            lambda: unit_duty(scene.month, units.values()),
            lambda: differences_of(reports),
        ):
            with CaptureQueriesContext(connection) as queries:
                read()
            found.append(len(queries))
        return found

    few = count()
    for _ in range(5):
        scene.filed_one()
    assert count() == few
