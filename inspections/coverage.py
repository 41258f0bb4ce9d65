"""How far a round has come, by unit. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from communities.models import Community, Placement, ReportingUnit
from inspections.models import Inspection, Round


@dataclass(frozen=True)
class UnitCoverage:
    """A unit in a round: communities of the programme, inspected and submitted ones, lowest, mean and highest total."""

    unit: ReportingUnit | None
    planned: int
    started: int
    totals: tuple[Decimal, ...]

    @property
    def submitted(self) -> int:
        """Inspections that are submitted."""
        return len(self.totals)

    @property
    def mean(self) -> Decimal | None:
        """Mean of the submitted totals, divided last; None where there is none."""
        return sum(self.totals, Decimal(0)) / len(self.totals) if self.totals else None

    @property
    def lowest(self) -> Decimal | None:
        """The lowest submitted total."""
        return min(self.totals, default=None)

    @property
    def highest(self) -> Decimal | None:
        """The highest submitted total."""
        return max(self.totals, default=None)


def coverage_of(round_: Round, user: Any) -> list[UnitCoverage]:
    """One row for each unit that the person sees communities of, as they were placed on the quarter's last day.

    The denominator is the programme's communities; existing ones that were inspected count in `started` only
    if they belong to the programme then.
    """
    day = round_.quarter.last_day
    seen = Community.objects.visible_to(user)
    placed = dict(Placement.objects.on_day(day).programme().filter(community__in=seen).values_list("community", "unit"))
    planned: defaultdict[int, int] = defaultdict(int)
    for unit in placed.values():
        planned[unit] += 1
    started: defaultdict[int, int] = defaultdict(int)
    totals: defaultdict[int, list[Decimal]] = defaultdict(list)
    rows = Inspection.objects.visible_to(user).filter(round=round_).values_list("community", "total")
    for community, total in rows:
        if community in placed:
            started[placed[community]] += 1
            if total is not None:
                totals[placed[community]].append(total)
    units = ReportingUnit.objects.filter(pk__in=planned)
    return [UnitCoverage(unit, planned[unit.pk], started[unit.pk], tuple(totals[unit.pk])) for unit in units]


def sum_of(rows: Iterable[UnitCoverage]) -> UnitCoverage:
    """All units together."""
    listed = list(rows)
    totals = tuple(total for row in listed for total in row.totals)
    return UnitCoverage(None, sum(row.planned for row in listed), sum(row.started for row in listed), totals)
