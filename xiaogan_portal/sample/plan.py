"""How many of what: the published totals, scaled to the size asked for and shared out in proportion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

# The city's published figures of February 2014 (People's Daily Online, 2014-02-26); 330 follows from 71.5 %.
PROGRAMME, EXISTING = 89, 330
DEFAULT_SIZE = PROGRAMME + EXISTING
TYPES = {"city": 40, "town": 25, "rural": 24}
# Cumulative counts at the end of the four quarters of 2013. The last of each is published, the others are made up.
STARTED = (31, 52, 70, 82)
MAIN_WORKS = (18, 39, 58, 72)
BUILT = (3, 14, 30, 49)
STANDARDISED = (168, 190, 214, 236)
INSPECTED = (62, 71, 80, 85)
ORGANISATIONS = {"party": 1860, "autonomous": 8132, "social": 1336}
PILOTS = 24

# The day that stands for today in the sample city: three days before the report for December is due.
SAMPLE_DAY = dt.date(2014, 1, 3)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out in whole numbers by largest remainder (Hamilton's method); ties go to the earlier one."""
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [int(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def apportion_at_least(least: int, total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out so that everybody has `least` where it suffices, the rest in proportion."""
    least = min(least, total // len(weights))
    return [least + share for share in apportion(total - least * len(weights), weights)]


@dataclass(frozen=True)
class Plan:
    """Every count of a sample city of `size` communities."""

    size: int

    def scaled(self, number: int) -> int:
        """A published number at this size. Numbers that are parts of one another stay in order."""
        return int(Fraction(number * self.size, DEFAULT_SIZE))

    @property
    def programme(self) -> int:
        """Communities of the programme."""
        return sum(self.types.values())

    @property
    def existing(self) -> int:
        """Communities that existed before."""
        return self.size - self.programme

    @property
    def types(self) -> dict[str, int]:
        """Programme communities by type."""
        return {code: max(1, self.scaled(number)) for code, number in TYPES.items()}

    def cumulative(self, counts: Sequence[int], most: int) -> list[int]:
        """A series at this size, never above `most`."""
        return [min(self.scaled(number), most) for number in counts]

    @property
    def pilots(self) -> int:
        """Pilots, each with a team of its own. There are 24 whatever the size, unless the city is smaller."""
        return min(PILOTS, self.programme)


def reached_in(position: int, counts: Sequence[int]) -> int | None:
    """In which quarter (0–3) the community at `position` of the queue got there; None if it has not."""
    return next((quarter for quarter, count in enumerate(counts) if position < count), None)
