"""The list of what is out of order as Excel: violations and exemptions, the unit it is narrowed to, and samples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from communities.models import ReportingUnit, SampleDay
from facilities import reference, rule_actions
from facilities.exports_rules import REGISTERS
from facilities.ordering import violations
from facilities.workflow import Stage
from tests import factories
from tests.architecture.test_exports import rows_between, sheet_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2013, 12, 31)
LIST = "/projects/ordering/"


@pytest.fixture
def office(units: dict[str, ReportingUnit], as_user: Callable[[User], Client]) -> Client:
    """The city office, with one violation in 孝昌, and in 大悟 one of a sample and one exempt."""
    reference.load()
    SampleDay.objects.create(day=DAY)
    for code, name, sample in (("XC", "商铺", False), ("DW", "商场", True), ("DW", "超市", False)):
        home = factories.make_community(units[code])
        factories.make_project(home, "resettlement")
        begun = (Stage.STARTED, dt.date(2013, 6, 18))
        factories.make_project(home, "commercial", begun, name=name, is_sample=sample)
    person = factories.make_user("city_office", full_name="张主任")
    exempt = next(found for found in violations(DAY) if found.project.name == "超市")
    rule_actions.exempt(exempt.rule, exempt.project, reason="专题会议同意", actor=person)
    return as_user(person)


def exported(client: Client, **query: str) -> tuple[str, list[list[Any]]]:
    sheet = sheet_of(client.get(LIST, {"export": "xlsx", **query}))
    text = "\n".join(str(line[0].value) for line in sheet.iter_rows(max_row=6))
    return text, rows_between(sheet)


def test_exemptions_are_rows_with_reason_and_person(office: Client) -> None:
    text, rows = exported(office)
    assert "筛选：没有筛选" in text
    found = {row[5]: (row[1], row[4], str(row[6])[:10], row[11], row[12]) for row in rows}
    broken = "不符，应当在先的还没有"
    begun = "2013-06-18"
    assert found == {
        "商铺": (broken, "孝昌", begun, "—", "—"),
        "商场": (broken, "大悟", begun, "—", "—"),
        "超市": ("已豁免", "大悟", "—", "专题会议同意", "张主任"),
    }
    assert office.get(LIST).context["export"].count == 3


def test_the_file_says_to_which_unit_it_is_narrowed_and_what_is_a_sample(office: Client) -> None:
    text, rows = exported(office, unit="XC")
    assert "筛选：单位：孝昌" in text and [row[5] for row in rows] == ["商铺"]
    assert "示例" not in str(rows)
    _text, rows = exported(office, unit="DW")
    assert {row[5]: row[-1] for row in rows} == {"商场": "示例", "超市": ""}


def test_the_units_to_choose_from_are_those_whose_projects_the_person_sees(
    office: Client, units: dict[str, ReportingUnit], as_user: Callable[[User], Client]
) -> None:
    def offered(client: Client) -> list[str]:
        return [unit.code for unit in client.get(LIST).context["units"]]

    assert len(offered(office)) == len(units)
    assert offered(as_user(factories.make_user("county_reviewer", unit=units["XC"]))) == ["XC"]


@pytest.mark.parametrize("table", ["stages", "ordering", "lights", "infrastructure"])
def test_every_register_of_rules_is_taken_out(office: Client, table: str) -> None:
    page = office.get("/projects/rules/")
    register = REGISTERS[table]
    link = page.context["export"] if table == "stages" else page.context["exports"][table]
    assert link.url.replace("&", "&amp;") in page.content.decode() and link.count == register.count > 0
    sheet = sheet_of(office.get(f"/projects/rules/{link.url}"))
    assert sheet["A1"].value == str(register.title)
    assert len(rows_between(sheet)) == register.count
    assert office.get("/projects/rules/", {"export": "xlsx", "table": "nothing"}).status_code == 404
