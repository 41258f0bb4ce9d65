"""What each figure of the programme and of the existing communities counts, at its edges."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from communities.models import Community, ReportingUnit
from dashboards.evidence import _grounds
from dashboards.facts import facts, left_out
from dashboards.indicators import REGISTRY
from facilities.workflow import Stage
from tests.dashboards.scene import (
    JANUARY,
    JUNE,
    LAST_DAY,
    MARCH,
    OCTOBER,
    Q3,
    Q4,
    SHAPES,
    counted,
    differences,
    move,
    reach,
    standardise,
)
from tests.factories import make_community, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("half_year")]
Units = dict[str, ReportingUnit]


def test_planned_and_existing_are_two_populations_and_share_nothing(units: Units) -> None:
    for type in ("city", "city", "town", "rural"):
        make_community(units["XN"], type=type)
    make_community(units["DW"], population="existing")
    assert counted("planned") == 4
    assert [counted("planned", type=type) for type in ("city", "town", "rural", "none")] == [2, 1, 1, 0]
    assert counted("planned", unit="DW") == 0
    assert (counted("existing"), counted("existing", unit="DW", type="city")) == (1, 1)


def test_a_placement_counts_on_the_quarters_last_day_and_its_end_is_exclusive(units: Units) -> None:
    ended = make_community(units["XN"])
    ended.placements.update(valid_until=LAST_DAY)
    kept = make_community(units["XN"])
    kept.placements.update(valid_until=JANUARY)
    make_community(units["XN"], since=LAST_DAY)
    make_community(units["XN"], since=JANUARY)
    assert (counted("planned", Q3), counted("planned", Q4)) == (2, 2)


def test_a_stage_of_january_changes_no_figure_of_the_last_quarter(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "service_centre", (Stage.TENDERED, JUNE))
    assert counted("started") == 0
    reach(project, Stage.BASICALLY_BUILT, JANUARY)
    assert [counted(code) for code in ("started", "centres_begun", "centres_built")] == [0, 0, 0]
    reach(project, Stage.STARTED, LAST_DAY)
    assert (counted("started", Q3), counted("started", Q4)) == (0, 1)


def test_a_community_is_started_once_however_many_projects_it_has(units: Units) -> None:
    community = make_community(units["XN"], type="rural")
    make_project(community, "clinic", (Stage.STARTED, JUNE))
    make_project(community, "resettlement", (Stage.FITTING_OUT, JUNE))
    make_project(community, "elderly_care", (Stage.TENDERED, JUNE))
    assert (counted("started"), counted("started", type="rural")) == (1, 1)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.TENDERED, [0, 0, 0]),
        (Stage.STARTED, [1, 0, 0]),
        (Stage.FOUNDATION, [1, 0, 0]),
        (Stage.MAIN_WORKS, [1, 1, 0]),
        (Stage.FITTING_OUT, [1, 1, 0]),
        (Stage.BASICALLY_BUILT, [1, 1, 1]),
        (Stage.IN_USE, [1, 1, 1]),
    ],
)
def test_each_rung_of_the_ladder_counts_from_its_own_stage_on(units: Units, stage: int, expected: list[int]) -> None:
    make_project(make_community(units["XN"]), "service_centre", (stage, JUNE))
    assert [counted(code) for code in ("started", "centres_begun", "centres_built")] == expected


def test_only_the_service_centres_project_counts_as_a_centre(units: Units) -> None:
    community = make_community(units["XN"])
    make_project(community, "resettlement", (Stage.IN_USE, JUNE))
    make_project(community, "service_centre", (Stage.STARTED, JUNE))
    assert [counted(code) for code in ("started", "centres_begun", "centres_built")] == [1, 0, 0]


def test_existing_communities_that_build_are_not_in_the_funnel(units: Units) -> None:
    make_project(make_community(units["XN"], population="existing"), "service_centre", (Stage.IN_USE, JUNE))
    assert [counted(code) for code in ("started", "centres_begun", "centres_built")] == [0, 0, 0]


def test_a_project_that_went_back_counts_by_its_latest_row(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "service_centre", (Stage.BASICALLY_BUILT, JUNE))
    reach(project, Stage.TENDERED, OCTOBER)
    assert (counted("centres_built", Q3), counted("centres_built", Q4), counted("started", Q4)) == (1, 0, 0)


def test_of_two_rows_of_one_day_the_later_entry_holds(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "service_centre", (Stage.MAIN_WORKS, OCTOBER))
    reach(project, Stage.FOUNDATION, OCTOBER)
    assert counted("centres_begun") == 0
    assert differences() == []


def test_a_move_between_units_leaves_past_quarters_where_they_were(units: Units) -> None:
    community = make_community(units["XC"])
    make_project(community, "service_centre", (Stage.MAIN_WORKS, MARCH))
    move(community, units["SF"], OCTOBER, type="rural")
    for code in ("planned", "started", "centres_begun"):
        assert (counted(code, Q3, "XC", "city"), counted(code, Q3, "SF")) == (1, 0)
        assert (counted(code, Q4, "XC"), counted(code, Q4, "SF", "rural"), counted(code, Q4)) == (0, 1, 1)


def test_standardised_holds_from_acceptance_until_the_day_of_withdrawal(units: Units) -> None:
    for _ in range(3):
        make_community(units["YM"], population="existing")
    first, second, _third = Community.objects.order_by("pk")
    standardise(first, LAST_DAY)
    standardise(second, MARCH, until=LAST_DAY)
    standardise(make_community(units["YM"]), MARCH)  # of the programme: not in this population
    assert (counted("standardised", Q3), counted("standardised", Q4)) == (1, 1)
    assert counted("standardised_rate", Q4) == Decimal(100) / 3


def test_a_rate_is_divided_last_and_has_no_value_without_a_denominator(units: Units) -> None:
    for unit, communities, accepted in (("XN", 4, 1), ("DW", 1, 1)):
        made = [make_community(units[unit], population="existing") for _ in range(communities)]
        for community in made[:accepted]:
            standardise(community, MARCH)
    assert (counted("standardised_rate", unit="XN"), counted("standardised_rate", unit="DW")) == (25, 100)
    assert counted("standardised_rate") == 40
    assert counted("standardised_rate", unit="HC") is None
    assert counted("standardised", unit="HC") == 0


def test_a_pilot_counts_while_it_is_one_whatever_its_population(units: Units) -> None:
    spans: list[tuple[str, dt.date, dt.date | None]] = [
        ("programme", LAST_DAY, None),
        ("existing", MARCH, JANUARY),
        ("programme", MARCH, LAST_DAY),
        ("programme", JANUARY, None),
    ]
    for population, first, end in spans:
        make_community(units["AL"], population=population, pilot_from=first, pilot_until=end)
    make_community(units["AL"])
    assert (counted("pilots", Q3), counted("pilots", Q4)) == (2, 2)


@pytest.mark.parametrize("code", REGISTRY)
def test_every_indicator_says_what_it_is(code: str) -> None:
    indicator = REGISTRY[code]
    for text in (indicator.label, indicator.rule, indicator.measure, indicator.population_label):
        assert str(text)
    assert ("推定" in str(indicator.rule)) == indicator.presumed


@pytest.mark.parametrize("code", SHAPES)
def test_the_facts_add_up_to_the_figure_in_every_cell(code: str, city: Units) -> None:
    indicator = REGISTRY[code]
    for unit in ("all", "XN", "DW"):
        for type in ("all", "city", "town", "none"):
            rows = facts(indicator, Q4, unit, type)
            sums: dict[str, Any] = rows.aggregate(n=Sum("numerator"), d=Sum("denominator"))
            assert indicator.value(sums["n"] or Decimal(0), sums["d"]) == counted(code, Q4, unit, type)
            assert all(row.fact_type == type or type == "all" for row in rows)


def test_what_is_left_out_completes_what_is_counted(city: Units) -> None:
    started = REGISTRY["started"]
    inside, outside = facts(started, Q4), left_out(started, Q4)
    assert {row.pk for row in inside}.isdisjoint({row.pk for row in outside})
    assert inside.count() + outside.count() == counted("planned")
    assert outside.count() > 0
    assert not left_out(REGISTRY["planned"], Q4).exists()


def test_a_fact_says_since_when_and_on_what_ground(units: Units) -> None:
    project = make_project(make_community(units["XN"]))
    reach(project, Stage.STARTED, JUNE, basis="施工许可证")
    reach(project, Stage.MAIN_WORKS, OCTOBER, basis="开工报告")
    reach(project, Stage.BASICALLY_BUILT, JANUARY)
    (row,) = facts(REGISTRY["started"], Q4)
    assert (row.evidence_on, row.evidence) == (JUNE, "施工许可证")
    (row,) = facts(REGISTRY["centres_begun"], Q4)
    assert (row.evidence_on, row.evidence) == (OCTOBER, "开工报告")


def test_a_step_that_was_taken_back_dates_no_community(units: Units) -> None:
    community = make_community(units["XN"])
    project = make_project(community)
    reach(project, Stage.STARTED, JUNE, basis="误报")
    reach(project, Stage.LAND, dt.date(2013, 9, 15))
    reach(project, Stage.STARTED, OCTOBER, basis="施工许可证")
    (row,) = facts(REGISTRY["started"], Q4)
    assert (row.evidence_on, row.evidence) == (OCTOBER, "施工许可证")
    other = make_project(community, "other")
    reach(other, Stage.STARTED, dt.date(2013, 9, 15), basis="开工报告")
    (row,) = facts(REGISTRY["started"], Q4)
    assert (row.evidence_on, row.evidence) == (dt.date(2013, 9, 15), "开工报告"), "the first that still stands there"
    assert _grounds(REGISTRY["started"], Q4, [community.pk])[community.pk].url == other.get_absolute_url()


@pytest.fixture
def city(units: Units, half_year: Any) -> Units:
    """Two units with a little of everything."""
    from tests.dashboards.small_city import build

    build(units, half_year["2013Q4"])
    return units
