"""The lights of the unit's projects on its first page, and the ways from it to Excel."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from communities.models import ReportingUnit
from communities.roles import Role
from facilities.models import LightThreshold, Project
from facilities.workflow import Stage
from tests.dashboards.home_reading import home, panel
from tests.dashboards.month_scene import THREE_DAYS_BEFORE, Team, open_month, today_is
from tests.factories import grant, make_community, make_project, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]


@pytest.fixture
def team(units: Units) -> Team:
    """孝昌 in December, with thresholds in force."""
    today_is(THREE_DAYS_BEFORE)
    open_month()
    LightThreshold.objects.create(
        valid_from=dt.date(2013, 1, 1),
        yellow_points=10,
        red_points=30,
        start_red_days=90,
        finish_red_days=90,
        source="测试",
    )
    return Team(units["XC"])


def test_the_lights_of_the_own_units_are_counted_and_red_ones_say_why(team: Team, units: Units, as_user: Any) -> None:
    late = [
        make_project(team.community, "other", planned_finish=dt.date(2013, month, 1), name=f"迟{month}")
        for month in (4, 2, 3, 5)
    ]
    make_project(team.community, "other", planned_finish=dt.date(2013, 12, 1))
    make_project(team.community, "other", (Stage.BASICALLY_BUILT, dt.date(2013, 1, 2)))
    make_project(team.community, "other", planned_start=dt.date(2014, 3, 1))
    unplanned = make_project(team.community, "other")
    make_project(make_community(units["DW"]), "other", planned_finish=dt.date(2013, 1, 1))
    client = as_user(team.entry)
    found = panel(home(client), "lights")
    assert [(lit.code, lit.number) for lit in found.data] == [
        ("red", 4),
        ("yellow", 1),
        ("green", 1),
        ("not_due", 1),
        ("unknown", 5),
    ]
    of_unit = Project.objects.filter(community__placements__unit=units["XC"])
    assert sum(lit.number for lit in found.data) == of_unit.count(), "they add up to the projects"
    listed = client.get(found.data[-1].url).context["page_obj"].object_list
    assert unplanned in listed and {project.judged.word for project in listed} == {"不判断"}
    reasons = found.data[0].reasons
    assert reasons == [late[1], late[2], late[0]], "those that are longest behind"
    assert reasons[0].judged.sentence == "计划 2013-02-01 建成，还没建成，晚了 333 天。"
    page = client.get(found.data[0].url)
    assert page.context["page_obj"].paginator.count == 4, "the number leads to what it counts"


def test_without_a_project_there_is_no_card(team: Team, units: Units, as_user: Any) -> None:
    entry = make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    assert panel(home(as_user(entry)), "lights") is None


def test_the_month_by_excel_is_offered_to_who_fills_it_in(team: Team, as_user: Any) -> None:
    [button] = home(as_user(team.entry)).head.desk_actions
    assert button.url == f"{reverse('exchange:upload')}?target=month&place=XC&scope=2013-12"
    assert as_user(team.entry).get(button.url).context["sheet"].data["scope"] == "2013-12"
    assert home(as_user(team.reviewer)).head.desk_actions == ()


@pytest.mark.parametrize("address", ["/communities/", "/projects/"])
def test_registers_are_brought_in_by_who_may_register(team: Team, as_user: Any, address: str) -> None:
    both = make_user(Role.LEADER)
    grant(both, Role.COUNTY_ENTRY, unit=team.community.placements.get().unit)
    for person, offered in ((team.entry, True), (team.reviewer, False), (both, True)):
        assert ("用 Excel 登记" in as_user(person).get(address).content.decode()) is offered
