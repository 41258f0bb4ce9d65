"""Points lost by section: the card adds up to the score, each number to its deductions, and nobody sees too much."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.losses import Losses
from inspections.models import ItemScore
from tests.architecture.test_exports import rows_between, sheet_of
from tests.dashboards.pages import LEADER, source, words
from tests.dashboards.scene import LAST_DAY, Q4, inspect, move, settle
from tests.factories import make_community, make_inspection, make_round, make_sheet, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
PAGE = "/dashboards/2013Q4/losses/"


@pytest.fixture
def city(units: Units, half_year: Quarters) -> Units:
    """Three sections. 孝南 lost 6 + 3 in two inspections, 大悟 7.77 in one; a draft lost 40 and does not count."""
    round_ = make_round(half_year["2013Q4"], make_sheet(50, 30, 20))
    inspect(round_, make_community(units["XN"], name="孝南甲"), 4, 2)
    inspect(round_, make_community(units["XN"], name="孝南乙"), 0, 0, 3)
    done = make_inspection(round_, make_community(units["DW"], name="大悟甲"))
    lost_there = (Decimal("7.77"), Decimal(0), Decimal(0))
    for item, lost in zip(round_.sheet.items.order_by("order"), lost_there, strict=True):
        ItemScore.objects.create(inspection=done, item=item, deduction=lost, reason="大悟理由" if lost else "")
    type(done).objects.filter(pk=done.pk).update(submitted_at=dt.datetime(2013, 12, 31, tzinfo=dt.UTC), total="92.23")
    draft = make_inspection(round_, make_community(units["XN"]))
    ItemScore.objects.create(inspection=draft, item=round_.sheet.items.get(order=1), deduction=40, reason="草稿")
    settle()
    return units


@pytest.fixture
def leader(city: Units, as_user: Any) -> Client:
    """A client of the city's leader."""
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


@pytest.fixture
def county(city: Units, as_user: Any) -> Client:
    """A client of 孝南's entry."""
    return as_user(make_user(Role.COUNTY_ENTRY, unit=city["XN"]))  # type: ignore[no-any-return]


def means(row: Any) -> list[str]:
    return ["—" if loss.mean is None else f"{loss.mean:.2f}" for loss in (*row.cells, row.whole)]


def test_the_card(leader: Client) -> None:
    card = leader.get(LEADER).context["leader"].sections
    rows = {row.name: means(row) for row in card.rows}
    assert list(card.sections) == ["第1部分", "第2部分", "第3部分"]
    assert rows["孝南"] == ["2.00", "1.00", "1.50", "4.50"]
    assert rows["大悟"] == ["7.77", "0.00", "0.00", "7.77"]
    assert rows["云梦"] == ["—"] * 4
    assert means(card.city) == ["3.92", "0.67", "1.00", "5.59"]


def test_losses_and_scores_are_the_same_thing(leader: Client) -> None:
    shown = leader.get(LEADER).context["leader"]
    sections = {row.name: row.whole.mean for row in shown.sections.rows}
    for row in shown.scores.rows:
        assert (row.lost is None) == (sections[row.name] is None)
        assert row.lost is None or abs(row.lost - sections[row.name]) <= Decimal("0.05")
    worst = {row.name: row.worst.section if row.worst else "" for row in shown.scores.rows}
    assert (worst["孝南"], worst["大悟"], worst["云梦"]) == ("第1部分", "第1部分", "")


def test_every_number_lists_the_deductions_that_make_it(leader: Client) -> None:
    card = leader.get(LEADER).context["leader"].sections
    losses = [loss for row in (*card.rows, card.city) for loss in (*row.cells, row.whole)]
    for loss in losses:
        page = leader.get(loss.url).context["losses"]
        assert page.listed == loss.points == sum((row.lost for row in page.rows), Decimal(0))
        assert (page.hidden, page.loss.mean) == (0, loss.mean)
        assert page.agrees is not False
    assert leader.get(PAGE).context["losses"].agrees is True


def test_a_line_says_what_was_lost_and_why_and_leads_to_the_inspection(leader: Client) -> None:
    page = leader.get(f"{PAGE}?unit=DW").context["losses"]
    (row,) = page.rows
    assert (row.community, row.unit, row.section, row.item, row.reason) == (
        "大悟甲",
        "大悟",
        "第1部分",
        "第1项",
        "大悟理由",
    )
    assert leader.get(row.url).status_code == 200
    assert "7.8 = 7.77 扣分之和 ÷ 1 次检查" in words(source(leader, f"{PAGE}?unit=DW"))


@pytest.mark.parametrize("sort", ["name", "-unit", "section", "lost", "nonsense", "-"])
def test_every_order_lists_the_same(leader: Client, sort: str) -> None:
    assert leader.get(PAGE, {"sort": sort}).context["losses"].listed == Decimal("16.77")


