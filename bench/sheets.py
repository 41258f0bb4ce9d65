"""Workbooks of the register of communities, drawn from a seed: clean rows, some new, some changed, some as they are."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from communities.models import (
    AreaKind,
    BuildCategory,
    Community,
    CommunityType,
    Division,
    DivisionLevel,
    Placement,
    Population,
    ReportingUnit,
)
from communities.names import pinyin_of
from exchange import registry
from exchange.registry import CellKind
from exchange.workflow import Outcome

TARGET = "communities"
# Of five rows.
TURNS = (Outcome.NEW, Outcome.CHANGED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED)
SINCE = dt.date(2012, 9, 1)
# Above every number that the sample city gave.
FIRST_NUMBER = 10_000
SQL_TYPES = {CellKind.WHOLE: "integer", CellKind.DECIMAL: "numeric(9, 6)", CellKind.DAY: "date"}
Line = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A workbook for a unit, the same rows as CSV, and what must become of them."""

    unit: ReportingUnit
    rows: int
    content: bytes
    csv: str
    outcomes: dict[str, int]


def prepare(unit: ReportingUnit, rows: int) -> Sheet:
    """Register what the sheet takes for known, and write the sheet."""
    chance = random.Random(f"sheet of {unit.code}")  # noqa: S311  reproducible rows, no secret
    towns = _towns(unit)
    lines = [_line(unit, number, list(towns), chance) for number in range(rows)]
    turns = [TURNS[number % len(TURNS)] for number in range(rows)]
    _register(unit, [line for line, turn in zip(lines, turns, strict=True) if turn != Outcome.NEW], towns)
    for line, turn in zip(lines, turns, strict=True):
        if turn == Outcome.NEW:
            line["code"] = ""
        elif turn == Outcome.CHANGED:
            line |= {"households": line["households"] + 1, "residents": line["residents"] + 3}
    return Sheet(unit, rows, _workbook(lines), _csv(lines), dict(Counter(str(turn) for turn in turns)))


def sql_columns() -> str:
    """The columns of the sheet, for a table that holds its rows."""
    columns = registry.get(TARGET).columns
    return ", ".join(f"{column.code} {SQL_TYPES.get(column.kind, 'text')}" for column in columns)


def _towns(unit: ReportingUnit) -> dict[str, Division]:
    """Townships by name, where a name is one's alone."""
    rows = list(Division.objects.of_unit(unit))
    times = Counter(row.name for row in rows)
    return {row.name: row for row in rows if row.level == DivisionLevel.TOWN and times[row.name] == 1}


def _line(unit: ReportingUnit, number: int, towns: Sequence[str], chance: random.Random) -> Line:
    population = chance.choices((Population.PROGRAMME, Population.EXISTING), (1, 4))[0]
    letter = "P" if population == Population.PROGRAMME else "E"
    households = chance.randint(300, 3000)
    return {
        "code": f"{unit.code}-{letter}-{FIRST_NUMBER + number}",
        "name": f"示例{number}社区",
        "type": chance.choice(CommunityType.values),
        "population": population.value,
        "category": chance.choice(BuildCategory.values),
        "valid_from": SINCE,
        "area_kind": chance.choice(AreaKind.values),
        "households": households,
        "residents": households * 3,
        "division": chance.choice(towns),
        "longitude": Decimal(chance.randint(113_200_000, 114_600_000)).scaleb(-6),
        "latitude": Decimal(chance.randint(30_400_000, 31_800_000)).scaleb(-6),
    }


def _register(unit: ReportingUnit, lines: Sequence[Line], towns: dict[str, Division]) -> None:
    """The communities of these lines, past the pages: they are there before anything is measured."""
    details = ("code", "name", "area_kind", "households", "residents", "longitude", "latitude")
    named = [(line, pinyin_of(line["name"])) for line in lines]
    made = Community.objects.bulk_create(
        Community(
            **{name: line[name] for name in details},
            division=towns[line["division"]],
            pinyin=pinyin,
            initials=initials,
            is_sample=True,
        )
        for line, (pinyin, initials) in named
    )
    placed = ("type", "population", "category", "valid_from")
    Placement.objects.bulk_create(
        Placement(community=community, unit=unit, is_sample=True, **{name: line[name] for name in placed})
        for community, line in zip(made, lines, strict=True)
    )


def _workbook(lines: Sequence[Line]) -> bytes:
    columns = registry.get(TARGET).columns
    labels = {column.code: dict(column.choices()) for column in columns if column.choices}
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [str(column.label) for column in columns])
        for at, line in enumerate(lines, 1):
            page.write_row(at, 0, [labels.get(each.code, {}).get(line[each.code], line[each.code]) for each in columns])
    return file.getvalue()


def _csv(lines: Sequence[Line]) -> str:
    columns, out = registry.get(TARGET).columns, io.StringIO()
    csv.writer(out).writerows([line[column.code] for column in columns] for line in lines)
    return out.getvalue()
