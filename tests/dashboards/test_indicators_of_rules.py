"""Lights and ordering rules as figures, and that a changed rule changes them."""

from __future__ import annotations

import datetime as dt

import pytest

from communities.models import ReportingUnit
from communities.roles import Role
from dashboards.facts import facts
from dashboards.indicators import REGISTRY
from facilities import rule_actions
from facilities.models import LightThreshold, OrderingExemption, OrderingRule, RedMark
from facilities.ordering import violations
from facilities.workflow import Stage
from tests.dashboards.construction_scene import month_of, platform_first, replan, tell, thresholds
from tests.dashboards.scene import JUNE, LAST_DAY, MARCH, OCTOBER, Q3, Q4, counted, differences
from tests.factories import make_community, make_project, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("half_year")]
Units = dict[str, ReportingUnit]
LIGHTS = ("yellow_lights", "red_lights")
FIVE = (*LIGHTS, "green_lights", "not_due_lights", "unknown_lights")


def lit(*codes: str) -> list[int]:
    return [counted(code) for code in codes or LIGHTS]


def test_without_thresholds_there_are_no_lights_and_with_them_there_are(units: Units) -> None:
    make_project(make_community(units["XN"]), "clinic", planned_start=MARCH)
    assert lit() == [0, 0]
    limits = thresholds()
    assert lit() == [0, 1]
    LightThreshold.objects.filter(pk=limits.pk).update(start_red_days=365)
    assert lit() == [1, 0]
    assert differences() == []


# 364 of 729 days have passed by the end of the year: 49 per cent.
@pytest.mark.parametrize(
    ("percent", "expected"), [(50, [0, 0]), (40, [0, 0]), (39, [1, 0]), (19, [1, 0]), (18, [0, 1])]
)
def test_what_is_under_way_is_held_against_the_time_that_has_passed(
    units: Units, percent: int, expected: list[int]
) -> None:
    thresholds()
    plan = {"planned_start": dt.date(2013, 1, 1), "planned_finish": dt.date(2014, 12, 31)}
    project = make_project(make_community(units["XN"]), "clinic", (Stage.MAIN_WORKS, JUNE), **plan)
    tell(project, month_of(12), percent=percent, stage=Stage.MAIN_WORKS, explanation="属实")
    assert lit() == expected
    assert differences() == []


def test_the_five_lights_add_up_to_the_projects(units: Units) -> None:
    """A project is counted by exactly one of them, whatever is known of it; with thresholds and without."""
    community = make_community(units["XN"])
    make_project(community, "clinic", planned_start=MARCH)
    make_project(community, "other", planned_start=LAST_DAY)
    make_project(community, "other")
    make_project(community, "other", (Stage.MAIN_WORKS, JUNE), planned_start=MARCH)
    make_project(community, "other", (Stage.BASICALLY_BUILT, JUNE))
    make_project(community, "other", planned_finish=dt.date(2013, 12, 30))
    assert lit(*FIVE) == [0, 0, 0, 0, 6] and differences() == []
    thresholds()
    assert lit(*FIVE) == [1, 1, 1, 1, 2] and differences() == []
    assert counted("projects") == 6
    assert {row.name for row in facts(REGISTRY["unknown_lights"], Q4)} < set(
        community.projects.values_list("name", flat=True)
    )


def test_a_month_that_is_not_opened_yet_is_not_judged(units: Units) -> None:
    thresholds()
    month_of(10)
    make_project(make_community(units["XN"]), "clinic", planned_start=dt.date(2013, 11, 15))
    assert lit() == [0, 0]
    month_of(12)
    assert lit() == [1, 0]


def test_a_plan_that_is_made_later_changes_no_light_of_before(units: Units) -> None:
    thresholds()
    project = make_project(make_community(units["XN"]), "clinic", planned_start=dt.date(2013, 9, 1))
    replan(project, Stage.STARTED, dt.date(2014, 6, 1), OCTOBER)
    assert (counted("yellow_lights", Q3), counted("yellow_lights", Q4)) == (1, 0)
    assert differences(Q3) == differences(Q4) == []


def test_what_was_red_once_stays_counted(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "clinic", (Stage.IN_USE, JUNE))
    RedMark.objects.create(project=project, red_on=OCTOBER, sentence="没有动工。")
    assert (counted("once_red", Q3), counted("once_red", Q4)) == (0, 1)
    (row,) = facts(REGISTRY["once_red"], Q4)
    assert (row.evidence_on, row.evidence) == (OCTOBER, "没有动工。")


def test_a_project_that_went_first_is_counted_once_and_an_exemption_takes_it_out(units: Units) -> None:
    rule, community = platform_first(), make_community(units["XN"])
    make_project(community, "clinic", is_platform=True)
    homes = make_project(community, "resettlement", (Stage.STARTED, JUNE))
    make_project(make_community(units["DW"]), "resettlement", (Stage.STARTED, JUNE))
    assert counted("out_of_order") == len(violations(LAST_DAY)) == 1
    assert counted("out_of_order", unit="XN") == 1
    assert differences() == []
    office = make_user(Role.CITY_OFFICE)
    exemption = OrderingExemption.objects.create(rule=rule, project=homes, reason="测试", granted_by=office)
    assert counted("out_of_order") == 0
    assert differences() == []
    rule_actions.withdraw_exemption(exemption, reason="作废", actor=office)
    assert counted("out_of_order") == 1
    assert differences() == []


def test_a_step_that_was_taken_back_went_before_nothing(units: Units) -> None:
    """Neither does it break a rule, nor is it what should be first; the fact says the day that still stands."""
    platform_first()
    community = make_community(units["XN"])
    centre = make_project(community, "clinic", (Stage.STARTED, MARCH), is_platform=True)
    homes = make_project(community, "resettlement", (Stage.STARTED, JUNE))
    assert counted("out_of_order") == 0
    centre.stages.create(stage=Stage.LAND, occurred_on=OCTOBER, reason="误报")
    assert (counted("out_of_order", Q3), counted("out_of_order")) == (0, 1)
    assert differences(Q3) == differences() == []
    homes.stages.create(stage=Stage.LAND, occurred_on=OCTOBER, reason="停工")
    assert counted("out_of_order") == 0 and differences() == []
    homes.stages.create(stage=Stage.STARTED, occurred_on=LAST_DAY)
    (fact,) = facts(REGISTRY["out_of_order"], Q4)
    assert fact.evidence_on == LAST_DAY and counted("out_of_order") == 1 and differences() == []


def test_a_rule_that_ends_judges_no_more(units: Units) -> None:
    rule, community = platform_first(), make_community(units["XN"])
    make_project(community, "clinic", is_platform=True)
    make_project(community, "resettlement", (Stage.STARTED, OCTOBER))
    assert counted("out_of_order") == 1
    OrderingRule.objects.filter(pk=rule.pk).update(valid_until=JUNE)
    assert counted("out_of_order") == 0
    assert differences() == []
