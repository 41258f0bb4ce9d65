"""Lights: the rule in words and in SQL say the same, sentences name the numbers, and red leaves its mark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.models import Community, ReportingUnit
from core.errors import NotAllowed, RuleViolation
from facilities import light_actions
from facilities.lights import GREEN, NOT_DUE, RED, UNKNOWN, YELLOW, Standing, light_of, standing_of, with_light
from facilities.models import LightThreshold, Project, RedMark
from facilities.plan_actions import plan_stages
from facilities.workflow import Stage
from tests import factories

DAY = dt.date(2013, 12, 31)
THRESHOLDS: dict[str, Any] = {
    "valid_from": dt.date(2013, 1, 1),
    "yellow_points": 10,
    "red_points": 30,
    "start_red_days": 90,
    "finish_red_days": 90,
    "source": "测试",
}
SET = LightThreshold(**THRESHOLDS)
days = st.dates(dt.date(2013, 1, 1), dt.date(2014, 12, 31))


@pytest.fixture
def home(units: dict[str, ReportingUnit]) -> Community:
    """A community, with thresholds in force."""
    LightThreshold.objects.create(**THRESHOLDS)
    return factories.make_community(units["XC"])


@pytest.mark.parametrize(
    ("standing", "code", "words"),
    [
        (Standing(Stage.BASICALLY_BUILT, None, dt.date(2013, 1, 1), 100), GREEN, "已经建成"),
        (Standing(Stage.LAND, None, None, None), UNKNOWN, "没有计划开工日期"),
        (Standing(Stage.LAND, DAY, None, None), NOT_DUE, "还没到"),
        (Standing(Stage.LAND, dt.date(2013, 12, 30), None, None), YELLOW, "晚了 1 天"),
        (Standing(Stage.LAND, dt.date(2013, 10, 2), None, None), RED, "晚了 90 天"),
        (Standing(Stage.LAND, dt.date(2013, 10, 3), None, None), YELLOW, "晚了 89 天"),
        (Standing(Stage.MAIN_WORKS, None, dt.date(2013, 12, 1), 80), YELLOW, "还没建成，晚了 30 天"),
        (Standing(Stage.MAIN_WORKS, None, dt.date(2013, 9, 1), 80), RED, "晚了 121 天"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), None, 10), UNKNOWN, "没有完整的计划"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), None), UNKNOWN, "还没有报过"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 40, 31), GREEN, "落后 9 个百分点"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 39, 30), YELLOW, "近两季平均 1.5%"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 19, 10), YELLOW, "落后 30 个百分点"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 18), RED, "没有可比的进度"),
        (Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 60), GREEN, "序时进度 49%"),
    ],
)
def test_the_rule_in_words(standing: Standing, code: str, words: str) -> None:
    light = light_of(standing, DAY, SET)
    assert light.code == code and words in light.sentence


def test_what_is_needed_a_month_is_said() -> None:
    light = light_of(Standing(Stage.MAIN_WORKS, dt.date(2013, 1, 1), dt.date(2014, 12, 31), 18, 10), DAY, SET)
    assert "每月需完成 6.8%，近两季平均 1.3%" in light.sentence


def test_before_the_first_thresholds_there_is_no_light(home: Community) -> None:
    project = factories.make_project(home, "clinic", planned_start=dt.date(2012, 1, 1))
    early = dt.date(2012, 12, 31)
    assert light_of(Standing(Stage.LAND, dt.date(2012, 1, 1), None, None), early, None).code == UNKNOWN
    assert with_light(Project.objects.all(), early).get(pk=project.pk).light == UNKNOWN
    assert with_light(Project.objects.all(), DAY).get(pk=project.pk).light == RED


@given(
    stage=st.sampled_from(Stage),
    start=st.none() | days,
    length=st.integers(0, 700),
    finish=st.booleans(),
    percent=st.none() | st.integers(0, 100),
    day=days,
)
def test_the_database_decides_as_the_words_do(
    home: Community, stage: int, start: dt.date | None, length: int, finish: bool, percent: int | None, day: dt.date
) -> None:
    end = (start or dt.date(2013, 6, 1)) + dt.timedelta(days=length) if finish else None
    project = factories.make_project(
        home, "other", (stage, dt.date(2012, 12, 1)), planned_start=start, planned_finish=end
    )
    if percent is not None:
        month = _month(2012, 12)
        factories.make_report(project, month, percent=percent, explanation="测试", stage=stage)
    row = with_light(Project.objects.all(), day).get(pk=project.pk)
    assert row.light == light_of(standing_of(row), day, SET).code
    assert (row.stage_then, row.start_then, row.finish_then) == (stage, start, end)


def _month(year: int, number: int) -> Any:
    from communities.models import ReportingMonth

    found = ReportingMonth.objects.filter(year=year, number=number).first()
    return found or factories.make_month(year, number)


def test_a_report_of_a_later_month_and_a_later_plan_change_no_light_of_before(home: Community) -> None:
    plan = {"planned_start": dt.date(2013, 1, 1), "planned_finish": dt.date(2014, 12, 31)}
    project = factories.make_project(home, "other", (Stage.MAIN_WORKS, dt.date(2013, 2, 1)), **plan)
    factories.make_report(project, factories.make_month(2013, 12), percent=30)
    before = with_light(Project.objects.all(), DAY).get().light
    factories.make_report(project, factories.make_month(2014, 1), percent=75)
    office = factories.make_user("city_office")
    later: dict[int, dt.date | None] = {Stage.BASICALLY_BUILT: dt.date(2020, 1, 1)}
    plan_stages(project, later, actor=office, reason="延期", holds_from=dt.date(2014, 1, 5))
    assert with_light(Project.objects.all(), DAY).get().light == before == YELLOW
    assert with_light(Project.objects.all(), dt.date(2014, 1, 31)).get().light == GREEN


def test_red_leaves_a_mark_that_stays_and_is_made_once(home: Community) -> None:
    project = factories.make_project(home, "other", planned_start=dt.date(2013, 1, 1))
    factories.make_project(home, "other", planned_start=dt.date(2013, 12, 30))
    assert light_actions.mark_red_lights(DAY) == 1
    assert light_actions.mark_red_lights(DAY) == 0, "once a quarter"
    mark = RedMark.objects.get()
    assert (mark.project, mark.red_on) == (project, DAY) and "晚了 364 天" in mark.sentence
    project.stages.create(stage=Stage.BASICALLY_BUILT, occurred_on=dt.date(2014, 1, 2))
    assert with_light(Project.objects.filter(pk=project.pk), dt.date(2014, 4, 1)).get().light == GREEN
    assert light_actions.mark_red_lights(dt.date(2014, 4, 1)) == 1, "the other one, of the next quarter"
    assert project.red_marks.count() == 1


def test_thresholds_are_the_city_offices(home: Community) -> None:
    office, entry = factories.make_user("city_office"), factories.make_user("leader")
    new = THRESHOLDS | {"valid_from": dt.date(2014, 1, 1), "yellow_points": 5}
    with pytest.raises(NotAllowed):
        light_actions.set_thresholds(**new, actor=entry)
    with pytest.raises(RuleViolation, match="红灯的百分点要比黄灯大"):
        light_actions.set_thresholds(**new | {"red_points": 5}, actor=office)
    row = light_actions.set_thresholds(**new, actor=office)
    assert LightThreshold.objects.on_day(dt.date(2014, 1, 1)) == row
    assert LightThreshold.objects.on_day(DAY) != row
    edited = light_actions.edit_thresholds(row, {"red_points": 25}, expected_version=1, actor=office)
    assert (edited.red_points, edited.version) == (25, 2)
