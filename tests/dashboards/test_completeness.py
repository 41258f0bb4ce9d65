"""Completeness and timeliness per unit: sums, scope, doors, history of due dates, what is missing, Excel."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest

from communities import actions
from communities.actions import succeed
from communities.models import ReportingUnit
from communities.roles import Role
from facilities.report_actions import begin_correction
from tests.dashboards.month_scene import (
    FOUR_DAYS_AFTER,
    THREE_DAYS_BEFORE,
    Team,
    approve,
    approve_again,
    draft,
    open_month,
    submit,
    today_is,
)
from tests.dashboards.pages import words
from tests.dashboards.scene import inspect, settle
from tests.factories import make_community, make_quarter, make_round, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
PAGE = "/dashboards/periods/"
STATES = ("approved", "waiting", "returned", "missing")


@pytest.fixture(autouse=True)
def three_days_before() -> None:
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def teams(units: Units) -> dict[str, Team]:
    return {"XC": Team(units["XC"]), "DW": Team(units["DW"], 5)}


def context(client: Any, address: str = PAGE) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return response.context


def lines_of(response: Any) -> list[list[Any]]:
    """Everything in a workbook."""
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    return [[cell.value for cell in line] for line in sheet.iter_rows()]


def test_ten_units_add_up_and_every_state_to_what_is_expected(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    for team in teams.values():
        team.one_of_each(month)
    table = context(as_user(make_user(Role.CITY_OFFICE)))["table"]
    assert len(table.rows) == 10
    for row in table.lines:
        assert row.expected.value == sum(getattr(row, state).value for state in STATES)
        assert row.filed.value == row.expected.value - row.missing.value
    for field in ("expected", "filed", *STATES, "late"):
        assert getattr(table.total, field).value == sum(getattr(row, field).value for row in table.rows)
    assert (table.total.expected.value, table.total.missing.value) == (9, 3)


def test_every_number_leads_to_the_records_it_counts(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    for team in teams.values():
        team.one_of_each(month)
        draft(team.projects[3], month, team.entry)
        correction = begin_correction(team.projects[0].reports.get(), actor=team.entry, reason="数字写错了")
        approve_again(correction, team)
    office = as_user(make_user(Role.CITY_OFFICE))
    for row in context(office)["table"].lines:
        for field in ("filed", "approved", "waiting", "returned", "late"):
            number = getattr(row, field)
            assert office.get(number.url).context["paginator"].count == number.value, (row.name, field)
        listed = context(office, row.missing.url)["missing"]["page_obj"].paginator.count
        assert listed == row.missing.value


@pytest.mark.parametrize("fate", ["moved", "merged"])
def test_a_number_leads_to_its_records_after_a_community_has_left(
    teams: dict[str, Team], as_user: Any, fate: str
) -> None:
    """Counted is where it stood on the month's last day; so is what the number opens."""
    month, team, office = open_month(), teams["XC"], make_user(Role.CITY_OFFICE)
    team.one_of_each(month)
    teams["DW"].one_of_each(month)
    new_year, heir = dt.date(2014, 1, 1), teams["DW"].community
    if fate == "moved":
        actions.move_placement(
            team.community, unit=teams["DW"].unit, valid_from=new_year, reason="区划调整", actor=office
        )
    else:
        succeed(team.community, kind="merged", effective_on=new_year, reason="合并", successor=heir, actor=office)
    city = as_user(office)
    rows = context(city)["table"].lines
    assert {row.code: row.expected.value for row in rows if row.expected.value} == {"XC": 4, "DW": 5, "": 9}
    for row in rows:
        for field in ("filed", "approved", "waiting", "returned", "late"):
            number = getattr(row, field)
            assert city.get(number.url).context["paginator"].count == number.value, (row.name, field)
        assert context(city, row.missing.url)["missing"]["page_obj"].paginator.count == row.missing.value
    (own,) = context(as_user(team.entry))["table"].rows
    if fate == "moved":
        assert own.filed.value == 3 and not own.filed.url, "its reports are another unit's to read now"
    else:
        assert as_user(team.entry).get(own.filed.url).context["paginator"].count == own.filed.value == 3


