"""The facts behind a number as Excel: the list of the page, its sum, and nobody else's records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards import exports
from dashboards.figures import figures_of
from dashboards.indicators import REGISTRY, Sort
from tests.architecture.test_exports import rows_between, sheet_of
from tests.dashboards.pages import facts
from tests.dashboards.scene import Q4, settle
from tests.dashboards.small_city import build
from tests.factories import make_user

pytestmark = pytest.mark.django_db
STARTED = "/dashboards/2013Q4/started/"


@pytest.fixture
def city(units: dict[str, ReportingUnit], half_year: dict[str, ReportingQuarter]) -> None:
    """A little of everything, rolled up."""
    build(units, half_year["2013Q4"])
    settle()


@pytest.fixture
def office(city: None, as_user: Any) -> Client:
    """A client of the city office."""
    return as_user(make_user(Role.CITY_OFFICE))  # type: ignore[no-any-return]


def lead(page: Any) -> list[str]:
    """The lines above the heads."""
    heads = int(page.print_title_rows.lstrip("$").split(":")[0])
    return [page.cell(row, 1).value for row in range(1, heads)]


@pytest.mark.parametrize("code", REGISTRY)
def test_the_file_lists_what_the_page_lists_and_adds_up_to_the_figure(office: Client, code: str) -> None:
    address = f"/dashboards/2013Q4/{code}/"
    page, sheet = facts(office, address), sheet_of(office.get(address, {"export": "xlsx"}))
    rows = rows_between(sheet)
    assert [row[0] for row in rows] == [row.name for row in page.rows]
    cell, indicator = figures_of(Q4).cell(code), REGISTRY[code]
    total = next(line for line in sheet.iter_rows() if str(line[0].value).startswith("合计 "))
    # The last column is the mark of sample rows, where there are any.
    heads = [cell.value for cell in sheet[len(lead(sheet)) + 1]]
    place = heads.index(indicator.amount_label)
    assert float(sum(row[place] for row in rows)) == float(cell.numerator)
    if indicator.sort is not Sort.MEAN:
        assert total[place].value == cell.numerator
    assert f"口径：{indicator.rule}" in lead(sheet)


def test_filters_are_kept_and_named(office: Client) -> None:
    query = {"unit": "XN", "type": "town", "export": "xlsx"}
    sheet = sheet_of(office.get(STARTED, query))
    assert [row[1] for row in rows_between(sheet)] == ["孝南"]
    assert "筛选：单位：孝南；类型：城镇" in lead(sheet)


def test_a_rate_says_its_division(office: Client) -> None:
    sheet = sheet_of(office.get("/dashboards/2013Q4/standardised_rate/", {"export": "xlsx"}))
    cell = figures_of(Q4).cell("standardised_rate")
    assert any(f"{cell.numerator:.0f} / {cell.denominator:.0f} = " in line for line in lead(sheet))


def test_a_county_takes_out_its_own_facts(city: None, units: Any, as_user: Any) -> None:
    clerk = as_user(make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    sheet = sheet_of(clerk.get(STARTED, {"export": "xlsx"}))
    assert {row[1] for row in rows_between(sheet)} == {"大悟"}
    text = "\n".join(lead(sheet))
    assert "范围：大悟" in text
    assert "条不在你的可见范围，没有导出" in text
    assert clerk.get(STARTED, {"export": "xlsx", "unit": "XN"}).status_code == 404


def test_the_lines_are_read_in_portions_without_a_line_lost(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows_between(sheet_of(office.get(STARTED, {"export": "xlsx"})))
    monkeypatch.setattr(exports, "CHUNK", 2)
    assert rows_between(sheet_of(office.get(STARTED, {"export": "xlsx"}))) == whole
    assert len(whole) > 4
