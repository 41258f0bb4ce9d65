"""Whose figures a person sees: the city's totals and one's own unit, the others only after publication."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from facilities.models import Project
from tests.dashboards.pages import LEADER, facts, listed_on, number_links, source, words
from tests.dashboards.scene import LAST_DAY, OCTOBER, SHAPES, inspect, move, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_round, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
FOREIGN = "大悟"
PUBLISHED = dt.date(2014, 2, 26)


@pytest.fixture
def city(units: Units, half_year: Quarters) -> Units:
    """Two units with a little of everything; 大悟 with one number of every kind that nobody else has."""
    build(units, half_year["2013Q4"])
    for _ in range(9):
        make_community(units["DW"], type="town")
    settle()
    return units


@pytest.fixture
def county(as_user: Any, city: Units) -> Client:
    """A client of 孝南's entry team."""
    return as_user(make_user(Role.COUNTY_ENTRY, unit=city["XN"]))  # type: ignore[no-any-return]


def publish(quarter: ReportingQuarter) -> None:
    ReportingQuarter.objects.filter(pk=quarter.pk).update(published_on=PUBLISHED)


def names_in(unit: ReportingUnit) -> set[str]:
    placed = Community.objects.filter(placements__unit=unit, placements__valid_until=None)
    return set(placed.values_list("name", flat=True))


def test_a_county_sees_the_city_and_itself(county: Client) -> None:
    said = words(source(county))
    assert "规划 17 个新社区" in said
    assert "本季度还没有公布。" in said
    assert "本单位得分" in said
    assert "孝南 4 3 2 1 全市 17 6 4 2" in said


def test_nothing_of_another_unit_stands_in_the_source(county: Client, city: Units) -> None:
    pages = {LEADER, *(link.url for link in number_links(source(county)))}
    pages |= {f"/dashboards/2013Q4/{code}/" for code in SHAPES}
    for address in pages:
        page = source(county, address)
        assert FOREIGN not in page, address
        assert "unit=DW" not in page, address
        assert not [name for name in names_in(city["DW"]) if name in page], address


def test_before_publication_there_is_no_map_and_no_ranking(county: Client) -> None:
    page = county.get(LEADER, {"rank": "yes"})
    assert page.context["leader"].sketch is None
    assert [row.place for row in page.context["leader"].scores.rows] == [None]
    assert "名次变化" not in page.content.decode()
    assert 'class="county' not in page.content.decode()


@pytest.mark.parametrize("code", SHAPES)
def test_the_list_holds_only_ones_own(county: Client, city: Units, code: str) -> None:
    page = facts(county, f"/dashboards/2013Q4/{code}/")
    assert page.check.agrees
    assert page.check.whose == "孝南"
    assert {row.unit for row in page.rows} <= {"孝南"}
    assert county.get(f"/dashboards/2013Q4/{code}/?unit=DW").status_code == 404


def test_the_city_stands_beside_ones_own(county: Client) -> None:
    assert "全市 17，本单位 4" in words(source(county, "/dashboards/2013Q4/planned/"))


def test_after_publication_the_figures_are_everybodys_but_the_records_are_not(
    county: Client, city: Units, half_year: Quarters
) -> None:
    publish(half_year["2013Q4"])
    page = county.get(LEADER).context["leader"]
    assert len(page.scores.rows) == len(page.units) == 10
    assert page.scores.ranked
    assert page.sketch is not None
    said = words(source(county, "/dashboards/2013Q4/planned/?unit=DW"))
    assert "另有 13 条属于其他单位" in said
    listed = listed_on(county, "/dashboards/2013Q4/planned/")
    assert len(listed) == 4
    assert set(listed) <= names_in(city["XN"])


def test_a_published_quarter_does_not_open_the_one_before(county: Client, city: Units, half_year: Quarters) -> None:
    """A change would tell the earlier figure; a move in rank would tell the earlier order."""
    inspect(make_round(half_year["2013Q3"]), make_community(city["DW"]), 30)
    inspect(half_year["2013Q3"].round, make_community(city["XN"]), 20)
    settle()
    publish(half_year["2013Q4"])
    rows = {row.name: row for row in county.get(LEADER).context["leader"].scores.rows}
    assert rows[FOREIGN].score is not None
    assert rows[FOREIGN].change is None
    assert rows[FOREIGN].moved is None
    assert rows["孝南"].change is not None
    assert rows["孝南"].moved is None


