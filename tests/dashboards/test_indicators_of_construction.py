"""What each figure of projects, of their money and of their reports counts, at its edges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from communities.models import ReportingUnit
from communities.roles import Role
from dashboards.facts import facts, left_out
from dashboards.indicators import REGISTRY
from dashboards.indicators.families import codes_of_kind
from facilities.models import FacilityKind, Project
from facilities.money import Source
from facilities.report_reads import unit_progress
from facilities.workflow import Stage
from tests.dashboards.construction_scene import PAST, correct, funded, month_of, tell
from tests.dashboards.scene import (
    JANUARY,
    JUNE,
    LAST_DAY,
    MARCH,
    OCTOBER,
    Q3,
    Q4,
    counted,
    differences,
    figure,
    move,
    reach,
    settle,
)
from tests.dashboards.small_city import build
from tests.factories import make_community, make_month, make_project, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("half_year")]
Units = dict[str, ReportingUnit]
STEPS = ("projects", "projects_started", "projects_main_works", "projects_built", "projects_in_use")


def parts(code: str, **where: Any) -> Any:
    """Numerator, denominator and records once nothing waits."""
    counted(code, **where)
    cell = figure(code, **where)
    return cell.numerator, cell.denominator, cell.records


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.TENDERED, [1, 0, 0, 0, 0]),
        (Stage.STARTED, [1, 1, 0, 0, 0]),
        (Stage.MAIN_WORKS, [1, 1, 1, 0, 0]),
        (Stage.BASICALLY_BUILT, [1, 1, 1, 1, 0]),
        (Stage.IN_USE, [1, 1, 1, 1, 1]),
    ],
)
def test_each_step_counts_with_the_later_ones(units: Units, stage: Stage, expected: list[int]) -> None:
    make_project(make_community(units["XN"]), "clinic", (stage, LAST_DAY))
    assert [counted(code) for code in STEPS] == expected
    assert differences() == []


def test_a_project_stands_at_one_step_and_is_of_one_kind(units: Units) -> None:
    community = make_community(units["XN"])
    make_project(community, "clinic")
    for kind, stage in (("clinic", Stage.LAND), ("clinic", Stage.MAIN_WORKS), ("resettlement", Stage.MAIN_WORKS)):
        make_project(community, kind, (Stage.CONCEIVED, MARCH), (stage, JUNE))
    fallen = make_project(community, "other", (Stage.IN_USE, JUNE), (Stage.STARTED, JANUARY))
    reach(fallen, Stage.FOUNDATION, OCTOBER)
    standing = {step.value: counted(f"projects_at_{step.value}") for step in Stage}
    assert {step: number for step, number in standing.items() if number} == {0: 1, 2: 1, 6: 1, 7: 2}
    assert counted("projects_at_12", Q3) == 1, "before it fell back"
    of_kinds = {kind.value: counted(f"{kind.value}_projects") for kind in FacilityKind}
    assert {kind: number for kind, number in of_kinds.items() if number} == {"clinic": 3, "resettlement": 1, "other": 1}
    assert [counted(f"clinic_{step}") for step in ("started", "main_works", "built", "in_use")] == [1, 1, 0, 0]
    assert counted("other_in_use", Q3) == 1
    assert differences() == differences(Q3) == []


def test_the_figures_of_steps_and_of_kinds_add_up_and_lead_to_their_projects(units: Units, half_year: Any) -> None:
    build(units, half_year["2013Q4"])
    settle()
    for step, whole in codes_of_kind(FacilityKind.CLINIC).items():
        assert sum(counted(codes_of_kind(kind)[step]) for kind in FacilityKind) == counted(step), whole
    assert sum(counted(f"projects_at_{step.value}") for step in Stage) == counted("projects") > 0
    for code in (*(f"projects_at_{step.value}" for step in Stage), *codes_of_kind(FacilityKind.RESETTLEMENT).values()):
        assert len(facts(REGISTRY[code], Q4)) == counted(code)


def test_a_fact_of_a_step_says_since_when_and_on_what_ground(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "clinic", (Stage.TENDERED, MARCH))
    reach(project, Stage.STARTED, JUNE, basis="开工令")
    (row,) = facts(REGISTRY["projects_at_5"], Q4)
    assert (row.evidence_on, row.evidence) == (JUNE, "开工令")


def test_projects_of_existing_communities_are_none_of_the_programme(units: Units) -> None:
    make_project(make_community(units["XN"], population="existing"), "clinic", (Stage.IN_USE, JUNE), fund_city=1)
    assert [counted(code) for code in (*STEPS, "funds_planned")] == [0] * 6
    assert counted("started_rate") is None


def test_a_step_back_and_a_step_of_january_change_what_they_should(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "clinic", (Stage.BASICALLY_BUILT, JUNE))
    reach(project, Stage.MAIN_WORKS, OCTOBER)
    assert (counted("projects_built", Q3), counted("projects_built", Q4)) == (1, 0)
    reach(project, Stage.IN_USE, JANUARY)
    assert counted("projects_built") == 0


def test_rates_of_steps_keep_both_parts(units: Units) -> None:
    community = make_community(units["XN"])
    for stage in (Stage.LAND, Stage.STARTED, Stage.IN_USE):
        make_project(community, "other", (stage, JUNE))
    assert parts("started_rate") == (2, 3, 3)
    assert parts("built_rate") == (1, 3, 3)
    assert round(counted("started_rate"), 2) == Decimal("66.67")


def test_amounts_add_up_and_what_nobody_knows_is_left_out(units: Units) -> None:
    community = make_community(units["XN"])
    funded(community, "100.10", "20.05")
    funded(community, "0")
    unknown = funded(community)
    assert parts("funds_planned") == (Decimal("120.15"), None, 2)
    assert [row.pk for row in left_out(REGISTRY["funds_planned"], Q4)] == [unknown.pk]


def test_invested_is_what_stood_before_and_what_the_standing_reports_add(units: Units) -> None:
    community = make_community(units["XN"])
    entry, reviewer = (make_user(role, unit=units["XN"]) for role in (Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER))
    project = funded(community, "200", invested_before=Decimal(10))
    people: dict[str, Any] = {"entry": entry, "reviewer": reviewer}
    november = tell(project, month_of(11), invested="5.50", **people)
    tell(project, month_of(12), "submitted", invested="100", **people)
    funded(community, "50")
    assert parts("invested") == (Decimal("15.50"), None, 1)
    assert parts("invested_rate") == (Decimal("15.50"), Decimal(250), 2)
    correct(november, entry, reviewer, invested=Decimal("7.00"))
    assert counted("invested") == Decimal("17.00")
    assert differences() == []


def test_money_is_told_by_source_and_the_sources_add_up(units: Units) -> None:
    project = funded(make_community(units["XN"]), "200", fund_central=Decimal("30.50"))
    tell(project, month_of(12), arrived_city="60", arrived_central="1.25", paid_city="20")
    told = {
        what: {source.value: parts(f"funds_{what}_{source.value}")[0] for source in Source}
        for what in ("planned", "arrived", "paid")
    }
    for what, of in told.items():
        assert sum(of.values()) == counted(f"funds_{what}"), what
    assert (told["planned"]["central"], told["arrived"]["central"], told["paid"]["city"]) == (
        Decimal("30.50"),
        Decimal("1.25"),
        20,
    )
    assert figure("funds_paid_central").records == 0, "nobody told"
    assert differences() == []


def test_what_has_arrived_is_what_the_newest_report_of_the_quarter_says(units: Units) -> None:
    project = funded(make_community(units["XN"]), "200")
    assert parts("funds_arrived") == (0, None, 0)
    tell(project, month_of(9), arrived_city="30", arrived_central="1.25", paid_city="20")
    tell(project, month_of(12), arrived_city="60", arrived_central="1.25", paid_city="20")
    tell(project, month_of(1, 2014), arrived_city="90", arrived_central="1.25", paid_city="80")
    assert (counted("funds_arrived", Q3), counted("funds_arrived", Q4)) == (Decimal("31.25"), Decimal("61.25"))
    assert counted("funds_paid") == 20
    assert parts("arrived_rate") == (Decimal("61.25"), Decimal(200), 1)
    assert differences(Q3) == differences(Q4) == []


def test_a_project_whose_plan_is_not_known_is_in_no_rate_of_money(units: Units) -> None:
    project = funded(make_community(units["XN"]), invested_before=Decimal(40))
    assert counted("invested") == 40
    assert counted("invested_rate") is None
    assert [row.pk for row in left_out(REGISTRY["invested_rate"], Q4)] == [project.pk]


def test_the_evidence_of_an_amount_is_its_report(units: Units) -> None:
    project = funded(make_community(units["XN"]), "200")
    report = tell(project, month_of(11), arrived_city="30")
    (row,) = facts(REGISTRY["funds_arrived"], Q4)
    assert (row.evidence, row.evidence_on) == ("2013-11", timezone.localdate(report.reviewed_at))


def test_reports_count_as_the_page_of_completeness_counts_them(units: Units, half_year: Any) -> None:
    build(units, half_year["2013Q4"])
    months = [month_of(11), month_of(12)]
    for code in ("XN", "DW"):
        rows = [unit_progress(month, [units[code]])[0] for month in months]
        expected = sum(row.expected for row in rows)
        filled, required = sum(row.filled for row in rows), sum(row.required for row in rows)
        assert parts("report_completeness", unit=code)[:2] == (filled, required)
        assert parts("report_timeliness", unit=code)[:2] == (sum(row.on_time for row in rows), expected)
        assert counted("late_reports", unit=code) == sum(row.late for row in rows) == 1
        assert 0 < filled < required


def test_a_months_report_is_expected_where_the_community_stood_and_counts_where_it_stands(units: Units) -> None:
    month_of(10), month_of(11), month_of(12, due_on=PAST)
    late, come, gone = (make_community(units["XN"], since=day) for day in (MARCH, PAST, MARCH))
    for community in (late, come, gone):
        make_project(community, "clinic")
    tell(Project.objects.get(community=late), month_of(12), "submitted", stage=Stage.CONCEIVED)
    move(late, units["DW"], LAST_DAY)
    gone.placements.update(valid_until=LAST_DAY)
    assert parts("report_timeliness", unit="XN") == (0, 1, 1)
    assert parts("report_timeliness", unit="DW") == (0, 3, 1)
    assert parts("report_completeness", unit="DW") == (3, 9, 1)
    assert counted("late_reports", unit="DW") == 1
    (row,) = facts(REGISTRY["late_reports"], Q4)
    assert row.evidence == "2013-12"
    assert differences() == []


def test_drafts_are_nothing_and_a_month_that_is_only_planned_asks_for_nothing(units: Units) -> None:
    project = make_project(make_community(units["XN"]), "clinic")
    month = month_of(12)
    tell(project, month, "draft")
    assert parts("report_completeness") == (0, 3, 1)
    make_month(2013, 11, state="planned")
    assert parts("report_completeness") == (0, 3, 1), "a month that is only planned adds nothing"
