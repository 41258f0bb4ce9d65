"""The roll-up: marks become jobs, a job recomputes one unit's finest cells and replaces them.

Never a delta: twice, late, out of order or in two workers changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from communities.models import ReportingQuarter, ReportingUnit
from core.periods import Quarter
from dashboards.indicators import READINGS
from dashboards.indicators.rules import in_force
from dashboards.models import Figure, Mark
from jobs.actions import enqueue, enqueue_many
from jobs.models import Job
from jobs.workflow import JobState

logger = logging.getLogger("portal.figures")

ROLLUP = "rollup"
CHECK = "check_figures"
# First key of the advisory locks on units, so that no other use of such locks meets them.
_LOCKS = 0x46494755

# No unit has this key.
_ANY_UNIT = -1

# Quarter (its row's key), indicator, type.
Key = tuple[int, str, str]


@dataclass(frozen=True)
class Parts:
    """What is stored in a finest cell."""

    numerator: Decimal
    denominator: Decimal | None
    records: int


def collect_marks() -> list[str]:
    """Turn the marks that are visible now into one job for each touched unit. Returns the units' codes.

    Marks go and jobs come in one transaction, so none is lost and none is done twice for nothing.
    """
    if not Mark.objects.exists():
        return []
    with transaction.atomic():
        touched = _take_marks()
        units = ReportingUnit.objects.all()
        if None not in touched:
            units = units.filter(pk__in=[unit for unit in touched if unit is not None])
        codes = sorted(units.values_list("code", flat=True))
        enqueue_many(ROLLUP, codes)
    return codes


def _take_marks() -> set[int | None]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dashboards_mark RETURNING unit_id")
        return {unit for (unit,) in cursor.fetchall()}


@dataclass(frozen=True)
class Backlog:
    """What is not in the figures: changes that are on their way, and roll-ups given up, which wait for a person."""

    pending: int
    parked: int


def backlog() -> Backlog:
    """Marks, and roll-ups that wait or run; beside them those that are parked. Two queries."""
    parked = Count("pk", filter=Q(state=JobState.PARKED))
    jobs = Job.objects.not_done().filter(kind=ROLLUP).aggregate(all=Count("pk"), parked=parked)
    return Backlog(Mark.objects.count() + jobs["all"] - jobs["parked"], jobs["parked"])


def pending() -> int:
    """How many changes are not yet in the figures but on their way: marks, and roll-ups that wait or run."""
    return backlog().pending


def roll_up(unit: ReportingUnit) -> int:
    """Recompute and replace a unit's finest cells in every open quarter. Returns how many cells there are now."""
    with transaction.atomic():
        _lock(unit)
        quarters = list(ReportingQuarter.objects.open())
        cells = _compute(unit, quarters)
        _replace(unit, quarters, cells)
    return len(cells)


def roll_up_all() -> int:
    """Recompute every unit at once, for a first load or a repair. Returns how many cells there are now.

    Takes the waiting marks with it: what they tell of is read here.
    """
    with transaction.atomic():
        _take_marks()
        return sum(roll_up(unit) for unit in ReportingUnit.objects.order_by("pk"))


def check_unit(unit: ReportingUnit) -> list[str]:
    """Recompute a unit beside what is stored; the cells that differ, in words. A difference raises the alarm.

    A unit with changes still waiting is not settled, and no difference in it is an error. One that is gets
    rolled up again, after the alarm.
    """
    with transaction.atomic():
        _lock(unit)
        quarters = list(ReportingQuarter.objects.open())
        stored, fresh = _stored(unit, quarters), _compute(unit, quarters)
        names = {row.pk: str(row) for row in quarters}
        differences = [
            f"{names[key[0]]} {unit.code} {key[1]} {key[2]}: {_shown(stored.get(key))} → {_shown(fresh.get(key))}"
            for key in sorted(stored.keys() | fresh.keys())
            if stored.get(key) != fresh.get(key)
        ]
        if not differences or _is_unsettled(unit):
            return []
        logger.error("figures of %s differ from their records, %s cells: %s", unit.code, len(differences), differences)
        enqueue(ROLLUP, unit.code)
    return differences


def _is_unsettled(unit: ReportingUnit) -> bool:
    marks = Mark.objects.filter(unit=unit) | Mark.objects.filter(unit__isnull=True)
    return marks.exists() or Job.objects.pending(ROLLUP).filter(key=unit.code).exists()


def _shown(parts: Parts | None) -> str:
    return "—" if parts is None else f"{parts.numerator}/{parts.denominator} ({parts.records})"


def _lock(unit: ReportingUnit) -> None:
    """Wait for whoever computes the unit. Before the first read: each later statement then sees what is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, unit.pk])


def _compute(unit: ReportingUnit, quarters: Iterable[ReportingQuarter]) -> dict[Key, Parts]:
    """A unit's finest cells, by set, in one query a quarter, and three for the rules in force."""
    cells: dict[Key, Parts] = {}
    rules = in_force()
    with connection.cursor() as cursor:
        for quarter in quarters:
            statement, values = _statement(quarter.quarter, rules)
            cursor.execute(statement, [unit.pk if value == _ANY_UNIT else value for value in values])
            for code, type, numerator, denominator, records in cursor.fetchall():
                if records:
                    cells[quarter.pk, code, type] = Parts(numerator, denominator, records)
    return cells


@lru_cache(maxsize=32)
def _statement(quarter: Quarter, rules: Hashable) -> tuple[str, tuple[Any, ...]]:
    """The sums of every indicator in one statement, with `_ANY_UNIT` where the unit's key goes.

    Remembered, because writing it out takes ten times as long as carrying it out; as long as `rules` hold.
    """
    sums = [
        rows.order_by()
        .values("fact_type")
        .annotate(
            cell_code=code,
            cell_numerator=Sum("numerator"),
            cell_denominator=Sum("denominator"),
            cell_records=Count("pk"),
        )
        .values_list("cell_code", "fact_type", "cell_numerator", "cell_denominator", "cell_records")
        for code, indicator in READINGS
        for rows in indicator.within(quarter, _ANY_UNIT)
    ]
    statement: tuple[str, tuple[Any, ...]] = sums[0].union(*sums[1:], all=True).query.sql_with_params()
    return statement


def _stored(unit: ReportingUnit, quarters: Iterable[ReportingQuarter]) -> dict[Key, Parts]:
    figures = Figure.objects.filter(unit=unit, quarter__in=list(quarters))
    return {
        (figure.quarter_id, figure.indicator, figure.type): Parts(figure.numerator, figure.denominator, figure.records)
        for figure in figures
    }


def _replace(unit: ReportingUnit, quarters: Iterable[ReportingQuarter], cells: dict[Key, Parts]) -> None:
    now = timezone.now()
    rows = [
        Figure(quarter_id=quarter, unit=unit, indicator=code, type=type, computed_at=now, **vars(parts))
        for (quarter, code, type), parts in sorted(cells.items())
    ]
    values: dict[str, Any] = {
        "unique_fields": ["quarter", "indicator", "unit", "type"],
        "update_fields": ["numerator", "denominator", "records", "computed_at"],
    }
    Figure.objects.bulk_create(rows, update_conflicts=True, **values)
    there = Figure.objects.filter(unit=unit, quarter__in=list(quarters))
    gone = [pk for pk, *key in there.values_list("pk", "quarter", "indicator", "type") if tuple(key) not in cells]
    if gone:
        Figure.objects.filter(pk__in=gone).delete()
