"""What an indicator is: a counting rule in words, and the one queryset that carries it out."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from django.db.models import Case, DecimalField, F, FilteredRelation, Model, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.querysets import in_term
from core.periods import Month, Quarter

# A queryset with annotations, of which static types know nothing.
Rows = Any
NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=14, decimal_places=2)
ONE = Value(1, output_field=NUMBER)
ZERO = Value(0, output_field=NUMBER)
# Cast, since PostgreSQL cannot add up a NULL of unknown type.
NOTHING = Cast(Value(None), NUMBER)


class Sort(StrEnum):
    """How contributions make a figure."""

    SUM = "sum"  # numerators add up; there is no denominator
    RATE = "rate"  # numerators over denominators, in per cent
    MEAN = "mean"  # numerators over denominators


class Indicator(ABC):
    """One indicator. Its facts are `contributions`: in an open quarter nothing is copied."""

    code: str
    label: str | Promise
    # Unit of measure, as it stands behind the number.
    measure: ClassVar[str | Promise] = _("个")
    # The counting rule in words, shown beside the number.
    rule: str | Promise
    # Whether the rule is inferred and waits for the city office's word (推定，待核定).
    presumed: ClassVar[bool] = True
    sort: ClassVar[Sort] = Sort.SUM
    # What `candidates` is made of: the larger set out of which some are counted.
    population_label: ClassVar[str | Promise]
    # The model of the rows.
    subject: ClassVar[type[Model]]
    # Head of the column that `with_evidence` fills.
    evidence_label: ClassVar[str | Promise]
    # Whether each record counts as 1; otherwise with an amount of its own.
    even: ClassVar[bool] = True
    # Head of the column with what a record adds, and of a rate with uneven parts what that is divided by.
    amount_label: ClassVar[str | Promise] = _("计入")
    base_label: ClassVar[str | Promise] = ""
    # Decimal places of what is added up.
    places: ClassVar[int] = 0

    @abstractmethod
    def population(self, quarter: Quarter) -> Rows:
        """The subjects that could be counted, with `fact_unit` and `fact_type` as on the quarter's last day."""

    def condition(self, quarter: Quarter) -> Combinable | Q | None:
        """What makes a subject of the population count; None where all of it counts."""
        return None

    @abstractmethod
    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        """Adds `evidence_on` (date or None) and `evidence` (text or None): since when and on what ground it counts."""

    @property
    def additive(self) -> bool:
        """Whether the figures of parts add up to the figure of the whole."""
        return self.sort is Sort.SUM

    @property
    def is_count(self) -> bool:
        """Whether the figure is a number of records, so that those that are new and gone make its change."""
        return self.even and self.sort is Sort.SUM

    @property
    def lists_whole(self) -> bool:
        """Whether the facts hold the whole population, counted or not, as the divisor of an even rate."""
        return self.even and self.sort is Sort.RATE

    @property
    def has_candidates(self) -> bool:
        """Whether the population is larger than what is counted, so that “未计入” has a meaning."""
        return type(self).condition is not Indicator.condition

    def candidates(self, quarter: Quarter) -> Rows:
        """The whole population with `counted` on each row."""
        condition = self.condition(quarter)
        return self.population(quarter).annotate(counted=Value(True) if condition is None else condition)

    def contributions(self, quarter: Quarter) -> Rows:
        """The facts: subjects with `fact_unit`, `fact_type`, `counted`, `numerator` and `denominator`.

        A sum has the counted subjects alone, numerator 1, denominator NULL. A rate has the whole population,
        numerator 1 or 0, denominator 1.
        """
        rows = self.candidates(quarter)
        if self.sort is Sort.RATE:
            return rows.annotate(
                numerator=Case(When(counted=True, then=ONE), default=ZERO, output_field=NUMBER), denominator=ONE
            )
        if self.has_candidates:
            rows = rows.filter(counted=True)
        return self.counting(rows)

    def counting(self, rows: Rows) -> Rows:
        """Each row adds 1."""
        return rows.annotate(numerator=ONE, denominator=NOTHING)

    def within(self, quarter: Quarter, unit: int) -> list[Rows]:
        """The contributions of one unit (its key), as one or more querysets without a common row.

        More than one where the database would otherwise have to read the whole table to find the unit's part.
        """
        return [self.contributions(quarter).filter(fact_unit=unit)]

    def value(self, numerator: Decimal, denominator: Decimal | None) -> Decimal | None:
        """The figure from its parts, divided last; None where there is nothing to divide by."""
        if self.sort is Sort.SUM:
            return numerator
        if not denominator:
            return None
        return numerator * (100 if self.sort is Sort.RATE else 1) / denominator


class Weighed(Indicator):
    """Records that count with an amount of their own. Of its population only what is counted is among the facts."""

    even = False

    @abstractmethod
    def amount(self, quarter: Quarter) -> Combinable:
        """What a counted record adds to the numerator."""

    def base(self, quarter: Quarter) -> Combinable:
        """What it adds to the denominator; a sum has none."""
        return NOTHING

    def contributions(self, quarter: Quarter) -> Rows:
        """The counted records, with their amounts."""
        rows = self.candidates(quarter)
        if self.has_candidates:
            rows = rows.filter(counted=True)
        return rows.annotate(numerator=Cast(self.amount(quarter), NUMBER), denominator=Cast(self.base(quarter), NUMBER))


def months_of(quarter: Quarter) -> list[Month]:
    """The three months of a quarter."""
    return [Month(quarter.year, quarter.number * 3 - 2 + place) for place in range(3)]


def placed(rows: Rows, day: dt.date, path: str = "") -> Rows:
    """Joins to each row its community's placement on `day`, as `placed` (at most one; NULL where there is none).

    `path` leads from the row to its community, with the closing underscores (`"community__"`), and is empty
    where the row is one.
    """
    relation = f"{path}placements"
    return rows.annotate(placed=FilteredRelation(relation, condition=in_term(day, prefix=f"{relation}__")))


def with_place(rows: Rows, day: dt.date, path: str = "", **filters: Any) -> Rows:
    """Rows whose community had a placement on `day`, with its `fact_unit` and `fact_type`. `filters` narrow it."""
    wanted = {f"placed__{name}": value for name, value in filters.items()}
    return (
        placed(rows, day, path)
        .filter(placed__isnull=False, **wanted)
        .annotate(fact_unit=F("placed__unit_id"), fact_type=F("placed__type"))
    )
