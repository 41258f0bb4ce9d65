"""Finds where a sheet's table begins and which of its columns are meant. Runs in the child; no Django."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from exchange import written
from exchange.sheets import Cells, Sheet, held_in, label

# Titles, dates and units stand above a head, but not more than so many rows of them.
SEARCHED = 20
SHOWN_COLUMNS, SHOWN_ROWS, SHOWN_CHARACTERS = 60, 12, 40


@dataclass
class Layout:
    """Where the table is: sheet, first row of the head, its rows (1 or 2), the columns by code, how that is known.

    `units` says, by code, which columns hold their values in another unit than the portal.
    """

    sheet: str = ""
    head: int = 0
    depth: int = 1
    labels: dict[int, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    signature: str = ""
    found: bool = False
    by: str = ""
    mark: str = ""
    sample: list[tuple[int, dict[int, str]]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values; keys become text."""
        return asdict(self)


def find(sheets: Sequence[Sheet], request: Mapping[str, Any]) -> tuple[Layout, Sheet | None]:
    """The best head of all sheets. `found` is false where a person must say which column is which.

    `request` holds `columns` (code, labels, required, unit), `known_by` (ways to know a row: codes of columns), `maps`
    (remembered: signature to columns) and, where a person has chosen, `chosen` (sheet, head, depth, columns).
    """
    if chosen := request.get("chosen"):
        return _as_chosen(sheets, chosen, request)
    best, where, worth = Layout(), None, (-1, -1)
    for sheet in sheets:
        top = list(islice(sheet.rows(), SEARCHED))
        for place in range(len(top)):
            for depth in (1, 2):
                layout = _judge(sheet, top, place, depth, request)
                if layout is None:
                    continue
                # A remembered sheet, then the most columns, then the head that stands in one row.
                value = (1000 if layout.by == "memory" else len(layout.columns), -depth)
                if value > worth:
                    best, where, worth = layout, sheet, value
    if best.found or where is None:
        return best, where
    return (best if best.columns else _guess(sheets)), where


def _judge(sheet: Sheet, top: list[tuple[int, Cells]], place: int, depth: int, request: Any) -> Layout | None:
    if depth == 2 and (place + 1 >= len(top) or top[place + 1][0] != top[place][0] + 1):
        return None
    labels = _labels(top, place, depth)
    signature = _signature(labels)
    layout = Layout(sheet.name, top[place][0], depth, labels, signature=signature, sample=_sample(top))
    for known in request.get("maps", ()):
        if known["signature"] == signature:
            layout.columns, layout.found, layout.by = dict(known["columns"]), True, "memory"
            return _with_units(layout, top, place, request)
    layout.columns = _matched(labels, request["columns"])
    required = [column["code"] for column in request["columns"] if column["required"]]
    enough = len(layout.columns) * 2 >= min(len(labels), len(request["columns"])) and len(layout.columns) > 1
    ways = request.get("known_by") or [[]]
    layout.found = enough and any(all(code in layout.columns for code in (*required, *way)) for way in ways)
    layout.by = "labels"
    return _with_units(layout, top, place, request)


def _labels(top: list[tuple[int, Cells]], place: int, depth: int) -> dict[int, str]:
    """The heads by column. Of two rows the lower one speaks; where it is silent, the upper one (a merged cell)."""
    upper = {column: _text(value) for column, value in top[place][1].items()}
    if depth == 1:
        return {column: text for column, text in upper.items() if text}
    lower = {column: _text(value) for column, value in top[place + 1][1].items()}
    return {
        column: lower.get(column) or upper[column]
        for column in sorted({*upper, *lower})
        if lower.get(column) or upper.get(column)
    }


