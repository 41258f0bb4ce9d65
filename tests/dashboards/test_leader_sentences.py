"""The three sentences: who is behind, what changed, what waits, for every shape of city; each number a door."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.sentences import Piece, compose, listed, spoken
from facilities.models import Project
from facilities.workflow import Stage
from tests.dashboards.pages import LEADER, facts
from tests.dashboards.scene import LAST_DAY, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_month, make_project, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
BEFORE, AFTER = LAST_DAY - dt.timedelta(days=20), LAST_DAY + dt.timedelta(days=20)


@pytest.fixture
def leader(as_user: Any, units: Units, half_year: Quarters) -> Client:
    """A client of the city's leader, while December is the month that reports."""
    make_month()
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


def late(units: Units, **numbers: int) -> None:
    """So many projects of each unit that should have been built."""
    for code, number in numbers.items():
        home = make_community(units[code])
        for _ in range(number):
            make_project(home, "other", planned_finish=BEFORE)


def page(client: Client, address: str = LEADER) -> Any:
    return client.get(address).context["leader"]


def test_a_sentence_keeps_its_order_in_any_language() -> None:
    parts: dict[str, Any] = {"a": Piece("1", "/a"), "b": listed([Piece("x", "/x"), Piece("y", "/y")])}
    assert spoken(compose("有 %(a)s 个：%(b)s。", **parts)) == "有 1 个：x、y。"
    assert spoken(compose("%(b)s: %(a)s in all", **parts)) == "x、y: 1 in all"
    with pytest.raises(KeyError):
        compose("%(c)s", **parts)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, "全市没有项目逾期。"),
        ({"XC": 3}, "孝昌 3 个项目逾期：3 个没有按期建成。"),
        ({"XC": 3, "DW": 1}, "孝昌 3 个、大悟 1 个项目逾期，全市共有 4 个：4 个没有按期建成。"),
        ({"XC": 2, "DW": 2}, "孝昌 2 个、大悟 2 个项目逾期，全市共有 4 个：4 个没有按期建成。"),
        # The fourth has as many as the third: two are named, not three of four.
        (
            {"XN": 1, "XC": 3, "DW": 2, "YM": 1},
            "孝昌 3 个、大悟 2 个项目逾期，全市共有 7 个：7 个没有按期建成。",
        ),
        # Four alike: nobody is singled out.
        ({"XN": 1, "XC": 1, "DW": 1, "YM": 1}, "4 个单位共有 4 个项目逾期：4 个没有按期建成。"),
    ],
)
def test_who_is_behind(leader: Client, units: Units, numbers: dict[str, int], said: str) -> None:
    late(units, **numbers)
    assert spoken(page(leader).behind) == said


def test_both_ways_of_being_late_add_up(leader: Client, units: Units) -> None:
    late(units, XC=2)
    make_project(make_community(units["XC"]), "other", planned_start=BEFORE, planned_finish=AFTER)
    assert spoken(page(leader).behind) == "孝昌 3 个项目逾期：2 个没有按期建成、1 个没有按期动工。"


def test_every_number_of_who_is_behind_lists_exactly_those(leader: Client, units: Units) -> None:
    late(units, XN=1, XC=3, DW=2, HC=1)
    make_project(make_community(units["DW"]), "other", (Stage.LAND, BEFORE), planned_start=BEFORE)
    doors = {piece.text: piece.url for piece in page(leader).behind if piece.url}
    assert set(doors) == {"孝昌 3 个", "大悟 3 个", "8", "7 个没有按期建成", "1 个没有按期动工"}
    for text, url in doors.items():
        listing = leader.get(url).context["page_obj"]
        assert str(listing.paginator.count) in text, url
        there = {row.place_unit for row in listing}
        assert there <= ({text[:2]} if text[:2] in ("孝昌", "大悟") else {"孝南", "孝昌", "大悟", "汉川"})


