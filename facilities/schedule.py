"""Plan against actual of one project, as geometry for the page: pure, no database, no HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.periods import Quarter
from facilities.workflow import Stage

# Stages that get a mark on the bar, with the short word that fits above it.
MARKED = {
    Stage.MAIN_WORKS: gettext_lazy("主体"),
    Stage.TOPPED_OUT: gettext_lazy("封顶"),
    Stage.BASICALLY_BUILT: gettext_lazy("建成"),
    Stage.IN_USE: gettext_lazy("投用"),
}

# How much of the axis, in percent, a word above the bar takes on a phone.
WORD = 9.0


@dataclass(frozen=True)
class Span:
    """A bar: where it begins and how long it is, in percent of the axis."""

    x: str
    width: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Mark:
    """A line across the axis with its word."""

    x: str
    label: str
    day: dt.date
    anchor: str = "middle"


@dataclass(frozen=True)
class Schedule:
    """What the picture shows. `planned` and `actual` are None where no dates are known."""

    planned: Span | None
    actual: Span | None
    marks: list[Mark]
    quarters: list[Mark]
    now: Mark


Reached = Sequence[tuple[int, dt.date]]


def first_reached(reached: Reached, stage: Stage) -> dt.date | None:
    """The day from which the project stood at `stage` or later without falling back; None if not there now."""
    since = None
    for at, day in reached:
        if at < stage:
            since = None
        elif since is None:
            since = day
    return since


def axis_of(days: Iterable[dt.date | None], now: dt.date) -> Axis | None:
    """Whole quarters that hold all the days and `now`; None where nothing is dated at all."""
    dated = [day for day in days if day is not None]
    if not dated:
        return None
    return Axis(Quarter.of(min(now, *dated)).first_day, Quarter.of(max(now, *dated)).last_day)


def schedule_of(
    start: dt.date | None, finish: dt.date | None, reached: Reached, now: dt.date, *, axis: Axis | None = None
) -> Schedule | None:
    """The picture on an axis of whole quarters; None where nothing is dated at all.

    Pictures that are read side by side share an `axis`; one that stands alone has its own.
    """
    own = axis_of([start, finish, *(day for _stage, day in reached)], now)
    if own is None:
        return None
    axis = axis or own
    begun, built = first_reached(reached, Stage.STARTED), first_reached(reached, Stage.BASICALLY_BUILT)
    actual = axis.span(begun, built or max(now, begun)) if begun else None
    planned = axis.span(start or finish, finish or start) if start or finish else None
    marks = _spread([axis.mark(day, word) for day, word in _dated(reached).items()])
    return Schedule(planned, actual, marks, axis.quarters(), axis.mark(now, _("至 %s") % now))


def _dated(reached: Reached) -> dict[dt.date, str]:
    """The words of marked stages by their days; of those that share one, as a skipped one does, the furthest."""
    days = {stage: first_reached(reached, stage) for stage in MARKED}
    return {day: str(MARKED[stage]) for stage, day in days.items() if day is not None}


def _spread(marks: list[Mark]) -> list[Mark]:
    """Marks whose word would run into the next one's keep their line and lose the word; the later stage tells more."""
    shown, free = list[Mark](), 100.0 + WORD
    for mark in sorted(marks, key=lambda each: float(each.x[:-1]), reverse=True):
        where = float(mark.x[:-1])
        crowded = where > free - WORD
        shown.append(Mark(mark.x, "" if crowded else mark.label, mark.day, mark.anchor))
        free = free if crowded else where
    return shown[::-1]


class Axis:
    """Days as percent between two days."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self.days = (last - first).days + 1

    def at(self, day: dt.date) -> float:
        return max(0.0, min(100.0, (day - self.first).days / self.days * 100))

    def mark(self, day: dt.date, label: str) -> Mark:
        where = self.at(day)
        anchor = "start" if where < 4 else "end" if where > 90 else "middle"
        return Mark(f"{where:.2f}%", label, day, anchor)

    def span(self, first: dt.date | None, last: dt.date | None) -> Span | None:
        if first is None or last is None:
            return None
        start = self.at(first)
        return Span(f"{start:.2f}%", f"{max(0.6, self.at(last) - start):.2f}%", first, last)

    def quarters(self) -> list[Mark]:
        """Lines at the beginning of quarters, of years where there are many; words only as far as they fit a phone."""
        marks, quarter = list[Mark](), Quarter.of(self.first)
        by_year, by_half = self.days > 366 * 2, self.days > 31 * 15
        while quarter.first_day <= self.last:
            if not by_year or quarter.number == 1:
                named = not marks or quarter.number == 1
                label = str(quarter.year) if by_year else str(quarter) if named else f"Q{quarter.number}"
                label = label if not by_half or by_year or quarter.number % 2 else ""
                marks.append(Mark(f"{self.at(quarter.first_day):.2f}%", label, quarter.first_day, "start"))
            quarter = quarter.next()
        return marks
