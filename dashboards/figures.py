"""Reading figures. Only the finest cells are stored; every “all” is summed here."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from communities.models import ReportingQuarter
from core.periods import Quarter
from dashboards.facts import ALL
from dashboards.indicators import REGISTRY
from dashboards.models import CellType, Figure
from dashboards.querysets import FigureQuerySet

TYPES: tuple[str, ...] = (ALL, *CellType.values)
# Indicators whose facts have no record in common, and that have between them every record of the leadership page.
_WHOLES = (
    "planned",
    "existing",
    "party_organisations",
    "autonomous_organisations",
    "social_organisations",
    "average_score",
)


@dataclass(frozen=True)
class Cell:
    """One figure: an indicator in a quarter, of a unit (code or `all`) and a type (or `all`).

    `denominator` is None for sums; `value` is None where a rate has nothing to divide by; `records` says how many
    facts stand behind it.
    """

    indicator: str
    quarter: Quarter
    unit: str
    type: str
    numerator: Decimal
    denominator: Decimal | None
    records: int

    @property
    def value(self) -> Decimal | None:
        """The number itself, divided last."""
        return REGISTRY[self.indicator].value(self.numerator, self.denominator)


class _Sum:
    """Adds up finest cells."""

    def __init__(self) -> None:
        self.numerator = Decimal(0)
        self.denominator = Decimal(0)
        self.records = 0

    def add(self, numerator: Decimal, denominator: Decimal | None, records: int) -> None:
        self.numerator += numerator
        self.denominator += denominator or Decimal(0)
        self.records += records


class FigureTable:
    """The figures of one quarter in memory. Made by `figures_of` or `figures_of_each`, one query for all of it."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter = quarter
        # When the newest and the oldest cell were computed; None where there is none.
        self.computed_at: dt.datetime | None = None
        self.oldest_at: dt.datetime | None = None
        self._sums: defaultdict[tuple[str, str, str], _Sum] = defaultdict(_Sum)

    def add(self, figure: Figure) -> None:
        """Take in a stored cell, with its unit loaded."""
        for unit in (figure.unit.code, ALL):
            for type in (figure.type, ALL):
                key = (figure.indicator, unit, type)
                self._sums[key].add(figure.numerator, figure.denominator, figure.records)
        at = figure.computed_at
        self.computed_at = max(self.computed_at or at, at)
        self.oldest_at = min(self.oldest_at or at, at)

    def cell(self, indicator: str, unit: str = ALL, type: str = ALL) -> Cell:
        """One figure. Where nothing is stored it is 0, and a rate has no value. KeyError for an unknown indicator."""
        additive = REGISTRY[indicator].additive
        found = self._sums.get((indicator, unit, type), _NONE)
        denominator = None if additive else found.denominator
        return Cell(indicator, self.quarter, unit, type, found.numerator, denominator, found.records)

    def value(self, indicator: str, unit: str = ALL, type: str = ALL) -> Decimal | None:
        """The value of one figure."""
        return self.cell(indicator, unit, type).value

    def grid(self, units: Iterable[str], types: Iterable[str] = TYPES) -> Iterator[Cell]:
        """Every indicator × unit × type, empty ones too."""
        kinds = list(types)
        places = list(units)
        for indicator in REGISTRY:
            for unit in places:
                for type in kinds:
                    yield self.cell(indicator, unit, type)

    @property
    def records(self) -> int:
        """How many records the leadership page is made of, each counted once however many figures it is in.

        Every community is either planned or existing, every organisation of one kind; inspections are the third sort.
        """
        return sum(self.cell(code).records for code in _WHOLES)


_NONE = _Sum()


def figures_of(quarter: Quarter, cells: FigureQuerySet | None = None) -> FigureTable:
    """The figures of a quarter, in one query. `cells` narrows what is read, say `Figure.objects.visible_to(user)`."""
    return figures_of_each([quarter], cells)[quarter]


def figures_of_each(quarters: Iterable[Quarter], cells: FigureQuerySet | None = None) -> dict[Quarter, FigureTable]:
    """The figures of several quarters, in two queries. Quarters that nothing is stored for have an empty table."""
    tables = {quarter: FigureTable(quarter) for quarter in quarters}
    source = Figure.objects.all() if cells is None else cells
    rows = {row.pk: row.quarter for row in ReportingQuarter.objects.all() if row.quarter in tables}
    for figure in source.filter(quarter__in=list(rows), indicator__in=REGISTRY).select_related("unit"):
        tables[rows[figure.quarter_id]].add(figure)
    return tables
