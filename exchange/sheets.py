"""Reads the cells of a workbook or CSV one row at a time, whatever it claims to hold. Runs in the child; no Django."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from exchange import written

Cells = dict[int, Any]
LONGEST_CELL = 4_000
MOST_COLUMNS = 400
_IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^】]*)】")
_SEPARATORS = re.compile(r"[/,、;:]")
_UNITS = {form: unit for unit, forms in written.UNITS.items() for form in (unit, *forms)}
_UNITS[written.TEN_THOUSAND] = written.TEN_THOUSAND
_NOT_STORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass
class Sheet:
    """One sheet: its name, and its rows from the top, each with its number and those cells that hold something."""

    name: str

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """From front to back, again each time."""
        raise NotImplementedError


@dataclass
class CsvSheet(Sheet):
    """The only sheet of a CSV file."""

    text: str

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Rows as the separator cuts them; everything is text."""
        csv.field_size_limit(LONGEST_CELL * 16)
        for number, values in enumerate(csv.reader(io.StringIO(self.text, newline=""), delimiter=self._separator()), 1):
            cells = {place: _clean(value) for place, value in enumerate(values[:MOST_COLUMNS], 1) if value.strip()}
            if cells:
                yield number, cells

    def _separator(self) -> str:
        beginning = "\n".join(self.text.splitlines()[:30])
        return max((",", "\t", ";"), key=beginning.count)


@dataclass
class WorkbookSheet(Sheet):
    """A sheet of a workbook, read without the padding that far cells would cost."""

    sheet: Any
    percents: frozenset[int]

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Rows that hold something; formulas as what Excel computed last."""
        book = self.sheet.parent
        with self.sheet._get_source() as source:
            parser = _Parser(
                source,
                self.sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, found in parser.parse():
                cells = {
                    cell["column"]: value
                    for cell in found
                    if cell["column"] <= MOST_COLUMNS and (value := self._value(cell)) not in (None, "")
                }
                if cells:
                    yield number, cells

    def _value(self, cell: dict[str, Any]) -> Any:
        value, kind = cell["value"], cell["data_type"]
        if kind == "f":
            return {"f": True}
        if kind == "e":
            return {"e": str(value)[:20]}
        if isinstance(value, dt.datetime | dt.date):
            return {"d": value.isoformat() if isinstance(value, dt.datetime) else f"{value}T00:00:00"}
        if isinstance(value, float) and not math.isfinite(value):
            return {"n": str(value)}
        if isinstance(value, int | float) and not isinstance(value, bool) and cell["style_id"] in self.percents:
            return {"p": value}
        return value if value is None or isinstance(value, bool | int | float) else _clean(str(value))


class _Parser(WorkSheetParser):
    """Tells a formula that has no result yet from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = "f"
        return cell


def open_sheets(path: str, kind: str, encoding: str) -> tuple[list[Sheet], str]:
    """The sheets that a person sees and that hold data, and the mark of the portal's own template where it has one."""
    if kind == "csv":
        with open(path, encoding=encoding, newline="") as file:
            return [CsvSheet("", file.read())], ""
    warnings.simplefilter("ignore")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    percents = _percent_styles(book)
    found: list[Sheet] = []
    mark = ""
    for page in book.worksheets:
        sheet = WorkbookSheet(page.title, page, percents)
        if label(page.title) in written.EXPLAINING:
            mark = mark or _mark_of(sheet)
        elif page.sheet_state == "visible":
            found.append(sheet)
    return found, mark


def _mark_of(sheet: Sheet) -> str:
    for number, cells in sheet.rows():
        if number > 40:
            break
        for value in cells.values():
            if isinstance(value, str) and value.startswith(written.TEMPLATE_MARK):
                return value.removeprefix(written.TEMPLATE_MARK).strip()[:200]
    return ""


def _percent_styles(book: Any) -> frozenset[int]:
    found = set()
    for place, style in enumerate(book._cell_styles):
        number = style.numFmtId
        if number < BUILTIN_FORMATS_MAX_SIZE:
            pattern = BUILTIN_FORMATS.get(number, "")
        else:
            own = number - BUILTIN_FORMATS_MAX_SIZE
            pattern = book._number_formats[own] if own < len(book._number_formats) else ""
        if "%" in pattern:
            found.add(place)
    return frozenset(found)


def label(value: Any) -> str:
    """A head as it is compared: half-width, no blanks, no mark of the required, no unit in brackets."""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    text = _IN_BRACKETS.sub("", text)
    return re.sub(r"[\s*:：]+", "", text).lower()


def units_in(text: str) -> list[str]:
    """The units that a head or title names: in brackets, or behind a colon, stroke or comma."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    words = [word for found in _IN_BRACKETS.findall(plain) for part in found for word in _SEPARATORS.split(part)]
    words += _SEPARATORS.split(_IN_BRACKETS.sub("", plain))[1:]
    return [_UNITS[word] for word in words if word in _UNITS]


def _meant(unit: str, counted: str) -> str:
    """What 万 alone means: that many of what a column counts, in its own head; elsewhere 万元."""
    if unit != written.TEN_THOUSAND:
        return unit
    return f"{unit}{counted}" if counted else written.MONEY


def held_in(texts: Sequence[str], own: str) -> str:
    """The unit in which a column holds what the portal keeps in `own`; empty where that is the same, or unsaid.

    `texts` are its head and what stands above it, the nearest first. Only its own head may name a unit of another
    kind.
    """
    scale = next((scale for scale in written.SCALES if own in scale), {own: 0})
    for place, text in enumerate(texts):
        counted = own if own in written.COUNTED and place == 0 else ""
        named = [_meant(unit, counted) for unit in units_in(text)]
        if own in named or (own in written.COUNTED and written.COUNTED.intersection(named)):
            return ""
        found = [unit for unit in named if unit in scale or place == 0]
        if found:
            return found[0]
    return ""


def _clean(value: str) -> str:
    return _NOT_STORABLE.sub("", value)[:LONGEST_CELL]
