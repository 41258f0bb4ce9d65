"""`manage.py figures QUARTER`: the figures of a quarter, for people, for programs, and proved against the records."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from communities.models import PeriodState, ReportingQuarter, ReportingUnit
from core.periods import Quarter
from dashboards.facts import ALL
from dashboards.figures import TYPES, Cell, figures_of
from dashboards.rollup import pending
from dashboards.verify import compare

# A wrong word on the command line; a difference is 1.
USAGE = 2


class Command(BaseCommand):
    """Prints figures as they are stored."""

    help = "Print the figures of a quarter, or prove them against the records. --json prints one object a line."
    output_transaction = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("quarter", metavar="QUARTER", help="such as 2013Q4")
        parser.add_argument("--unit", help="a unit's code, or all; every unit unless given")
        parser.add_argument("--type", help="city, town, rural, none (in no community) or all; every type unless given")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, empty figures too")
        parser.add_argument(
            "--verify", action="store_true", help="recompute every figure of the quarter from the records"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quarter = _quarter(options["quarter"])
        units = _units(options["unit"])
        types = _types(options["type"])
        if options["verify"]:
            self._verify(quarter)
            return
        cells = figures_of(quarter).grid(units, types)
        if options["json"]:
            for cell in cells:
                self.stdout.write(json.dumps(as_json(cell)))
        else:
            self._table(cells)

    def _verify(self, quarter: Quarter) -> None:
        count, differences = compare(quarter)
        for difference in differences:
            self.stdout.write(str(difference))
        self.stdout.write(f"{count} figures, {len(differences)} differences")
        if differences:
            raise CommandError(
                f"The figures of {quarter} are not what the records say; {pending()} changes are still to be counted.",
                returncode=1,
            )

    def _table(self, cells: Iterable[Cell]) -> None:
        form = "{:<25}{:<6}{:<7}{:>12}{:>12}{:>12}{:>10}"
        self.stdout.write(form.format("indicator", "unit", "type", "numerator", "denominator", "value", "records"))
        for cell in cells:
            if cell.records or (cell.unit, cell.type) == (ALL, ALL):
                value = "-" if cell.value is None else f"{cell.value:.2f}"
                denominator = "" if cell.denominator is None else f"{cell.denominator:.2f}"
                self.stdout.write(
                    form.format(
                        cell.indicator, cell.unit, cell.type, f"{cell.numerator:.2f}", denominator, value, cell.records
                    )
                )


def as_json(cell: Cell) -> dict[str, Any]:
    """A figure as the command prints it: numbers are numbers, a rate without a denominator has the value null."""
    return {
        "indicator": cell.indicator,
        "quarter": str(cell.quarter),
        "unit": cell.unit,
        "type": cell.type,
        "numerator": _number(cell.numerator),
        "denominator": _number(cell.denominator),
        "value": _number(cell.value),
        "records": cell.records,
    }


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _quarter(text: str) -> Quarter:
    try:
        quarter = Quarter.parse(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a quarter; write it like 2013Q4.", returncode=USAGE) from None
    row = ReportingQuarter.objects.filter(year=quarter.year, number=quarter.number).first()
    if row is None:
        raise CommandError(f"There is no reporting quarter {quarter}.", returncode=USAGE)
    if row.state == PeriodState.PLANNED:
        raise CommandError(f"{quarter} has not been opened yet, so nothing is computed for it.", returncode=USAGE)
    return quarter


def _units(text: str | None) -> list[str]:
    codes = [ALL, *ReportingUnit.objects.order_by("order").values_list("code", flat=True)]
    if text is None:
        return codes
    if text not in codes:
        raise CommandError(f"There is no unit {text!r}; the units are {', '.join(codes)}.", returncode=USAGE)
    return [text]


def _types(text: str | None) -> list[str]:
    if text is None:
        return list(TYPES)
    if text not in TYPES:
        raise CommandError(f"There is no type {text!r}; the types are {', '.join(TYPES)}.", returncode=USAGE)
    return [text]
