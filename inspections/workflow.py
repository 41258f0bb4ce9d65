"""How a round moves, and what a sheet of scores lacks. Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

PLANNED, OPEN, CLOSED = "planned", "open", "closed"

# A closed round is not opened again: its inspections are what the quarter's figures stand on.
ROUND_MOVES: dict[str, frozenset[str]] = {
    PLANNED: frozenset({OPEN}),
    OPEN: frozenset({CLOSED}),
    CLOSED: frozenset(),
}


def may_move(state: str, to: str) -> bool:
    """Whether a round in `state` may go to state `to`."""
    return to in ROUND_MOVES.get(state, frozenset())


class Score(NamedTuple):
    """What one item lost, and why. Full marks are a deduction of 0."""

    deduction: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Fault:
    """Why a score cannot stand: which item, which part of it (`deduction` or `reason`)."""

    item: int
    part: str
    kind: str


def fault_of(item: int, full_marks: Decimal, score: Score) -> Fault | None:
    """The first thing wrong with one score: below 0, above the full marks, or a deduction without a reason."""
    if not Decimal(0) <= score.deduction <= full_marks:
        return Fault(item, "deduction", "range")
    if score.deduction.as_tuple().exponent < -2:  # type: ignore[operator]  # an int for every finite number
        return Fault(item, "deduction", "places")
    if score.deduction > 0 and not score.reason.strip():
        return Fault(item, "reason", "missing")
    return None


def total_of(full_marks: Mapping[int, Decimal], deductions: Mapping[int, Decimal]) -> Decimal:
    """Σ(full − deduction) over the sheet's items; all of them must be scored."""
    return sum((full - deductions[item] for item, full in full_marks.items()), Decimal(0))


def missing(items: Iterable[int], scored: Iterable[int]) -> list[int]:
    """Items that nobody has scored, in the sheet's order. Silence is not full marks."""
    done = set(scored)
    return [item for item in items if item not in done]
