"""Quarters and months. One function turns an instant into a quarter, for every page, job and file alike."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import total_ordering

from django.utils import timezone

from core import formats


def day_of(moment: dt.date | dt.datetime) -> dt.date:
    """The calendar day in Asia/Shanghai. A naive datetime is refused with ValueError: it has no day."""
    if isinstance(moment, dt.datetime):
        return timezone.localtime(moment).date()
    return moment


def today() -> dt.date:
    """Today in Asia/Shanghai."""
    return timezone.localdate()


@total_ordering
@dataclass(frozen=True)
class Month:
    """A calendar month, written `2013-12`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9998 and 1 <= self.number <= 12):
            raise ValueError(f"no such month: {self.year}-{self.number}")

    @classmethod
    def of(cls, moment: dt.date | dt.datetime) -> Month:
        """The month of a day, or of an instant as seen in Shanghai."""
        day = day_of(moment)
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """From `2013-12`; ValueError for anything else."""
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if not match:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def first_day(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day."""
        return self.next().first_day - dt.timedelta(days=1)

    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def quarter(self) -> Quarter:
        """The quarter that holds the month."""
        return Quarter(self.year, (self.number + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def __lt__(self, other: Month) -> bool:
        return (self.year, self.number) < (other.year, other.number)


@total_ordering
@dataclass(frozen=True)
class Quarter:
    """A quarter of the year, written `2013Q4`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9998 and 1 <= self.number <= 4):
            raise ValueError(f"no such quarter: {self.year}Q{self.number}")

    @classmethod
    def of(cls, moment: dt.date | dt.datetime) -> Quarter:
        """The quarter of a day, or of an instant as seen in Shanghai: 00:30 on 1 October there is Q4."""
        return Month.of(moment).quarter

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """From `2013Q4`; ValueError for anything else."""
        match = re.fullmatch(r"([0-9]{4})Q([1-4])", text)
        if not match:
            raise ValueError(f"not a quarter: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def first_day(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day: the one on which a stock is counted."""
        return self.next().first_day - dt.timedelta(days=1)

    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def previous(self) -> Quarter:
        """The quarter before."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    @property
    def title(self) -> str:
        """As titles write it: 2013 年第四季度."""
        return formats.quarter_title(self)

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"

    def __lt__(self, other: Quarter) -> bool:
        return (self.year, self.number) < (other.year, other.number)
