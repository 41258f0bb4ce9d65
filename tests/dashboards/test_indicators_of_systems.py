"""What the figures of organisations and of inspection rounds count, at their edges."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from communities.models import ReportingQuarter, ReportingUnit
from dashboards.facts import facts, left_out
from dashboards.indicators import REGISTRY
from services.models import Organisation
from tests.dashboards.scene import (
    JANUARY,
    LAST_DAY,
    MARCH,
    OCTOBER,
    Q3,
    Q4,
    counted,
    differences,
    figure,
    inspect,
    move,
    organise,
)
from tests.factories import make_community, make_inspection, make_round

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]


@pytest.mark.usefixtures("half_year")
@pytest.mark.parametrize("kind", ["party", "autonomous", "social"])
def test_organisations_count_by_kind_where_their_community_stands(units: Units, kind: str) -> None:
    rural = make_community(units["XN"], type="rural", population="existing")
    organise(kind, community=rural)
    organise(kind, community=rural)
    organise(kind, unit=units["XN"])
    organise(kind, unit=units["HC"])
    code = f"{kind}_organisations"
    assert (counted(code), counted(code, unit="XN"), counted(code, unit="HC")) == (4, 3, 1)
    assert [counted(code, type=type) for type in ("city", "town", "rural", "none")] == [0, 0, 2, 2]
    others = {"party", "autonomous", "social"} - {kind}
    assert [counted(f"{other}_organisations") for other in others] == [0, 0]


@pytest.mark.usefixtures("half_year")
def test_an_organisation_counts_from_its_first_day_until_its_last(units: Units) -> None:
    organise("social", unit=units["XN"], day=LAST_DAY)
    organise("social", unit=units["XN"], day=JANUARY)
    ended = organise("social", unit=units["XN"], day=MARCH)
    Organisation.objects.filter(pk=ended.pk).update(valid_until=LAST_DAY)
    assert (counted("social_organisations", Q3), counted("social_organisations", Q4)) == (1, 1)


@pytest.mark.usefixtures("half_year")
def test_an_organisation_moves_with_its_community_and_vanishes_where_it_is_placed_nowhere(units: Units) -> None:
    moved, gone = make_community(units["XC"]), make_community(units["XC"])
    organise("party", community=moved)
    organise("party", community=gone)
    move(moved, units["SF"], OCTOBER)
    gone.placements.update(valid_until=OCTOBER)
    code = "party_organisations"
    assert (counted(code, Q3, "XC"), counted(code, Q3, "SF")) == (2, 0)
    assert (counted(code, Q4, "XC"), counted(code, Q4, "SF"), counted(code, Q4)) == (0, 1, 1)
    assert differences(Q3) == differences(Q4) == []


def test_the_average_is_over_submitted_inspections_each_weighing_the_same(units: Units, half_year: Quarters) -> None:
    round_ = make_round(half_year["2013Q4"])
    one, two, three = (make_community(unit) for unit in (units["XN"], units["XN"], units["DW"]))
    inspect(round_, one)  # 100
    inspect(round_, two, 30)  # 70
    inspect(round_, three, 60, 35)  # 5
    make_inspection(round_, make_community(units["DW"]))  # a draft
    assert (counted("average_score", unit="XN"), counted("average_score", unit="DW")) == (85, 5)
    assert counted("average_score") == Decimal(175) / 3
    assert figure("average_score").records == 3
    assert counted("average_score", unit="HC") is None
    assert counted("average_score", Q3) is None
    assert left_out(REGISTRY["average_score"], Q4).count() == 1


def test_an_inspection_belongs_to_its_rounds_quarter_whenever_it_took_place(units: Units, half_year: Quarters) -> None:
    third, fourth = make_round(half_year["2013Q3"]), make_round(half_year["2013Q4"])
    community = make_community(units["XN"])
    late = make_inspection(third, community, inspected_on=dt.date(2013, 10, 9))
    late.submitted_at, late.total = dt.datetime(2014, 1, 2, tzinfo=dt.UTC), Decimal(60)
    late.save()
    inspect(fourth, community, 10)
    assert (counted("average_score", Q3), counted("average_score", Q4)) == (60, 90)
    assert (counted("inspected_share", Q3), counted("inspected_share", Q4)) == (100, 100)


def test_the_share_is_of_programme_communities_and_drafts_do_not_count(units: Units, half_year: Quarters) -> None:
    round_ = make_round(half_year["2013Q4"])
    new = [make_community(units["XN"]) for _ in range(4)]
    old = make_community(units["XN"], population="existing")
    inspect(round_, new[0])
    make_inspection(round_, new[1])
    inspect(round_, old)
    assert counted("inspected_share") == 25
    assert counted("average_score") == 100
    assert figure("inspected_share").records == 4
    rows = facts(REGISTRY["inspected_share"], Q4)
    assert sorted((row.counted, row.numerator, row.denominator) for row in rows) == [(False, 0, 1)] * 3 + [(True, 1, 1)]
    assert counted("inspected_share", unit="DW") is None


def test_scores_stand_where_the_community_stood_on_the_quarters_last_day(units: Units, half_year: Quarters) -> None:
    third, fourth = make_round(half_year["2013Q3"]), make_round(half_year["2013Q4"])
    community = make_community(units["XC"])
    inspect(third, community, 20)
    move(community, units["SF"], OCTOBER)
    inspect(fourth, community, 10)
    assert (counted("average_score", Q3, "XC"), counted("average_score", Q3, "SF")) == (80, None)
    assert (counted("average_score", Q4, "XC"), counted("average_score", Q4, "SF")) == (None, 90)
