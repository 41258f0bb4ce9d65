"""The page of construction: what it says, that every number is a door to as much, and what it shows to whom."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.construction.curve import curve_of
from dashboards.construction.drawing import draw
from dashboards.figures import figures_of
from facilities.workflow import Stage
from tests.architecture.test_exports import rows_between, sheet_of
from tests.dashboards.construction_scene import replan
from tests.dashboards.pages import facts, source, words
from tests.dashboards.scene import JANUARY, JUNE, LAST_DAY, MARCH, OCTOBER, Q4, reach, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_project, make_quarter, make_user

Units = dict[str, ReportingUnit]
pytestmark = pytest.mark.django_db
PAGE = "/dashboards/construction/"


@pytest.fixture
def city(units: Units, half_year: dict[str, ReportingQuarter]) -> Units:
    """Two units with a little of everything; 大悟 with a late plan and seven projects more."""
    build(units, half_year["2013Q4"])
    for _ in range(7):
        make_project(make_community(units["DW"]), "kindergarten", planned_finish=OCTOBER)
    settle()
    return units


@pytest.fixture
def office(city: Units, as_user: Any) -> Client:
    return as_user(make_user(Role.CITY_OFFICE))  # type: ignore[no-any-return]


@pytest.fixture
def county(city: Units, as_user: Any) -> Client:
    return as_user(make_user(Role.COUNTY_ENTRY, unit=city["XN"]))  # type: ignore[no-any-return]


def page_of(client: Client, **query: str) -> Any:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return response.context["page"]


def test_it_says_in_one_sentence_how_far_the_city_is(office: Client) -> None:
    table = figures_of(Q4)
    cells = {code: int(table.cell(code).numerator) for code in ("projects", "projects_started", "projects_built")}
    said = words(source(office, PAGE))
    assert f"{cells['projects']} 个项目，已开工 {cells['projects_started']} 个" in said
    assert f"还有 {cells['projects'] - cells['projects_started']} 个没有动工" in said
    assert "开工率" in said and "投资完成率" in said and "101.00 / 481.50 万元" in said


def test_every_number_leads_to_facts_that_make_it(office: Client) -> None:
    page = page_of(office, unit="XN")
    lines = [*page.units, page.total, *page.kinds, page.kinds_total]
    amounts = [amount for line in lines for amount in line.amounts if amount.url.startswith("/dashboards/")]
    amounts += [step.amount for step in page.at_steps]
    amounts += [amount for line in page.funds for amount in (line.planned, line.arrived, line.paid) if amount.value]
    assert len(amounts) > 100
    for amount in {amount.url: amount for amount in amounts}.values():
        found = facts(office, amount.url)
        listed = found.foot.amount.split(" / ")[0] if found.rows else "0"
        assert Decimal(listed.replace(",", "")) == amount.value, amount


def test_the_foot_is_the_sum_of_the_lines(office: Client) -> None:
    page = page_of(office)
    for place, total in enumerate(page.total.amounts):
        assert sum(line.amounts[place].value for line in page.units) == total.value, total
    for place, total in enumerate(page.kinds_total.amounts):
        assert sum(line.amounts[place].value for line in page.kinds) == total.value
        assert total.value == figures_of(Q4).cell(total.code).numerator


def test_each_project_stands_at_one_step(office: Client) -> None:
    for query in ({}, {"unit": "XN"}):
        page = page_of(office, **query)
        whole = figures_of(Q4).cell("projects", query.get("unit", "all")).numerator
        assert [step.amount.label for step in page.at_steps] == [stage.label for stage in Stage]
        assert sum(step.amount.value for step in page.at_steps) == whole
        assert {step.total for step in page.at_steps} == {whole}
        assert max(step.amount.value for step in page.at_steps) == page.at_steps[0].most


def test_money_stands_by_source_and_what_nobody_told_is_no_zero(office: Client) -> None:
    *sources, total = page_of(office).funds
    assert [line.name for line in sources] == ["中央", "省级", "市级", "县级", "社会"]
    for column in ("planned", "arrived", "paid"):
        told = [getattr(line, column).value for line in sources]
        assert sum(value for value in told if value is not None) == getattr(total, column).value
    assert any(line.paid.value is None for line in sources)


def test_the_curve_ends_at_the_figure_and_knows_both_plans(units: Units, half_year: Any) -> None:
    community = make_community(units["XN"])
    built = make_project(community, "clinic", (Stage.BASICALLY_BUILT, JUNE), planned_finish=MARCH)
    fallen = make_project(community, "other", (Stage.IN_USE, MARCH), planned_finish=OCTOBER)
    reach(fallen, Stage.FITTING_OUT, JUNE)
    again = make_project(community, "other", (Stage.IN_USE, MARCH), (Stage.LAND, JUNE), planned_finish=JUNE)
    reach(again, Stage.BASICALLY_BUILT, OCTOBER)
    make_project(community, "other")
    replan(built, Stage.BASICALLY_BUILT, JUNE, OCTOBER)
    replan(fallen, Stage.BASICALLY_BUILT, dt.date(2014, 3, 1), JANUARY)
    settle()
    curve = curve_of(Q4, LAST_DAY, None, "全市")
    told = {str(point.month): (point.first, point.planned, point.built) for point in curve.points}
    assert (curve.total, curve.unplanned) == (4, 1)
    assert told["2013-03"] == (1, 0, 0)
    assert told["2013-06"] == (2, 2, 1)
    assert told["2013-10"] == told["2013-12"] == (3, 3, 2)
    assert curve.present is not None and curve.present.built == figures_of(Q4).cell("projects_built").numerator
    assert curve_of(Q4, LAST_DAY, units["DW"], "大悟").total == 0


def test_the_picture_says_what_it_shows_and_differs_by_more_than_colour(office: Client) -> None:
    page = source(office, f"{PAGE}?unit=DW")
    pictures = re.findall(r'<svg[^>]*role="img" aria-label="([^"]+)"', page)
    assert [text.split(" ")[0] for text in pictures] == ["全市", "大悟"]
    assert "现在的计划应基本建成" in pictures[0] and "最初的计划" in page and "看表格" in page
    drawn = draw(curve_of(Q4, LAST_DAY, None, "全市"))
    assert len(drawn.planned.split()) == len(drawn.first.split()) > 1
    assert all(0 <= float(pair.split(",")[1]) <= drawn.height for pair in drawn.built.split())


def test_a_county_sees_the_city_and_itself(county: Client) -> None:
    page = page_of(county)
    assert [line.name for line in page.units] == ["孝南"]
    assert page.total.amounts[0].value == figures_of(Q4).cell("projects").numerator
    said = source(county, PAGE)
    assert "大悟" not in said and "unit=DW" not in said and "本季度还没有公布。" in said
    assert county.get(PAGE, {"unit": "DW"}).status_code == 404


def test_publication_opens_the_figures_and_not_the_plans(county: Client, half_year: Any) -> None:
    ReportingQuarter.objects.update(published_on=dt.date(2014, 2, 26))
    page = page_of(county)
    lines = {line.name: {amount.code: amount.value for amount in line.amounts} for line in page.units}
    assert len(lines) == 10
    assert lines["大悟"]["projects"] == figures_of(Q4).cell("projects", "DW").numerator
    assert lines["大悟"]["late"] is None and lines["孝南"]["late"] is not None
    assert county.get(PAGE, {"unit": "DW"}).status_code == 404


def test_the_workbook_holds_what_the_page_shows(office: Client, county: Client) -> None:
    rows = rows_between(sheet_of(office.get(PAGE, {"export": "xlsx"})))
    assert [row[0] for row in rows] == [line.name for line in [*page_of(office).units, page_of(office).total]]
    own = rows_between(sheet_of(county.get(PAGE, {"export": "xlsx"})))
    assert [row[0] for row in own] == ["孝南", "全市"]


def test_nothing_to_show_is_said(units: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    assert "还没有开放过季度" in words(source(client, PAGE))
    make_quarter(2013, 4)
    assert "还没有项目" in words(source(client, PAGE))
    assert client.get(PAGE, {"quarter": "2011Q1"}).status_code == 404


@pytest.mark.parametrize("query", [{}, {"unit": "XN"}])
def test_the_number_of_queries_does_not_grow(office: Client, city: Units, query: dict[str, str]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(office, **query)
        return len(queries)

    asked()
    few = asked()
    for _ in range(20):
        make_project(make_community(city["XN"]), "clinic", (Stage.STARTED, JUNE), planned_finish=MARCH)
    settle()
    assert asked() == few


def test_every_table_is_taken_out_as_it_stands_on_the_page(office: Client) -> None:
    page = office.get(PAGE, {"unit": "XN"}).context["page"]
    source = office.get(PAGE, {"unit": "XN"}).content.decode()

    def rows(table: str) -> list[list[Any]]:
        assert f"export=xlsx&amp;table={table}" in source
        return rows_between(sheet_of(office.get(PAGE, {"unit": "XN", "export": "xlsx", "table": table})))

    assert [(row[0], row[1]) for row in rows("steps")] == [
        (step.amount.label, step.amount.value) for step in page.at_steps
    ]
    assert rows("kinds") == [[line.name, *(amount.value for amount in line.amounts)] for line in page.kinds], (
        "and 合计 behind them"
    )
    assert [(row[0], row[1], row[2]) for row in rows("funds")] == [
        (line.name, *("—" if each.value is None else each.value for each in (line.planned, line.arrived)))
        for line in page.funds[:-1]
    ]
    assert rows("curves") == [
        [curve.label, str(point.month), point.first, point.planned, "—" if point.built is None else point.built]
        for curve in (drawing.curve for drawing in page.curves)
        for point in curve.points
    ]
    assert office.get(PAGE, {"export": "xlsx", "table": "nothing"}).status_code == 404
