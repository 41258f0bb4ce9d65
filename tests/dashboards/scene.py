"""Short ways to records that figures count, and to the figures themselves."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from communities.models import Community, Placement, ReportingUnit
from core.periods import Quarter
from dashboards import rollup
from dashboards.figures import Cell, figures_of
from dashboards.indicators import REGISTRY
from dashboards.indicators.families import at_step, codes_of_kind, members
from dashboards.verify import compare
from facilities.models import FacilityKind, Project, StageEvent
from facilities.money import Source
from facilities.workflow import Stage
from inspections.models import Inspection, ItemScore, Round
from jobs.actions import work_off
from jobs.models import Job
from jobs.workflow import JobState
from services.models import Organisation, ServiceCentre, Standardisation

Q3, Q4 = Quarter(2013, 3), Quarter(2013, 4)
MARCH, JUNE = dt.date(2013, 3, 15), dt.date(2013, 6, 15)
OCTOBER, LAST_DAY, JANUARY = dt.date(2013, 10, 15), dt.date(2013, 12, 31), dt.date(2014, 1, 1)
LONG_AGO = dt.date(2012, 1, 1)
_numbers = itertools.count(1)
# Every indicator, but of those that differ in a filter or a source alone only one.
_ALIKE = {member.code for member in members()} | {
    f"funds_{what}_{source}" for what in ("planned", "arrived", "paid") for source in Source
}
SHAPES = [
    *(code for code in REGISTRY if code not in _ALIKE),
    "funds_planned_city",
    "funds_arrived_city",
    at_step(Stage.MAIN_WORKS),
    *codes_of_kind(FacilityKind.RESETTLEMENT).values(),
]
RULES = {"party": "party", "autonomous": "committee", "social": "filed"}


def settle() -> None:
    """Do what the beat and the workers do until nothing waits."""
    while rollup.pending():
        rollup.collect_marks()
        work_off()
        failed = Job.objects.filter(kind=rollup.ROLLUP).exclude(error="").exclude(state=JobState.DONE).first()
        assert failed is None, failed and failed.error


def figure(indicator: str, quarter: Quarter = Q4, unit: str = "all", type: str = "all") -> Cell:
    """One figure as it is stored now, without rolling up."""
    return figures_of(quarter).cell(indicator, unit, type)


def counted(indicator: str, quarter: Quarter = Q4, unit: str = "all", type: str = "all") -> Any:
    """One figure's value once nothing waits any more."""
    settle()
    return figure(indicator, quarter, unit, type).value


def differences(quarter: Quarter = Q4) -> list[str]:
    """What `figures --verify` finds."""
    return [str(difference) for difference in compare(quarter)[1]]


def reach(project: Project, stage: int, day: dt.date, **fields: Any) -> StageEvent:
    """One more stage; forward or back, with a reason so that the database takes it."""
    latest = project.stages.order_by("occurred_on", "pk").last()
    before = latest.stage if latest else None
    return StageEvent.objects.create(
        project=project, stage=stage, stage_before=before, occurred_on=day, reason="测试", **fields
    )


def standardise(community: Community, day: dt.date, until: dt.date | None = None) -> Standardisation:
    """Accept the standardisation of a community's centre, which is made where it is missing."""
    centre, _ = ServiceCentre.objects.get_or_create(community=community, defaults={"name": f"{community}中心"})
    return Standardisation.objects.create(
        centre=centre, valid_from=day, valid_until=until, reason="测试" if until else ""
    )


def organise(
    kind: str, community: Community | None = None, unit: ReportingUnit | None = None, day: dt.date = LONG_AGO
) -> Organisation:
    """An organisation in a community, or in a unit and no community."""
    return Organisation.objects.create(
        kind=kind,
        name=f"测试组织{next(_numbers)}",
        counting_rule=RULES[kind],
        community=community,
        unit=unit,
        village_name="测试村" if unit else "",
        valid_from=day,
    )


def score(inspection: Inspection, *deductions: int) -> Decimal:
    """Score every item and submit. Returns the total."""
    total = Decimal(0)
    items = list(inspection.round.sheet.items.order_by("order"))
    lost = list(deductions) + [0] * (len(items) - len(deductions))
    for item, deduction in zip(items, lost, strict=True):
        ItemScore.objects.create(
            inspection=inspection, item=item, deduction=deduction, reason="测试" if deduction else ""
        )
        total += item.full_marks - deduction
    Inspection.objects.filter(pk=inspection.pk).update(submitted_at=timezone.now(), total=total)
    return total


def inspect(round_: Round, community: Community, *deductions: int) -> Inspection:
    """A submitted inspection."""
    made = Inspection.objects.create(round=round_, community=community, inspected_on=round_.starts_on)
    score(made, *deductions)
    return made


def move(community: Community, unit: ReportingUnit, day: dt.date, **changes: Any) -> Placement:
    """End the current placement on `day` and begin another."""
    current = community.placements.get(valid_until__isnull=True)
    Placement.objects.filter(pk=current.pk).update(valid_until=day)
    values = {"type": current.type, "population": current.population, **changes}
    return Placement.objects.create(community=community, unit=unit, valid_from=day, **values)
