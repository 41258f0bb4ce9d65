"""The first page of every role: what stands there, who lands where, and what somebody without a role is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from communities.models import ReportingUnit
from communities.roles import Role
from coordination.models import Pairing, SupportTeam
from facilities.models import FacilityKind
from facilities.workflow import Stage
from tests.dashboards.home_reading import HOME, home, panel, titles
from tests.dashboards.month_scene import (
    FOUR_DAYS_AFTER,
    THREE_DAYS_BEFORE,
    Team,
    away,
    open_month,
    send_back,
    submit,
    today_is,
)
from tests.dashboards.pages import words
from tests.dashboards.scene import inspect
from tests.factories import grant, make_community, make_inspection, make_project, make_quarter, make_round, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
JUNE = dt.date(2013, 6, 15)


@pytest.fixture(autouse=True)
def three_days_before() -> None:
    today_is(THREE_DAYS_BEFORE)


def landed(as_user: Any, person: Any) -> str:
    return str(as_user(person).get("/")["Location"])


def test_everybody_lands_where_their_work_is(units: Units, as_user: Any) -> None:
    places: dict[Role, dict[str, Any]] = {
        Role.COUNTY_ENTRY: {"unit": units["XC"]},
        Role.COUNTY_REVIEWER: {"unit": units["XC"]},
        Role.INSPECTOR: {"community": make_community(units["XC"])},
        Role.WORK_TEAM: {"community": make_community(units["XC"])},
        Role.DEPUTY: {"community": make_community(units["XC"])},
    }
    for role in Role:
        expected = reverse("dashboards:leader") if role is Role.LEADER else HOME
        person = make_user(role, **places.get(role, {}))
        assert landed(as_user, person) == expected, role
        assert as_user(person).get(HOME).status_code == 200
    assert landed(as_user, make_user(administrator="system")) == reverse("accounts:list")
    assert landed(as_user, make_user(administrator="security")) == reverse("communities:holders")
    assert landed(as_user, make_user(administrator="audit")) == reverse("accounts:log")
    assert landed(as_user, make_user()) == HOME


def test_whoever_has_no_role_is_told_who_grants_them(units: Units, as_user: Any) -> None:
    page = home(as_user(make_user()))
    assert page.head.title == "你现在没有业务岗位" and "安全管理员" in page.head.text and page.panels == []


def test_the_city_office_sees_units_with_what_is_overdue(units: Units, as_user: Any) -> None:
    team, other = Team(units["XC"]), Team(units["DW"], 2)
    month = open_month()
    team.one_of_each(month)
    for project in other.projects:
        submit(project, month, other.entry)
    today_is(FOUR_DAYS_AFTER)
    page = home(as_user(make_user(Role.CITY_OFFICE)))
    assert page.head.title == "12 月月报全市还有 2 个项目没有报上来" and page.head.late
    table = panel(page, f"units-{month}").data
    rows = {row.code: row for row in table.rows}
    assert len(rows) == 10 and rows["XC"].overdue and not rows["DW"].overdue and not rows["HC"].overdue
    assert (rows["DW"].waiting.value, rows["XC"].missing.value, table.total.expected.value) == (2, 1, 6)


def test_a_unit_whose_reviewer_is_away_is_a_thing_to_do_for_the_city_office(units: Units, as_user: Any) -> None:
    team, office = Team(units["XC"]), make_user(Role.CITY_OFFICE)
    month = open_month()
    submit(team.projects[0], month, team.entry)
    assert not [title for title in titles(home(as_user(office)), "todo") if "不在岗" in title]
    away(team.reviewer, office)
    assert "孝昌县的审核人不在岗，1 份月报等代审" in titles(home(as_user(office)), "todo")


def test_the_city_office_is_told_what_to_open_and_what_goes_on(units: Units, as_user: Any) -> None:
    office = as_user(make_user(Role.CITY_OFFICE))
    page = home(office)
    assert page.head.title == "现在没有开放填报的月份"
    assert titles(page, "todo") == ["2014-01 月报还没有开放", "2014 年第一季度还没有开放"]
    quarter = make_quarter(2013, 4)
    assert "2013 年第四季度还没有开始检查" in titles(home(office), "todo")
    round_ = make_round(quarter)
    make_community(units["XC"])
    lines = {line.title: line.text for line in panel(home(office), "todo").lines}
    assert lines[round_.name] == "已提交 0 / 1"


def test_an_inspector_sees_the_own_stops_with_their_state(units: Units, as_user: Any) -> None:
    stops = [make_community(units["XC"], name=name) for name in ("甲社区", "乙社区", "丙社区")]
    foreign = make_community(units["XC"], name="丁社区")
    inspector = make_user(Role.INSPECTOR, community=stops[0])
    for stop in stops[1:]:
        grant(inspector, Role.INSPECTOR, community=stop)
    assert home(as_user(inspector)).head.title == "现在没有进行中的检查轮次"
    round_ = make_round(make_quarter(2013, 4))
    make_inspection(round_, stops[1], inspector=inspector)
    inspect(round_, stops[2], 0)
    inspect(round_, foreign, 0)
    page = home(as_user(inspector))
    lines = panel(page, f"round-{round_.pk}").lines
    assert {(line.title, line.pill) for line in lines} == {
        ("甲社区", "未检查"), ("乙社区", "评分中 0 / 2"), ("丙社区", "已提交"),
    }  # fmt: skip
    assert page.head.title == "还有 2 个站点要检查"
    for line in lines:
        assert as_user(inspector).get(line.url).status_code == 200


def test_a_work_team_sees_its_pilot_and_a_deputy_what_is_open_to_them(units: Units, as_user: Any) -> None:
    pilot, other = make_community(units["XC"], name="金桥社区"), make_community(units["XC"], name="别的社区")
    project = make_project(pilot, FacilityKind.SERVICE_CENTRE, (Stage.STARTED, JUNE))
    make_project(other, FacilityKind.SERVICE_CENTRE)
    page = home(as_user(make_user(Role.WORK_TEAM, community=pilot)))
    assert page.head.title == "我的试点：金桥社区"
    assert [(line.title, line.pill) for line in panel(page, f"pilot-{pilot.pk}").lines] == [(project.name, "动工")]
    deputy = as_user(make_user(Role.DEPUTY, community=pilot))
    lines = panel(home(deputy), "communities").lines
    assert [line.title for line in lines] == ["金桥社区"] and deputy.get(lines[0].url).status_code == 200


def test_a_leader_finds_the_pilots_and_the_way_to_the_figures(units: Units, as_user: Any) -> None:
    pilots = [make_community(units["XC"], pilot_from=JUNE) for _ in range(2)]
    team = SupportTeam.objects.create(name="工作队", department="市直部门")
    Pairing.objects.create(team=team, community=pilots[0], valid_from=JUNE)
    page = home(as_user(make_user(Role.LEADER)))
    assert titles(page, "pairings") == ["1 个试点有工作队包保", "1 个试点还没有工作队"]
    assert page.head.action.url == reverse("dashboards:leader")


def test_several_roles_add_up_and_nothing_stands_twice(units: Units, as_user: Any) -> None:
    team = Team(units["XC"])
    month = open_month()
    team.one_of_each(month)
    person = make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    grant(person, Role.COUNTY_REVIEWER, unit=units["XC"])
    grant(person, Role.DEPUTY, community=team.community)
    page = home(as_user(person))
    keys = [panel.key for panel in page.panels]
    assert {"queue", "returned", "communities", "dates", "changes"} <= set(keys)
    assert len(keys) == len(set(keys))
    text = as_user(person).get(HOME).content.decode()
    assert text.count("<h1") == 1 and words(text).count("被退回，要改") == 1


def test_the_desk_of_a_unit_is_the_units_also_for_somebody_of_the_city_office(units: Units, as_user: Any) -> None:
    team = Team(units["XC"])
    foreign, month = Team(units["DW"], 3), open_month()
    send_back(foreign.projects[0], month, foreign.entry, foreign.reviewer, "请核对。")
    grant(team.entry, Role.CITY_OFFICE)
    page = home(as_user(team.entry))
    assert page.head.title == "12 月月报还有 4 个项目要填"
    assert panel(page, "returned") is None
    assert panel(page, "units-2013-12").data.total.expected.value == 7


def test_a_term_that_ended_leaves_nothing(units: Units, as_user: Any) -> None:
    team = Team(units["XC"])
    team.one_of_each(open_month())
    gone = make_user(Role.COUNTY_ENTRY, unit=units["XC"], valid_until=dt.date(2013, 1, 1))
    page = home(as_user(gone))
    assert page.head.title == "你现在没有业务岗位"
    assert "孝昌" not in words(as_user(gone).get(HOME).content.decode())
