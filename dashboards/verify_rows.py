"""Rows as the naive recomputation reads them: plain values, and what held on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from communities.models import Placement
from facilities.models import StageEvent

Row = Mapping[str, Any]
# Indicator, unit's key, type, numerator, denominator.
Entry = tuple[str, int, str, Decimal, Decimal | None]


def rows_of(model: Any, *names: str) -> Iterable[Row]:
    """Every row of a model, with the named values alone."""
    rows: Iterable[Row] = model.objects.order_by("pk").values(*names).iterator()
    return rows


def holds(row: Row, day: dt.date, first: str = "valid_from", end: str = "valid_until") -> bool:
    """Whether the row's term holds on a day; its end is exclusive."""
    return row[first] is not None and row[first] <= day and (row[end] is None or row[end] > day)


def places_on(day: dt.date) -> dict[int, Row]:
    """The placement of each community on a day."""
    names = ("community_id", "unit_id", "type", "population", "valid_from", "valid_until")
    return {row["community_id"]: row for row in rows_of(Placement, *names) if holds(row, day)}


def stages_by(day: dt.date) -> dict[int, int]:
    """The stage of each project on a day: of the last day not after it, the row entered last."""
    latest: dict[int, tuple[dt.date, int, int]] = {}
    for row in rows_of(StageEvent, "id", "project_id", "stage", "occurred_on"):
        if row["occurred_on"] > day:
            continue
        rank = (row["occurred_on"], row["id"], row["stage"])
        if row["project_id"] not in latest or rank > latest[row["project_id"]]:
            latest[row["project_id"]] = rank
    return {project: stage for project, (_day, _pk, stage) in latest.items()}
