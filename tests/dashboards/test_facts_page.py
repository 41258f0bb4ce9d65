"""The facts behind a number: they add up, say what they rest on, and can be narrowed, found and sorted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.figures import figures_of
from dashboards.models import Figure, Mark
from facilities.models import Project
from facilities.workflow import Stage
from inspections.models import Inspection
from services.models import Organisation
from tests.dashboards.pages import facts, listed_on, source, words
from tests.dashboards.scene import JANUARY, JUNE, MARCH, OCTOBER, Q4, SHAPES, reach, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_project, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
STARTED = "/dashboards/2013Q4/started/"


@pytest.fixture
def office(units: Units, half_year: Quarters, as_user: Any) -> Client:
    """A client of the city office, in a city with a little of everything."""
    build(units, half_year["2013Q4"])
    settle()
    return as_user(make_user(Role.CITY_OFFICE))  # type: ignore[no-any-return]


@pytest.mark.parametrize("code", SHAPES)
def test_the_list_adds_up_to_the_figure(office: Client, units: Units, code: str) -> None:
    make_project(make_community(units["XN"]), "other", planned_start=JANUARY)
    settle()
    page = facts(office, f"/dashboards/2013Q4/{code}/")
    cell = figures_of(Q4).cell(code)
    assert cell.records == page.page.paginator.count > 0
    assert page.check.agrees
    assert "与总览一致" in source(office, f"/dashboards/2013Q4/{code}/")
    assert str(page.indicator.rule) in words(source(office, f"/dashboards/2013Q4/{code}/"))


def test_the_equation_and_the_matrix_say_the_same(office: Client) -> None:
    page = facts(office, STARTED)
    assert (page.total, [part.value for part in page.parts]) == ("6", [4, 2, 0])
    assert [cell.text for cell in page.grid_foot.cells] == ["4", "2", "0", "6"]
    assert [cell.text for cell in page.grid[0].cells] == ["2", "1", "0", "3"]


def test_a_start_rests_on_a_project_with_its_stage_and_day(office: Client, units: Units) -> None:
    (row,) = facts(office, f"{STARTED}?unit=XN&type=town").rows
    project = Project.objects.get(kind="clinic", community__placements__unit=units["XN"])
    assert row.on == JUNE
    assert (row.ground.label, row.ground.state) == (project.name, "基础")
    assert row.ground.url == f"/projects/{project.pk}/"
    assert row.history_url == f"/projects/{project.pk}/history/"
    assert row.url == f"/dashboards/communities/{project.community_id}/"


def test_the_stage_is_the_one_of_the_quarter(office: Client, units: Units) -> None:
    clinic = Project.objects.get(kind="clinic", community__placements__unit=units["XN"])
    reach(clinic, Stage.BASICALLY_BUILT, JANUARY)
    (row,) = facts(office, f"{STARTED}?unit=XN&type=town").rows
    assert row.ground.state == "基础"


def test_an_average_lists_inspections(office: Client) -> None:
    page = facts(office, "/dashboards/2013Q4/average_score/?sort=-amount")
    assert page.total == "81.5"
    assert [row.amount for row in page.rows] == ["100.00", "100.00", "85.00", "84.00", "60.00", "60.00"]
    first = Inspection.objects.submitted().get(total=Decimal(85))
    assert page.rows[2].url == f"/inspections/{first.pk}/"
    assert page.rows[2].history_url == f"/inspections/{first.pk}/history/"


def test_a_rate_lists_its_whole_population(office: Client) -> None:
    page = facts(office, "/dashboards/2013Q4/standardised_rate/")
    assert (page.total, page.division) == ("33.3%", ("2", "6"))
    assert [(tab.label, tab.count) for tab in page.tabs] == [("全部", 6), ("计入", 2), ("未计入", 4)]
    assert (page.foot.amount, page.foot.share) == ("2 / 6", "33.3%")


def test_organisations_say_by_which_rule_they_count(office: Client, units: Units) -> None:
    page = facts(office, "/dashboards/2013Q4/party_organisations/?unit=XN&type=none")
    outside = Organisation.objects.get(kind="party", unit=units["XN"])
    assert [(row.name, row.basis, row.url) for row in page.rows] == [
        (outside.name, "社区党组织", f"/services/organisations/{outside.pk}/")
    ]


def test_what_is_not_counted_stands_apart(office: Client) -> None:
    page = facts(office, f"{STARTED}?counted=no")
    assert [(tab.label, tab.count, tab.current) for tab in page.tabs] == [("计入", 6, False), ("未计入", 2, True)]
    assert len(page.rows) == 2
    assert {row.amount for row in page.rows} == {""}


def test_a_filter_stands_beside_the_whole(office: Client) -> None:
    said = words(source(office, f"{STARTED}?unit=XN"))
    assert "筛选后合计 占 6 的 50.0%" in said
    assert [cell.current for cell in facts(office, f"{STARTED}?unit=XN").grid[0].cells] == [False, False, False, True]


def test_what_is_new_since_last_quarter(office: Client, units: Units) -> None:
    late = make_project(make_community(units["DW"]), "clinic", (Stage.STARTED, OCTOBER))
    settle()
    assert listed_on(office, f"{STARTED}?since=new") == [late.community.name]


def test_words_are_found_in_each_kind_of_list(office: Client) -> None:
    community = Community.objects.get(projects__kind="clinic", placements__unit__code="XN")
    inspected = Inspection.objects.submitted().first()
    organisation = Organisation.objects.filter(kind="party").first()
    assert inspected is not None
    assert organisation is not None
    for code, word in {
        "started": community.name,
        "average_score": inspected.community.name,
        "party_organisations": organisation.name,
    }.items():
        assert listed_on(office, f"/dashboards/2013Q4/{code}/?q={word}") == [word]
    assert "没有符合条件的记录" in source(office, f"{STARTED}?q=找不到")


@pytest.mark.parametrize("sort", ["name", "unit", "type", "on", "amount", "nonsense", "-"])
def test_every_order_holds_the_same_records(office: Client, sort: str) -> None:
    rising = listed_on(office, f"{STARTED}?sort={sort}")
    falling = listed_on(office, f"{STARTED}?sort=-{sort}")
    assert len(rising) == len(set(rising)) == 6
    assert sorted(rising) == sorted(falling)


def test_the_newest_comes_first(office: Client) -> None:
    days = [row.on for row in facts(office, STARTED).rows]
    assert days == sorted(days, reverse=True)
    assert (days[0], days[-1]) == (JUNE, MARCH)


def test_pages_hold_every_record_once(office: Client, units: Units) -> None:
    for _ in range(30):
        make_community(units["YM"])
    settle()
    names = listed_on(office, "/dashboards/2013Q4/planned/")
    assert len(names) == len(set(names)) == 38


def test_a_change_that_waits_is_said_and_so_is_a_difference_that_does_not(office: Client, units: Units) -> None:
    make_project(make_community(units["DW"]), "clinic", (Stage.STARTED, OCTOBER))
    page = source(office, STARTED)
    assert "逐条相加 7，总览是 6，汇总后再看" in page
    assert "条变更待汇总" in page
    Mark.objects.all().delete()
    assert "逐条相加 7，总览是 6，请告诉管理员" in source(office, STARTED)
    settle()


def test_two_wrong_cells_that_cancel_out_are_still_wrong(office: Client) -> None:
    cells = Figure.objects.filter(indicator="started", quarter__number=4, type="city")
    first, second = cells
    Figure.objects.filter(pk=first.pk).update(numerator=1)
    Figure.objects.filter(pk=second.pk).update(numerator=3)
    assert "请告诉管理员" in source(office, STARTED)


@pytest.mark.parametrize(
    "address",
    [
        "2013Q4/nonsense/",
        "2013Q9/started/",
        "2011Q1/started/",
        "x/started/",
        "2013Q4/started/?unit=ZZ",
        "2013Q4/started/?type=none",
        "2013Q4/started/?type=x",
    ],
)
def test_an_address_that_leads_nowhere(office: Client, address: str) -> None:
    assert office.get(f"/dashboards/{address}").status_code == 404