def test_completeness_is_computed_from_content_and_lateness_stays(teams: dict[str, Team], as_user: Any) -> None:
    team, month = teams["XC"], open_month(due_on=dt.date(2014, 1, 6))
    approve(team.projects[0], month, team.entry, team.reviewer)
    today_is(FOUR_DAYS_AFTER)
    submit(team.projects[1], month, team.entry)
    row = {row.code: row for row in context(as_user(make_user(Role.CITY_OFFICE)))["table"].rows}["XC"]
    assert (row.completeness.part, row.completeness.whole) == (6, 12)
    assert (row.timeliness.part, row.timeliness.whole) == (1, 4)
    assert row.late.value == 1 and row.overdue
    assert "6 / 12 50.0%" in words(as_user(team.entry).get(PAGE).content.decode())


def test_people_of_a_unit_see_their_own_row_and_the_city(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    teams["XC"].one_of_each(month)
    for project in teams["DW"].projects[1:]:
        submit(project, month, teams["DW"].entry)
    for person in (teams["XC"].entry, teams["XC"].reviewer):
        client = as_user(person)
        table = context(client)["table"]
        assert [row.code for row in table.rows] == ["XC"] and table.total.expected.value == 9
        assert not table.total.waiting.url and not table.total.missing.url
        assert client.get(table.rows[0].waiting.url).context["paginator"].count == 1
        assert "大悟" not in words(client.get(PAGE).content.decode())
        for code in ("all", "DW"):
            rows = context(client, f"{PAGE}?month=2013-12&missing={code}")["missing"]["page_obj"]
            assert {row.community for row in rows} <= {teams["XC"].community}


def test_a_leader_gets_links_only_to_what_leaders_may_read(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    teams["XC"].one_of_each(month)
    draft(teams["XC"].projects[3], month, teams["XC"].entry)
    leader = as_user(make_user(Role.LEADER))
    total = context(leader)["table"].total
    assert total.waiting.value == 1 and not total.waiting.url
    assert leader.get(total.approved.url).context["paginator"].count == total.approved.value == 1
    listed = context(leader, f"{PAGE}?month=2013-12&missing=XC")["missing"]["page_obj"]
    assert [row.begun for row in listed] == [False], "a draft is the unit's business"


def test_others_are_refused(units: Units, as_user: Any) -> None:
    open_month()
    community = make_community(units["XC"])
    for role in (Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY):
        assert as_user(make_user(role, community=community)).get(PAGE).status_code == 403
    assert as_user(make_user()).get(PAGE).status_code == 403


def test_the_city_office_finds_its_actions_and_the_history_of_due_dates(teams: dict[str, Team], as_user: Any) -> None:
    month, office = open_month(), make_user(Role.CITY_OFFICE)
    actions.move_due_date(month, dt.date(2014, 1, 8), reason="元旦放假", expected_version=1, actor=office)
    page = context(as_user(office))
    labels = [action.label for action in page["actions"]]
    assert labels == ["催报", "改截止日期", "开放新的月份"]
    for action in page["actions"]:
        assert as_user(office).get(action.url).status_code == 200
    text = words(as_user(teams["XC"].entry).get(PAGE).content.decode())
    assert "元旦放假" in text and "2014-01-06" in text and "2014-01-08" in text
    assert context(as_user(teams["XC"].entry))["actions"] == []


def test_a_quarter_shows_its_three_months_and_what_was_inspected(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    open_month(2013, 10, dt.date(2013, 11, 6), state="closed")
    quarter = make_quarter(2013, 4)
    teams["XC"].one_of_each(month)
    inspect(make_round(quarter), teams["XC"].community, 0)
    settle()
    board = context(as_user(make_user(Role.CITY_OFFICE)), f"{PAGE}?quarter=2013Q4")["board"]
    page = as_user(make_user(Role.CITY_OFFICE)).get(f"{PAGE}?quarter=2013Q4").content.decode()
    assert [f'data-label="{number} 月完整率"' in page for number in (10, 11, 12)] == [True] * 3
    assert [str(name) for name in board.names] == ["2013-10", "2013-11", "2013-12"]
    row = next(row for row in board.rows if row.name == "孝昌")
    assert row.months[1] is None and row.months[2].filed.value == 3
    assert (row.inspected.part, row.inspected.whole) == (1, 1)
    assert (board.total.inspected.part, board.total.inspected.whole) == (1, 2)
    assert sum(row.inspected.whole for row in board.rows) == board.total.inspected.whole
    assert (row.completeness.part, row.completeness.whole) == (9, 24), "three reports of four, and none in October"
    assert (row.timeliness.part, row.timeliness.whole, row.late.value) == (3, 8, 0)
    office = as_user(make_user(Role.CITY_OFFICE))
    for code, found in (("report_completeness", row.completeness), ("report_timeliness", row.timeliness)):
        assert f'href="{found.url.replace("&", "&amp;")}"' in page
        behind = office.get(found.url).context["facts"]
        assert code in found.url and behind.page.paginator.count == 4, "the four projects behind the number"
    assert office.get(row.late.url).status_code == 200
    own = context(as_user(teams["XC"].entry), f"{PAGE}?quarter=2013Q4")["board"]
    assert [row.name for row in own.rows] == ["孝昌"] and own.total.inspected.whole == 2


def test_periods_that_do_not_exist_are_not_found_and_none_at_all_is_said(units: Units, as_user: Any) -> None:
    office = as_user(make_user(Role.CITY_OFFICE))
    for address in (PAGE, f"{PAGE}?quarter="):
        assert "还没有开放过" in words(office.get(address).content.decode())
    assert office.get(f"{PAGE}?export=xlsx").status_code == 404
    open_month()
    for query in (
        "month=2013-11",
        "month=abc",
        "month=%00",
        "quarter=2013Q4",
        "month=2013-12&missing=ZZ",
        "missing=%00",
    ):
        assert office.get(f"{PAGE}?{query}").status_code == 404, query


def test_the_table_is_taken_out_as_it_is_shown(teams: dict[str, Team], as_user: Any) -> None:
    teams["XC"].one_of_each(open_month())
    lines = lines_of(as_user(teams["XC"].entry).get(f"{PAGE}?month=2013-12&export=xlsx"))
    heads = next(line for line in lines if line[0] == "单位")
    row = dict(zip(heads, next(line for line in lines if line[0] == "孝昌"), strict=True))
    assert (row["应报"], row["已报"], row["未报"], row["已填内容"], row["应填内容"]) == (4, 3, 1, 9, 12)
    assert [line[0] for line in lines if line[0] in ("大悟", "全市")] == ["全市"]


def test_a_quarter_is_taken_out_with_its_months_side_by_side(teams: dict[str, Team], as_user: Any) -> None:
    quarter = make_quarter(2013, 4)
    teams["XC"].one_of_each(open_month())
    inspect(make_round(quarter), teams["XC"].community, 0)
    settle()
    client = as_user(teams["XC"].entry)
    assert "导出 Excel（2 条）" in words(client.get(f"{PAGE}?quarter=2013Q4").content.decode())
    lines = lines_of(client.get(f"{PAGE}?quarter=2013Q4&export=xlsx"))
    assert lines[0][0] == "2013 年第四季度 月报完整率"
    heads = next(line for line in lines if line[0] == "单位")
    row = dict(zip(heads, next(line for line in lines if line[0] == "孝昌"), strict=True))
    assert [row[f"{month} 月应报"] for month in (10, 11, 12)] == ["—", "—", 4]
    assert (row["12 月已填内容"], row["12 月应填内容"], row["12 月完整率（%）"]) == (9, 12, 75)
    assert (row["已检查"], row["规划新社区"]) == (1, 1)
    assert (row["全季已填内容"], row["全季应填内容"], row["全季完整率（%）"]) == (9, 12, 75)
    assert (row["全季及时报"], row["全季应报"], row["全季及时率（%）"], row["迟报"]) == (3, 4, 75, 0)
    assert [line[0] for line in lines if line[0] in ("大悟", "全市")] == ["全市"]


def test_what_is_missing_is_taken_out_apart_from_the_table(teams: dict[str, Team], as_user: Any) -> None:
    month = open_month()
    teams["XC"].one_of_each(month)
    client = as_user(teams["XC"].entry)
    address = f"{PAGE}?month=2013-12&missing=XC"
    found = client.get(address).context
    assert "missing" not in found["export"].url and found["missing"]["export"].count == 1
    lines = lines_of(client.get(f"{PAGE}{found['missing']['export'].url}"))
    assert lines[0][0] == "2013-12 没有报的项目" and any("口径：本月没有交过月报" in str(line[0]) for line in lines)
    heads = next(line for line in lines if line[0] == "社区")
    rows = lines[lines.index(heads) + 1 :]
    (project,) = [row for row in found["missing"]["page_obj"]]
    assert dict(zip(heads, rows[0], strict=True))["项目"] == project.name
    assert str(rows[1][0]).startswith("合计")
    assert as_user(teams["DW"].entry).get(f"{address}&export=xlsx").status_code == 200
    assert project.name not in str(lines_of(as_user(teams["DW"].entry).get(f"{address}&export=xlsx"))[4:])
