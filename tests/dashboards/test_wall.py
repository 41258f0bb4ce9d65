"""The screen on the wall: for whom, what it shows, how it stays up, and that it keeps nothing else open."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from communities.models import Membership, ReportingUnit
from communities.roles import Role
from tests.dashboards.pages import source, words
from tests.dashboards.scene import settle
from tests.dashboards.small_city import build
from tests.factories import make_quarter, make_user

Units = dict[str, ReportingUnit]
pytestmark = pytest.mark.django_db
WALL = "/dashboards/wall/"
REFRESH = {"X-Background": "yes", "HX-Request": "true"}
START = dt.datetime(2014, 1, 6, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> Any:
    """A clock that the test moves."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def city(units: Units, half_year: Any) -> Units:
    """Two units with a little of everything."""
    build(units, half_year["2013Q4"])
    settle()
    return units


def test_for_people_of_the_city_alone(city: Units, as_user: Any) -> None:
    for role in (Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER):
        client = as_user(make_user(role, unit=city["XN"]))
        assert client.get(WALL).status_code == client.get(WALL, headers=REFRESH).status_code == 403
    assert as_user(make_user(Role.CITY_OFFICE)).get(WALL).status_code == 200
    assert Client().get(WALL).status_code == 302


def test_it_shows_the_figures_of_the_page_and_nothing_to_press(city: Units, as_user: Any) -> None:
    leader = make_user(Role.LEADER, full_name="某某领导")
    page = source(as_user(leader), WALL)
    said = words(page)
    assert "规划 8 个新社区，已开工 6 个" in said.replace("  ", " ")
    assert "还有 2 个没有开工" in said
    assert "项目逾期，全市共有 4 个" in said
    assert page.count('<path class="county') == 7
    inside = page.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<(a|button|input|form|select)\b", inside)
    assert "某某领导" not in page
    assert "style=" not in page
    assert 'data-bs-theme="dark"' in page


def test_it_says_which_language_it_is_in(city: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    assert '<html lang="zh-Hans"' in source(client, WALL)
    client.cookies["portal_language"] = "en"
    assert '<html lang="en"' in source(client, WALL)


def test_it_asks_again_and_gets_nothing_while_nothing_changed(city: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    seen = client.get(WALL).context["state"]
    assert 'hx-trigger="every 15s"' in source(client, WALL)
    assert client.get(WALL, {"seen": seen}, headers=REFRESH).status_code == 204
    assert client.get(WALL, {"seen": "x"}, headers=REFRESH).status_code == 200


def test_a_city_without_a_quarter(units: Units, as_user: Any) -> None:
    make_quarter(2013, 4, state="planned")
    assert "还没有开放过季度" in source(as_user(make_user(Role.LEADER)), WALL)


def test_it_stays_up_for_half_a_day_and_not_longer(now: Any, city: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    assert client.get(WALL).status_code == 200
    for _ in range(11):
        now.shift(dt.timedelta(hours=1))
        assert client.get(WALL, headers=REFRESH).status_code == 200
    now.shift(dt.timedelta(hours=1))
    assert "login" in client.get(WALL, headers=REFRESH)["HX-Redirect"]


@pytest.mark.parametrize("address", ["/dashboards/", "/projects/", "/dashboards/ranking/", WALL])
def test_it_keeps_nothing_else_open(now: Any, city: Units, as_user: Any, address: str) -> None:
    """Somebody who walks up to the idle screen and opens a page, be it the same one, must sign in; the wall is over."""
    client = as_user(make_user(Role.LEADER))
    client.get(WALL)
    for _ in range(4):
        now.shift(dt.timedelta(minutes=10))
        assert client.get(WALL, headers=REFRESH).status_code == 200
    assert client.get(address).status_code == 302
    assert "login" in client.get(WALL, headers=REFRESH)["HX-Redirect"]


def test_no_other_page_outlasts_idling_and_no_post_does(now: Any, city: Units, as_user: Any) -> None:
    for address, method in (("/dashboards/", "get"), ("/nowhere/", "get"), (WALL, "post")):
        client = as_user(make_user(Role.LEADER))
        client.get(WALL)
        now.shift(dt.timedelta(minutes=31))
        getattr(client, method)(address, headers={"X-Background": "yes"})
        assert client.get(WALL, headers={"X-Background": "yes"}).status_code == 302, address


def test_it_ends_with_the_right(now: Any, city: Units, as_user: Any) -> None:
    person = make_user(Role.LEADER)
    client = as_user(person)
    assert client.get(WALL).status_code == 200
    Membership.objects.filter(user=person).update(valid_until=dt.date(2014, 1, 6))
    assert client.get(WALL, headers=REFRESH).status_code == 403
