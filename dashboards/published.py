"""Published figures beside computed ones."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.figures import Cell, FigureTable
from dashboards.indicators import REGISTRY
from dashboards.models import PublishedFigure


@dataclass(frozen=True)
class Comparison:
    """A published figure, the computed one of the same quarter and type, and whether they agree as published."""

    published: PublishedFigure
    cell: Cell
    agrees: bool


def compare(table: FigureTable) -> list[Comparison]:
    """What was published of a quarter beside what is computed, in the order of the indicators. One query."""
    order = {code: place for place, code in enumerate(REGISTRY)}
    rows = PublishedFigure.objects.filter(year=table.quarter.year, number=table.quarter.number, indicator__in=REGISTRY)
    found = []
    for row in sorted(rows, key=lambda row: (order[row.indicator], row.pk)):
        cell = table.cell(row.indicator, type=row.type)
        found.append(Comparison(row, cell, row.agrees_with(cell.value)))
    return found
