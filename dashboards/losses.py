"""Points lost, from the item scores themselves: by unit and section of the quarter's submitted inspections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from core.periods import Quarter
from dashboards.facts import ALL
from dashboards.indicators import REGISTRY
from dashboards.indicators.base import Rows, with_place
from inspections.models import ItemScore, SheetItem

ZERO = Decimal(0)


def _items(quarter: Quarter) -> list[tuple[str, Decimal]]:
    """Section and full marks of every item that the quarter's round is scored by, in order. One query."""
    items = SheetItem.objects.filter(
        sheet__rounds__quarter__year=quarter.year, sheet__rounds__quarter__number=quarter.number
    )
    return list(items.order_by("order").values_list("section", "full_marks"))


def deductions(quarter: Quarter) -> Rows:
    """Item scores that lost points in submitted inspections, with `fact_unit` as on the quarter's last day."""
    rows = ItemScore.objects.filter(
        deduction__gt=0,
        inspection__submitted_at__isnull=False,
        inspection__round__quarter__year=quarter.year,
        inspection__round__quarter__number=quarter.number,
    )
    return with_place(rows, quarter.last_day, "inspection__community__")


@dataclass(frozen=True)
class Loss:
    """Points lost in some inspections; `mean` is None where there is none. `url` lists the deductions."""

    points: Decimal
    inspections: int
    url: str = ""

    @property
    def mean(self) -> Decimal | None:
        """Points lost in an inspection on average, divided last and not rounded."""
        return self.points / self.inspections if self.inspections else None


class Losses:
    """The sums of a quarter by unit (its key, or `all`) and section (its number from 1, or 0 for all of them)."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter = quarter
        items = _items(quarter)
        self.sections: Sequence[str] = list(dict.fromkeys(section for section, _marks in items))
        self.full = sum((marks for _section, marks in items), ZERO)
        numbers = {name: number for number, name in enumerate(self.sections, 1)}
        done = REGISTRY["average_score"].contributions(quarter).order_by().values_list("fact_unit")
        self._inspections: Mapping[int, int] = dict(done.annotate(number=Count("pk")))
        lost = deductions(quarter).order_by().values_list("fact_unit", "item__section")
        self._points: Mapping[tuple[int, int], Decimal] = {
            (unit, numbers[section]): points for unit, section, points in lost.annotate(points=Sum("deduction"))
        }

    def loss(self, unit: int | str = ALL, section: int = 0, url: str = "") -> Loss:
        """What a unit lost in a section."""
        points = [
            points for (at, number), points in self._points.items() if unit in (ALL, at) and section in (0, number)
        ]
        inspections = sum(self._inspections.values()) if unit == ALL else self._inspections.get(int(unit), 0)
        return Loss(sum(points, ZERO), inspections, url)
