"""A county looks for another unit's records and unpublished figures in everything the leadership page leads to."""

from __future__ import annotations

import datetime as dt
import html
import re
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.test import Client

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from facilities.workflow import Stage
from tests.architecture.test_exports import sheet_of
from tests.dashboards.pages import LEADER
from tests.dashboards.scene import LAST_DAY, MARCH, OCTOBER, inspect, settle, standardise
from tests.factories import make_community, make_month, make_project, make_report, make_round, make_sheet, make_user

Units = dict[str, ReportingUnit]
pytestmark = pytest.mark.django_db
MARK = "外县标记"
# Names of 大悟's records, its score, and the points that it lost; nobody else's, and no average of the city.
SECRETS = (
    f"{MARK}社区",
    f"{MARK}晚的",
    f"{MARK}请协调",
    f"{MARK}中心",
    f"{MARK}老",
    "62.0",
    "38.0",
    "7,777.77",
    "3,333.33",
)
DAY = "2013-12-31"
CONSTRUCTION = "/dashboards/construction/"
MONEY = ("funds_planned", "invested", "funds_arrived", "invested_rate", "late_reports", "report_completeness")
LATE = LAST_DAY - dt.timedelta(days=77)


@pytest.fixture
def foreign(units: Units, half_year: dict[str, ReportingQuarter]) -> Units:
    """大悟 has one of everything that the page speaks of, with the mark on it; two others have the same without.

    Two, since of two units the city's number less one's own would tell the other's, which nobody can help.
    """
    month, sheet = make_month(), make_sheet(50, 30, 20)
    rounds = [make_round(quarter, sheet) for quarter in half_year.values()]
    funds = {"DW": ("7777.77", "3333.33"), "XN": ("100", "10"), "YM": ("200", "20")}
    for code, mark, lost in (("DW", MARK, (30, 8, 0)), ("XN", "本县", (1, 1, 1)), ("YM", "邻县", (2, 2, 2))):
        planned, arrived = map(Decimal, funds[code])
        new = make_community(units[code], name=f"{mark}社区")
        old = make_community(units[code], name=f"{mark}老社区", population="existing")
        stages = ((Stage.STARTED, MARCH), (Stage.BASICALLY_BUILT, OCTOBER))
        make_project(new, "service_centre", *stages, name=f"{mark}中心")
        plan = {"planned_start": MARCH, "planned_finish": LATE, "fund_city": planned}
        late = make_project(new, "clinic", name=f"{mark}晚的", **plan)
        make_report(late, month, help_wanted=f"{mark}请协调", text=f"{mark}进展", arrived_city=arrived)
        standardise(old, MARCH, until=OCTOBER)
        for round_ in rounds:
            inspect(round_, new, *lost)
    settle()
    return units


@pytest.fixture
def county(foreign: Units, as_user: Any) -> Client:
    """A client of 孝南's review."""
    return as_user(make_user(Role.COUNTY_REVIEWER, unit=foreign["XN"]))  # type: ignore[no-any-return]


def addresses() -> set[str]:
    """The page in all its forms, and every list behind it in every order and under every filter."""
    found = {
        f"{LEADER}?quarter={quarter}&rank={rank}" for quarter, rank in product(("2013Q3", "2013Q4"), ("yes", "no"))
    }
    for quarter, sort, section in product(("2013Q3", "2013Q4"), ("name", "-unit", "section", "lost"), ("", 1, 2)):
        found.add(f"/dashboards/{quarter}/losses/?sort={sort}&section={section}")
    for since, sort in product(("new", "gone"), ("", "-unit", "name", "amount")):
        for code in ("started", "centres_built", "standardised"):
            found.add(f"/dashboards/2013Q4/{code}/?since={since}&sort={sort}")
    for kind, more in product(("any", "finish", "start"), ("", "&sort=-unit", "&unit=DW", f"&q={MARK}", "&size=100")):
        found.add(f"/projects/?late={kind}&on={DAY}{more}")
    for quarter, unit, export in product(("2013Q3", "2013Q4"), ("", "XN"), ("", "xlsx")):
        found.add(f"{CONSTRUCTION}?quarter={quarter}&unit={unit}" + (f"&export={export}" if export else ""))
    for code, kind, sort in product(MONEY, ("", "clinic", "service_centre"), ("-amount", "name")):
        found.add(f"/dashboards/2013Q4/{code}/?kind={kind}&sort={sort}")
    return found | {f"/projects/reports/?help=yes{more}" for more in ("", "&unit=DW", f"&q={MARK}", "&sort=unit")}


def links(page: str) -> set[str]:
    """Where the page leads, within the portal."""
    return {html.unescape(link) for link in re.findall(r'href="(/(?:dashboards|projects|inspections)/[^"#]*)"', page)}


def text_of(response: Any) -> str:
    """What a page says, or every cell of a workbook as it would be read on a page."""
    if not response.streaming:
        return str(response.content.decode())
    cells = [cell.value for row in sheet_of(response).iter_rows() for cell in row]
    return "\n".join(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in cells)


def test_nothing_foreign_in_any_form_of_the_page_or_behind_it(county: Client) -> None:
    behind = {link for page in (LEADER, CONSTRUCTION) for link in links(county.get(page).content.decode())}
    assert len(behind) > 80
    for address in sorted({LEADER, *addresses(), *behind}):
        response = county.get(address)
        assert response.status_code == 200, address
        page = text_of(response)
        for secret in SECRETS:
            assert secret not in page, (address, secret)


@pytest.mark.parametrize("published", [False, True])
def test_the_city_office_alone_has_the_wall_and_the_switch(county: Client, published: bool) -> None:
    if published:
        ReportingQuarter.objects.update(published_on=dt.date(2014, 2, 26))
    assert county.get("/dashboards/wall/").status_code == 403
    assert county.get("/dashboards/ranking/").status_code == 403
    assert county.post("/dashboards/ranking/", {"ranking": "no", "reason": "x"}).status_code == 403


def test_what_publication_opens_and_what_not(county: Client) -> None:
    """The score and the losses by section; not the deductions, the plans, the reports."""
    ReportingQuarter.objects.update(published_on=dt.date(2014, 2, 26))
    page = county.get(LEADER).content.decode()
    assert "62.0" in page and "30.0" in page
    for address in addresses():
        text = text_of(county.get(address))
        for secret in SECRETS[:3]:
            assert secret not in text, address


def test_a_filter_tells_no_count_of_others(county: Client) -> None:
    for more in ("unit=DW", "kind=clinic", f"q={MARK}", "type=city"):
        response = county.get(f"/projects/?late=any&on={DAY}&{more}")
        assert "hidden" not in response.context, more
    assert county.get("/dashboards/2013Q4/losses/?unit=DW").status_code == 404
    assert county.get("/dashboards/2013Q4/started/?since=new&unit=DW").status_code == 404
