"""Figures through the API: the same numbers as the pages, and of other units nothing before publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from core.periods import Quarter
from dashboards.figures import figures_of
from dashboards.indicators import REGISTRY
from jobs import broker
from tests import factories
from tests.api.conftest import Caller
from tests.dashboards.scene import SHAPES, settle
from tests.dashboards.small_city import build

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
Sign = Callable[[User], Caller]
Q4 = Quarter(2013, 4)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    broker.breaker.worked()


@pytest.fixture
def city(units: Units) -> Units:
    """Two units with a little of everything; 大悟 with one number of every kind that nobody else has."""
    factories.make_quarter(2013, 3)
    build(units, factories.make_quarter(2013, 4))
    for _ in range(9):
        factories.make_community(units["DW"], type="town")
    settle()
    return units


@pytest.fixture
def county(call_as: Sign, city: Units) -> Caller:
    """孝南's entry team."""
    return call_as(factories.make_user(Role.COUNTY_ENTRY, unit=city["XN"]))


@pytest.fixture
def office(call_as: Sign, city: Units) -> Caller:
    return call_as(factories.make_user(Role.CITY_OFFICE))


def everything(caller: Caller, address: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    rows, place = [], f"{address}{'&' if '?' in address else '?'}page_size=200"
    while place:
        answer = caller.get(place)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        rows += body["results"]
        place = (body["next"] or "").partition("/api/v1/")[2]
    return rows


def test_they_are_the_stored_figures(office: Caller) -> None:
    table = figures_of(Q4)
    rows = everything(office, "figures/?quarter=2013Q4")
    assert len(rows) == len(REGISTRY) * 11 * 5
    for row in rows:
        cell = table.cell(row["indicator"], row["unit"], row["type"])
        assert Decimal(row["numerator"]) == cell.numerator
        assert row["records"] == cell.records
        assert (row["value"] is None) == (cell.value is None)


def test_facts_add_up_to_their_figure(office: Caller) -> None:
    for code in ("planned", "started", "party_organisations"):
        figure = everything(office, f"figures/?quarter=2013Q4&indicator={code}&unit=all&type=all")[0]
        facts = everything(office, f"figures/2013Q4/{code}/facts/")
        assert len(facts) == figure["records"]
        assert all(fact["counted"] and fact["id"] for fact in facts)


def test_before_publication_a_county_sees_itself_and_the_city(county: Caller, city: Units) -> None:
    rows = everything(county, "figures/?quarter=2013Q4")
    assert {row["unit"] for row in rows} == {"all", "XN"}
    hidden, missing = (county.get(f"figures/?quarter=2013Q4&unit={code}") for code in ("DW", "ZZ"))
    assert (hidden.status_code, missing.status_code) == (400, 400)
    assert hidden.content.replace(b"DW", b"ZZ") == missing.content


def test_after_publication_it_sees_all(county: Caller) -> None:
    ReportingQuarter.objects.filter(number=4).update(published_on=dt.date(2014, 2, 26))
    assert len({row["unit"] for row in everything(county, "figures/?quarter=2013Q4")}) == 11


@pytest.mark.parametrize("code", SHAPES)
def test_facts_are_ones_own_whatever_is_asked(county: Caller, city: Units, code: str) -> None:
    """No filter, order or count tells how many another unit has, or which."""
    foreign = set(
        Community.objects.filter(placements__unit=city["DW"], placements__valid_until=None).values_list(
            "name", flat=True
        )
    )
    address = f"figures/2013Q4/{code}/facts/"
    for query in ("", "?counted=yes", "?counted=no", "?ordering=-unit", "?type=town", "?q=%E7%A4%BE"):
        answer = county.get(address + query)
        assert answer.status_code in (200, 400), answer.content
        text = answer.content.decode()
        assert '"unit":"DW"' not in text
        assert not [name for name in foreign if name in text]
        if answer.status_code == 200:
            assert answer.json()["count"] == len(everything(county, address + query))
    assert county.get(f"{address}?unit=DW").status_code == 400


def test_lists_tell_nothing_of_other_units(county: Caller, city: Units) -> None:
    """Counts, filters and orders of each list run over what the person sees, and over nothing else."""
    for address in (
        "communities/",
        "placements/",
        "projects/",
        "centres/",
        "organisations/",
        "inspections/",
        "reports/",
    ):
        everywhere = everything(county, address)
        for query in ("?unit=DW", "?q=%E5%A4%A7"):
            answer = county.get(address + query)
            if answer.status_code == 400:
                continue
            assert answer.json()["count"] == len([row for row in answer.json()["results"] if row in everywhere])
            if query == "?unit=DW":
                assert answer.json()["count"] == 0
        assert "DW" not in {row.get("unit") for row in everywhere}


def test_people_without_a_role_get_no_figure(call_as: Sign, city: Units) -> None:
    for person in (factories.make_user(), factories.make_user(administrator="system")):
        caller = call_as(person)
        for address in ("figures/", "indicators/", "figures/2013Q4/planned/facts/", "construction/s-curve/"):
            assert caller.get(address).status_code == 403


def test_a_quarter_that_was_never_opened_is_not_there(office: Caller) -> None:
    for address in ("figures/?quarter=2012Q4", "figures/?quarter=abc", "figures/2012Q4/planned/facts/"):
        assert office.get(address).status_code == 404
    assert office.get("figures/2013Q4/nothing/facts/").status_code == 404


def test_the_curve_ends_at_the_figure_and_is_ones_own(office: Caller, county: Caller) -> None:
    body = office.get("construction/s-curve/?quarter=2013Q4").json()
    told = {point["month"]: point["built"] for point in body["points"]}
    assert (body["unit"], body["total"]) == ("all", int(figures_of(Q4).cell("projects").numerator))
    assert told["2013-12"] == figures_of(Q4).cell("projects_built").numerator
    assert county.get("construction/s-curve/?quarter=2013Q4&unit=XN").json()["unit"] == "XN"
    assert county.get("construction/s-curve/?quarter=2013Q4&unit=DW").status_code == 400
    ReportingQuarter.objects.update(published_on=dt.date(2014, 2, 26))
    assert county.get("construction/s-curve/?quarter=2013Q4&unit=DW").status_code == 400
