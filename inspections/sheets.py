"""A scoring sheet laid out for a page: sections with their lines, marks kept and lost. Pure, no database, no HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from inspections.models import ItemScore, SheetItem


@dataclass(frozen=True)
class Line:
    """One item, what it lost (None while nobody has scored it), and its form fields where the page has a form."""

    item: SheetItem
    score: ItemScore | None = None
    fields: Any = None

    @property
    def kept(self) -> Decimal | None:
        """Marks that remain; None while nobody has scored the item."""
        return None if self.score is None else self.item.full_marks - self.score.deduction


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    anchor: str
    name: str
    lines: list[Line] = field(default_factory=list)

    @property
    def full(self) -> Decimal:
        """Full marks of the section."""
        return sum((line.item.full_marks for line in self.lines), Decimal(0))

    @property
    def kept(self) -> Decimal:
        """Marks that the scored lines keep."""
        return sum((line.kept for line in self.lines if line.kept is not None), Decimal(0))

    @property
    def scored(self) -> int:
        """How many lines have been scored."""
        return sum(line.score is not None for line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether every line has been scored."""
        return self.scored == len(self.lines)


def sections_of(
    items: Iterable[SheetItem],
    scores: Mapping[int, ItemScore] | None = None,
    fields: Callable[[SheetItem], Any] | None = None,
) -> list[Section]:
    """The sheet's sections in order. `scores` by item; `fields` gives an item's part of the form."""
    known = scores or {}
    grouped = groupby(sorted(items, key=lambda item: item.order), key=lambda item: item.section)
    return [
        Section(
            f"section-{number}",
            name,
            [Line(item, known.get(item.pk), fields(item) if fields else None) for item in lines],
        )
        for number, (name, lines) in enumerate(grouped, 1)
    ]


@dataclass(frozen=True)
class Tally:
    """Where a sheet stands: items scored of all, marks kept of those scored, and the marks of the whole."""

    scored: int
    items: int
    kept: Decimal
    of: Decimal
    full: Decimal

    @property
    def left(self) -> int:
        """Items that nobody has scored."""
        return self.items - self.scored

    @property
    def lost(self) -> Decimal:
        """Marks that have been deducted."""
        return self.of - self.kept


def tally_of(sections: Iterable[Section]) -> Tally:
    """The sums over the sections."""
    lines = [line for section in sections for line in section.lines]
    done = [line for line in lines if line.score is not None]
    return Tally(
        scored=len(done),
        items=len(lines),
        kept=sum((line.kept for line in done if line.kept is not None), Decimal(0)),
        of=sum((line.item.full_marks for line in done), Decimal(0)),
        full=sum((line.item.full_marks for line in lines), Decimal(0)),
    )