def test_a_community_that_has_left_is_still_a_fact_of_its_unit_then(county: Client, city: Units) -> None:
    """Counted, listed, added up; but its page and its project's are no longer the unit's to open."""
    leaver = Project.objects.get(kind="clinic", community__placements__unit=city["XN"]).community
    move(leaver, city["DW"], LAST_DAY + dt.timedelta(days=1))
    settle()
    page = facts(county, "/dashboards/2013Q4/started/?unit=XN")
    assert page.check.agrees
    assert page.check.stored == "3"
    assert page.page.paginator.count == 3
    assert page.hidden == 0
    (left,) = (row for row in page.rows if row.name == leaver.name)
    assert (left.unit, left.url, left.history_url, left.ground.url) == ("孝南", "", "", "")
    assert all(row.url for row in page.rows if row is not left)
    said = source(county, "/dashboards/2013Q4/started/?unit=XN")
    assert f"/communities/{leaver.pk}/" not in said
    assert "已不在本单位" in said
    (row,) = (
        row for row in facts(county, "/dashboards/2013Q4/centres_built/?counted=no").rows if row.name == left.name
    )
    assert row.ground is None


@pytest.mark.parametrize(
    ("code", "clicked"),
    [("started", "headline.missing"), ("standardised", "stock"), ("centres_built", "headline.built")],
)
def test_what_is_not_listed_is_told(county: Client, code: str, clicked: str) -> None:
    """The number clicked is the city's; the list and the note together make it."""
    leader = county.get(LEADER).context["leader"]
    gaps = {
        "headline.missing": leader.headline.missing.value,
        "stock": leader.stock.missing,
        "headline.built": leader.headline.planned.value - leader.headline.built.value,
    }
    page = facts(county, f"/dashboards/2013Q4/{code}/?counted=no")
    assert page.page.paginator.count + page.hidden == gaps[clicked]
    assert page.hidden > 0
    assert f"另有 {page.hidden} 条属于其他单位" in words(source(county, f"/dashboards/2013Q4/{code}/?counted=no"))


def test_the_note_goes_with_every_way_of_narrowing(county: Client) -> None:
    share = facts(county, "/dashboards/2013Q4/inspected_share/?counted=yes")
    assert (share.page.paginator.count, share.hidden) == (2, 2)
    new = facts(county, "/dashboards/2013Q4/centres_built/?since=new")
    assert (new.page.paginator.count, new.hidden) == (1, 1)
    searched = words(source(county, "/dashboards/2013Q4/planned/?q=测试"))
    assert "范围以外的不查找" in searched
    assert "另有" not in searched
    assert "另有" not in words(source(county, "/dashboards/2013Q4/average_score/?counted=no"))


def test_the_city_has_nothing_hidden(city: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    for more in ("", "?counted=no", "?since=new", "?q=x"):
        assert "hidden-note" not in source(client, f"/dashboards/2013Q4/started/{more}")


def test_a_community_that_has_come_is_not_counted_here_for_the_time_before(county: Client, city: Units) -> None:
    comer = Community.objects.filter(placements__unit=city["DW"], placements__population="programme").first()
    assert comer is not None
    move(comer, city["XN"], LAST_DAY + dt.timedelta(days=1))
    settle()
    assert comer.name not in listed_on(county, "/dashboards/2013Q4/planned/")


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.WORK_TEAM, Role.DEPUTY])
def test_a_role_at_a_community_sees_the_city_and_that_community(role: Role, city: Units, as_user: Any) -> None:
    stop = Community.objects.filter(placements__unit=city["XN"], pilot_from=dt.date(2013, 3, 15)).get()
    client = as_user(make_user(role, community=stop))
    page = client.get(LEADER).context["leader"]
    assert list(page.units) == list(page.scores.rows) == []
    assert "规划 17 个新社区" in words(source(client))
    assert listed_on(client, "/dashboards/2013Q4/started/") == [stop.name]
    assert client.get("/dashboards/2013Q4/started/?unit=XN").status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.CITY_OFFICE])
def test_the_city_sees_everything(role: Role, city: Units, as_user: Any) -> None:
    client = as_user(make_user(role))
    assert len(client.get(LEADER).context["leader"].units) == 10
    assert len(listed_on(client, "/dashboards/2013Q4/planned/?unit=DW")) == 13


@pytest.mark.parametrize("address", [LEADER, "/dashboards/2013Q4/planned/"])
def test_who_has_no_business_here(address: str, city: Units, as_user: Any) -> None:
    assert as_user(make_user()).get(address).status_code == 403
    for kind in ("system", "security", "audit"):
        assert as_user(make_user(administrator=kind)).get(address).status_code == 403
    ended = make_user(Role.LEADER, valid_until=OCTOBER)
    assert as_user(ended).get(address).status_code == 403
    assert Client().get(address).status_code == 302