def test_a_county_hears_of_itself_and_of_the_citys_number(units: Units, half_year: Quarters, as_user: Any) -> None:
    make_month()
    client = as_user(make_user(Role.COUNTY_ENTRY, unit=units["XC"]))
    assert spoken(page(client).behind) == "全市没有项目逾期。"
    late(units, DW=2)
    assert spoken(page(client).behind) == "孝昌没有项目逾期；全市共有 2 个。"
    late(units, XC=3)
    assert spoken(page(client).behind) == "孝昌 3 个项目逾期：3 个没有按期建成；全市共有 5 个。"
    doors = [piece.url for piece in page(client).behind if piece.url]
    shown = [client.get(url).context for url in doors]
    assert [(each["page_obj"].paginator.count, each.get("hidden")) for each in shown] == [(3, None), (3, None), (3, 2)]
    team = as_user(make_user(Role.WORK_TEAM, community=Project.objects.first().community))  # type: ignore[union-attr]
    assert spoken(page(team).behind) == "全市共有 5 个项目逾期。"


def test_publication_opens_figures_and_not_who_is_late(units: Units, half_year: Quarters, as_user: Any) -> None:
    make_month()
    late(units, DW=4, XC=1)
    ReportingQuarter.objects.update(published_on=dt.date(2014, 2, 26))
    client = as_user(make_user(Role.COUNTY_REVIEWER, unit=units["XC"]))
    shown = page(client)
    assert spoken(shown.behind) == "孝昌 1 个项目逾期：1 个没有按期建成；全市共有 5 个。"
    assert [unit.name for unit in shown.late.units] == ["孝昌"]


def test_a_past_quarter_is_judged_by_its_own_last_day(leader: Client, units: Units) -> None:
    late(units, XC=1)
    assert spoken(page(leader, f"{LEADER}?quarter=2013Q3").behind) == "全市没有项目逾期。"
    assert page(leader, f"{LEADER}?quarter=2013Q3").decisions is None


def test_what_changed(leader: Client, units: Units, half_year: Quarters) -> None:
    assert spoken(page(leader).changed) == "没有上一季度的数字可比。没有等待协调的事项。"
    build(units, half_year["2013Q4"])
    settle()
    changed = page(leader).changed
    assert spoken(changed).startswith("与上季比，基本建成增加 2 个、规范化减少 2 个。")
    built, lost = (piece.url for piece in changed if piece.url)
    new, gone = facts(leader, built), facts(leader, lost)
    assert (new.page.paginator.count, gone.page.paginator.count) == (2, 2)
    assert new.moved.before + new.moved.new - new.moved.gone == new.moved.now == 2
    assert (gone.moved.before, gone.moved.new, gone.moved.gone, gone.moved.now) == (4, 0, 2, 2)
    assert {row.amount for row in new.rows} == {"1"}
    assert not gone.shows_amount


def test_nothing_changed_says_so(leader: Client, units: Units) -> None:
    make_project(make_community(units["XC"]), "clinic", (Stage.STARTED, dt.date(2013, 3, 1)))
    settle()
    assert spoken(page(leader).changed).startswith("开工、建成和规范化的数和上季一样。")


def test_a_change_of_another_unit_is_not_told_before_the_quarter_before_is_published(
    units: Units, half_year: Quarters, as_user: Any
) -> None:
    """Now less what is new plus what has gone is last quarter's figure."""
    build(units, half_year["2013Q4"])
    settle()
    ReportingQuarter.objects.filter(pk=half_year["2013Q4"].pk).update(published_on=dt.date(2014, 2, 26))
    client = as_user(make_user(Role.COUNTY_ENTRY, unit=units["XN"]))
    address = "/dashboards/2013Q4/centres_built/?since=new"
    for since in ("new", "gone"):
        foreign = facts(client, f"/dashboards/2013Q4/centres_built/?since={since}&unit=DW")
        assert (foreign.moved, foreign.hidden, foreign.page.paginator.count) == (None, None, 0)
    assert facts(client, f"{address}&unit=XN").moved.new == 1
    assert facts(client, address).hidden == 1
    assert Decimal(facts(client, address).moved.new) == 2
