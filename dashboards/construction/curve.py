"""Plan against actual by month: how many projects were to be basically built, by both plans, and how many are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import TruncMonth

from communities.models import ReportingUnit
from core.periods import Month, Quarter
from dashboards.indicators import REGISTRY
from facilities.models import PlannedStage, StageEvent
from facilities.workflow import Stage

GOAL = Stage.BASICALLY_BUILT


@dataclass(frozen=True)
class Point:
    """The end of a month: projects to be built by then, by the plan in force and by the first one, and those built.

    `built` is None for a month that has not ended yet.
    """

    month: Month
    planned: int
    first: int
    built: int | None


@dataclass(frozen=True)
class Curve:
    """The projects of the city, or of a unit. `unplanned` have no planned day; `now` is the last month of the actual.

    `points` go from the month before anything was planned or built to the last month that any plan names.
    """

    label: str
    total: int
    unplanned: int
    points: Sequence[Point]
    now: Month

    @property
    def present(self) -> Point | None:
        """Where plan and actual stand now; None without any project."""
        return next((point for point in self.points if point.month == self.now), None)

    @property
    def told(self) -> list[Point]:
        """The points as a table lists them: where a number changes, and the present."""
        found: list[Point] = []
        for point in self.points:
            last = found[-1] if found else None
            same = last and (last.planned, last.first, last.built) == (point.planned, point.first, point.built)
            if not same or point.month == self.now:
                found.append(point)
        return found

    def share(self, number: int | None) -> Decimal | None:
        """A number as a part of all projects, 0 to 1; None where it is not known."""
        return Decimal(number) / self.total if self.total and number is not None else None


def curve_of(quarter: Quarter, until: dt.date, unit: ReportingUnit | None, label: str) -> Curve:
    """The projects of programme communities on the quarter's last day, as they were known then. One query.

    `built` at the quarter's end is the figure `projects_built`; what is built is shown up to the month of `until`.
    """
    rows = REGISTRY["projects"].population(quarter)
    if unit is not None:
        rows = rows.filter(fact_unit=unit.pk)
    groups = (
        _with_days(rows, quarter.last_day)
        .order_by()
        .values_list("planned_month", "first_month", "built_month")
        .annotate(number=Count("pk"))
    )
    counted: tuple[Counter[Month | None], ...] = (Counter(), Counter(), Counter())
    for *days, number in groups:
        for counter, day in zip(counted, days, strict=True):
            counter[Month.of(day) if day else None] += number
    planned, first, built = counted
    now = Month.of(until)
    points = _points(planned, first, built, now)
    return Curve(label, planned.total(), planned[None], points, now)


def _with_days(rows: Any, day: dt.date) -> Any:
    """Adds the months of the plan in force, of the first plan, and since when the project stands built."""
    plans = PlannedStage.objects.filter(project=OuterRef("pk"), stage=GOAL)
    since = StageEvent.objects.since(GOAL, day, OuterRef("pk"))
    return rows.annotate(
        planned_month=TruncMonth(PlannedStage.objects.day_of(GOAL, day, OuterRef("pk"))),
        first_month=TruncMonth(Subquery(plans.first_of_each().order_by("pk").values("planned_on")[:1])),
        built_month=TruncMonth(Subquery(since.values("occurred_on")[:1])),
    )


def _points(
    planned: Mapping[Month | None, int],
    first: Mapping[Month | None, int],
    built: Mapping[Month | None, int],
    now: Month,
) -> list[Point]:
    months = [month for month in {*planned, *first, *built, now} if month is not None]
    month, last = _before(min(months)), max(months)
    points, sums = list[Point](), [0, 0, 0]
    while month <= last:
        sums = [total + counts.get(month, 0) for total, counts in zip(sums, (planned, first, built), strict=True)]
        points.append(Point(month, sums[0], sums[1], sums[2] if month <= now else None))
        month = month.next()
    return points


def _before(month: Month) -> Month:
    return Month(month.year - 1, 12) if month.number == 1 else Month(month.year, month.number - 1)
