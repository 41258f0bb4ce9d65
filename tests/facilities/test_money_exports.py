"""Excel out of projects and monthly reports: what arrived, was paid and built is in it, and nobody is asked again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import ReportingUnit
from communities.roles import Role
from facilities.models import ProgressReport, Project
from facilities.report_workflow import CONTENT
from facilities.workflow import Stage
from tests import factories
from tests.architecture.test_exports import rows_between, sheet_of

PROJECTS, REPORTS = "/projects/", "/projects/reports/"


@pytest.fixture
def homes(units: dict[str, ReportingUnit]) -> Project:
    """Homes with two approved months and a third that nobody has approved."""
    project = factories.make_project(
        factories.make_community(units["XC"]), "resettlement", (Stage.STARTED, dt.date(2013, 9, 8)), name="还建房一期"
    )
    said: dict[str, Any] = {
        "arrived_city": Decimal("100.50"),
        "arrived_social": Decimal("20"),
        "paid_city": Decimal("60.25"),
        "invested": Decimal("12.30"),
        "housing_started": 120,
        "housing_topped_out": 30,
    }
    factories.make_report(project, factories.make_month(2013, 10), percent=10, arrived_city=Decimal("90"))
    factories.make_report(
        project, factories.make_month(2013, 11), percent=20, stage=Stage.STARTED, explanation="预付", **said
    )
    return project


@pytest.fixture
def office(db: None, as_user: Any) -> Client:
    """The city office's browser."""
    client: Client = as_user(factories.make_user(Role.CITY_OFFICE))
    return client


def heads_and_rows(client: Client, address: str) -> tuple[list[str], list[list[Any]], list[Any]]:
    """The heads, the rows, and the line of totals."""
    sheet = sheet_of(client.get(address, {"export": "xlsx"}))
    line = int(sheet.print_title_rows.lstrip("$").split(":")[0])
    heads = [str(cell.value) for cell in list(sheet.iter_rows())[line - 1]]
    rows = rows_between(sheet)
    totals = [cell.value for cell in list(sheet.iter_rows())[line + len(rows)]]
    return heads, rows, totals


def test_a_report_goes_out_with_all_that_it_says(homes: Project, office: Client) -> None:
    heads, rows, totals = heads_and_rows(office, f"{REPORTS}?sort=-month")
    newest = dict(zip(heads, rows[0], strict=False))
    expected = {
        "月份": "2013-11",
        "形象进度（%）": 20,
        "本月完成投资（万元）": 12.3,
        "累计到位：市级（万元）": 100.5,
        "累计到位：社会（万元）": 20,
        "累计到位：中央（万元）": "不清楚",
        "累计支付：市级（万元）": 60.25,
        "住房开工（套）": 120,
        "住房封顶（套）": 30,
        "住房交付（套）": "—",
        "说明": "预付",
    }
    assert {head: newest[head] for head in expected} == expected
    assert "最近提交" in heads
    for name in CONTENT:
        label = str(ProgressReport._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        assert [head for head in heads if head.startswith(label)], name
    assert not [cell for cell in totals if isinstance(cell, int | float) and cell in (12.3, 120, 190.5)]


def test_the_list_of_projects_has_what_arrived_and_was_paid(homes: Project, office: Client) -> None:
    factories.make_project(homes.community, "clinic", name="卫生室")
    heads, rows, totals = heads_and_rows(office, PROJECTS)
    at = [heads.index("累计到位（万元）"), heads.index("累计支付（万元）"), heads.index("项目")]
    assert {row[at[2]]: (row[at[0]], row[at[1]]) for row in rows} == {
        "还建房一期": (120.5, 60.25),
        "卫生室": ("不清楚", "不清楚"),
    }
    assert [totals[place] for place in at[:2]] == [120.5, 60.25]


@pytest.mark.parametrize("address", [PROJECTS, REPORTS])
def test_as_many_queries_for_one_row_as_for_many(homes: Project, office: Client, address: str) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            sheet_of(office.get(address, {"export": "xlsx"}))
        return len(queries)

    counted()
    few = counted()
    for number in range(5):
        other = factories.make_project(homes.community, "clinic", name=f"卫生室{number}")
        factories.make_report(other, factories.make_month(2012, number + 1), percent=5)
    assert counted() == few
