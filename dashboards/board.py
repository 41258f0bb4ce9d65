"""The figures at hand for one person and quarter, asked in the words of the leadership page."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.facts import ALL
from dashboards.figures import FigureTable
from dashboards.selectors import Period, Tables, facts_url, label_of


@dataclass(frozen=True)
class Number:
    """A count with the page of its facts, and its change since last quarter (None: nothing to compare with).

    `change_url` leads to those that are new, or to those that count no more where they are the more.
    """

    label: str
    value: int
    url: str
    change: int | None = None
    change_url: str = ""


@dataclass(frozen=True)
class Share:
    """A part of a whole: 236 of 330."""

    part: Number
    whole: Number
    rate_url: str
    missing_url: str

    @property
    def missing(self) -> int:
        """How many the part lacks."""
        return self.whole.value - self.part.value


class Board:
    """The city's figures of the quarter and the one before, and those cells that the person may see."""

    def __init__(self, period: Period, tables: Tables) -> None:
        self.quarter = period.quarter
        self.city = tables.city
        self.cells = tables.cells[self.quarter]
        before = tables.city.get(period.quarter.previous()) if period.before else None
        self.before: FigureTable | None = before if before and before.computed_at else None

    @property
    def now(self) -> FigureTable:
        """The city's figures of the quarter."""
        return self.city[self.quarter]

    def count(self, code: str, unit: str = ALL, type: str = ALL) -> int:
        """The numerator of a figure; a unit's from what the person may see."""
        table = self.now if unit == ALL else self.cells
        return int(table.cell(code, unit, type).numerator)

    def number(self, code: str, unit: str = ALL, label: str = "") -> Number:
        """A figure with its link, and for the city with its change."""
        value, url = self.count(code, unit), facts_url(self.quarter, code, unit)
        name = label or label_of(code)
        if unit != ALL or self.before is None:
            return Number(name, value, url)
        change = value - int(self.before.cell(code).numerator)
        since = facts_url(self.quarter, code, since="new" if change > 0 else "gone") if change else ""
        return Number(name, value, url, change, since)

    def share(self, part: str, whole: str, rate: str, label: str) -> Share:
        """A part of a whole, with the page of the rate that they make."""
        missing_url = facts_url(self.quarter, part, counted="no")
        return Share(self.number(part, label=label), self.number(whole), facts_url(self.quarter, rate), missing_url)