def _matched(labels: Mapping[int, str], columns: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Columns of the target by the first head that means it; a head means one column at most."""
    places: dict[str, int] = {}
    for column, text in labels.items():
        places.setdefault(label(text), column)
    found: dict[str, int] = {}
    for wanted in columns:
        for name in wanted["labels"]:
            place = places.get(label(name))
            if place is not None and place not in found.values():
                found[wanted["code"]] = place
                break
    return found


def _with_units(layout: Layout, top: list[tuple[int, Cells]], place: int, request: Any) -> Layout:
    """The layout, with the unit of each column whose head, or what stands above it, names another than the portal's."""
    rows = [cells for _number, cells in reversed(top[: place + layout.depth - 1])]
    for wanted in request["columns"]:
        column, own = layout.columns.get(wanted["code"]), wanted.get("unit", "")
        if column is None or not own:
            continue
        texts = [layout.labels.get(column, ""), *(text for cells in rows for text in _above(cells, column))]
        if unit := held_in(texts, own):
            layout.units[wanted["code"]] = unit
    return layout


def _above(cells: Cells, column: int) -> list[str]:
    """What a row above the head says of a column: the cell over it, a merged one from the left, a line “单位：元”."""
    texts = {place: _text(value) for place, value in sorted(cells.items())}
    over = [text for place, text in texts.items() if place <= column][-1:]
    return over + [text for text in texts.values() if written.UNIT_WORD in text]


def _guess(sheets: Sequence[Sheet]) -> Layout:
    """For a person to choose from: the row with the most words among the first rows of the first sheet with any."""
    for sheet in sheets:
        top = list(islice(sheet.rows(), SEARCHED))
        if top:
            place = max(range(len(top)), key=lambda each: sum(isinstance(v, str) for v in top[each][1].values()))
            labels = _labels(top, place, 1)
            return Layout(sheet.name, top[place][0], 1, labels, signature=_signature(labels), sample=_sample(top))
    return Layout()


def _as_chosen(sheets: Sequence[Sheet], chosen: Mapping[str, Any], request: Any) -> tuple[Layout, Sheet | None]:
    sheet = next((each for each in sheets if each.name == chosen["sheet"]), None)
    if sheet is None:
        return Layout(), None
    top = list(islice(sheet.rows(), SEARCHED))
    place = next((place for place, (number, _cells) in enumerate(top) if number == chosen["head"]), None)
    if place is None:
        return Layout(), None
    depth = chosen["depth"] if place + chosen["depth"] <= len(top) else 1
    labels = _labels(top, place, depth)
    # One without a head, too: by its place it is known again as long as the heads beside it are the same.
    columns = dict(chosen["columns"])
    layout = Layout(sheet.name, chosen["head"], depth, labels, columns, signature=_signature(labels))
    layout.found, layout.by, layout.sample = bool(columns), "person", _sample(top)
    return _with_units(layout, top, place, request), sheet


class Unread:
    """The columns beside those that are read: what stands there is not lost without a word."""

    def __init__(self, layout: Layout, passed_by: Sequence[str]) -> None:
        """`passed_by` are heads that the portal itself put there."""
        own = {label(text) for text in passed_by}
        self._heads = layout.labels
        self._known = {*layout.columns.values(), *(at for at, text in layout.labels.items() if label(text) in own)}
        self._filled: Counter[int] = Counter()

    def see(self, cells: Cells) -> None:
        """A row that tells of a record."""
        self._filled.update(place for place, value in cells.items() if place not in self._known and filled(value))

    def told(self) -> list[dict[str, Any]]:
        """From left to right: place, head (empty where there is none), in how many rows something stands."""
        places = sorted({*self._filled, *self._heads} - self._known)
        return [
            {"place": place, "head": self._heads.get(place, "")[:SHOWN_CHARACTERS], "filled": self._filled[place]}
            for place in places[:SHOWN_COLUMNS]
        ]


def filled(value: Any) -> bool:
    """Whether something stands in a cell."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def is_remark(cells: Cells, key_column: int | None, *, alone: bool) -> bool:
    """Whether a row sums up or speaks instead of telling of a record.

    `alone`: of the known columns it fills one, and stands below a sum. Records go on below a subtotal, so nothing
    else is passed by there: what is a remark all the same is rejected, in words, not lost.
    """
    if key_column is not None and _text(cells.get(key_column, "")):
        return _text(cells[key_column]).startswith((*written.TOTALS, *written.REMARKS))
    words = [_text(value) for _place, value in sorted(cells.items())]
    return alone or any(word.startswith((*written.TOTALS, *written.REMARKS)) for word in words[:2])


def is_total(cells: Cells) -> bool:
    """Whether a row sums up."""
    return any(_text(value).startswith(written.TOTALS) for _place, value in sorted(cells.items())[:2])


def _signature(labels: Mapping[int, str]) -> str:
    """The same for every sheet with the same heads in the same columns."""
    told = "\n".join(f"{column}:{label(text)}" for column, text in sorted(labels.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def _sample(top: list[tuple[int, Cells]]) -> list[tuple[int, dict[int, str]]]:
    return [
        (number, {place: _text(value)[:SHOWN_CHARACTERS] for place, value in cells.items() if place <= SHOWN_COLUMNS})
        for number, cells in top[:SHOWN_ROWS]
    ]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("d", ""))[:10] or str(value.get("e") or value.get("n") or value.get("p") or "")
    return " ".join(str(value).split())