def test_a_county_sees_itself_and_the_city(county: Client) -> None:
    page = source(county)
    card = county.get(LEADER).context["leader"].sections
    assert [row.name for row in card.rows] == ["孝南"]
    assert list(card.worst) == ["XN"]
    assert means(card.city)[-1] == "5.59"
    for foreign in ("大悟", "unit=DW", "7.77", "7.8"):
        assert foreign not in page, foreign


@pytest.mark.parametrize("more", ["", "?section=1", "?sort=-unit", "?sort=lost", "?page=9"])
def test_a_countys_list_holds_its_own_and_says_what_is_missing(county: Client, more: str) -> None:
    response = county.get(f"{PAGE}{more}")
    page = response.context["losses"]
    assert {row.unit for row in page.rows} == {"孝南"}
    assert page.listed + page.hidden == page.loss.points
    text = response.content.decode()
    assert "大悟" not in text
    assert "不在你的可见范围" in text


def test_before_publication_another_unit_cannot_be_asked_for(county: Client, half_year: Quarters) -> None:
    assert county.get(f"{PAGE}?unit=DW").status_code == 404
    ReportingQuarter.objects.filter(pk=half_year["2013Q4"].pk).update(published_on=dt.date(2014, 2, 26))
    page = county.get(f"{PAGE}?unit=DW").context["losses"]
    assert (page.loss.points, list(page.rows), page.hidden) == (Decimal("7.77"), [], Decimal("7.77"))
    assert "大悟理由" not in source(county, f"{PAGE}?unit=DW")
    assert "大悟甲" not in source(county, f"{PAGE}?unit=DW")


def test_what_has_left_is_still_listed_and_cannot_be_opened(county: Client, city: Units) -> None:
    leaver = ItemScore.objects.filter(deduction=3).get().inspection.community
    move(leaver, city["DW"], LAST_DAY + dt.timedelta(days=1))
    rows = {row.community: row.url for row in county.get(PAGE).context["losses"].rows}
    assert rows.pop("孝南乙") == ""
    assert all(rows.values())


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.DEPUTY])
def test_a_role_at_a_community_sees_that_one(city: Units, as_user: Any, role: Role) -> None:
    stop = ItemScore.objects.filter(deduction=4).get().inspection.community
    client = as_user(make_user(role, community=stop))
    assert [row.community for row in client.get(PAGE).context["losses"].rows] == ["孝南甲"] * 2
    assert client.get(f"{PAGE}?unit=XN").status_code == 404
    assert list(client.get(LEADER).context["leader"].sections.rows) == []


@pytest.mark.parametrize("more", ["?unit=ZZ", "?section=4", "?section=0", "?section=x", "?unit="])
def test_an_address_that_leads_nowhere(leader: Client, more: str) -> None:
    assert leader.get(f"{PAGE}{more}").status_code == (200 if more == "?unit=" else 404)
    assert leader.get("/dashboards/2013Q9/losses/").status_code == 404


def test_a_quarter_without_a_round(leader: Client) -> None:
    page = leader.get("/dashboards/2013Q3/losses/")
    assert page.status_code == 200
    assert page.context["losses"].loss.mean is None
    assert "sections-title" not in source(leader, f"{LEADER}?quarter=2013Q3")
    assert Losses(Q4.previous()).loss().mean is None


def test_queries_do_not_grow(leader: Client, city: Units, half_year: Quarters) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert leader.get(PAGE).status_code == 200
        return len(queries)

    few = count()
    round_ = half_year["2013Q4"].round
    for _ in range(12):
        inspect(round_, make_community(city["XN"]), 1, 1, 1)
    assert count() == few


def test_the_list_as_a_workbook(county: Client) -> None:
    shown = county.get(PAGE).context["losses"]
    sheet = sheet_of(county.get(PAGE, {"export": "xlsx"}))
    rows = rows_between(sheet)
    assert [(row[0], row[3], row[5]) for row in rows[: len(shown.rows)]] == [
        (line.community, line.item, float(line.lost)) for line in shown.rows
    ]
    assert len(rows) == shown.page.paginator.count
    assert sum(row[5] for row in rows) == float(shown.listed)
    said = [str(line[0].value) for line in sheet.iter_rows()]
    assert any("分不在你的可见范围，没有导出" in line for line in said)


def test_a_workbook_names_the_place_whose_rows_it_holds(county: Client, leader: Client) -> None:
    """The city's figure stands above a county's list; its workbook is the county's all the same."""
    for client, place in ((county, "孝南"), (leader, "全市")):
        heads = [
            str(cell.value) for line in sheet_of(client.get(PAGE, {"export": "xlsx"})).iter_rows() for cell in line
        ]
        (said,) = [head for head in heads if "范围：" in head]
        assert f"范围：{place}" in said
