"""Writes the user's own workbook again, with the wrong cells in red and the reasons in a last column.

Runs in the child; no Django. Everything else in the workbook stays as it was.
"""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from exchange import written
from exchange.sheets import CsvSheet, label

RED = PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE")
BETWEEN = Border(bottom=Side("thin", color="FFFFFFFF"))
# Columns are as wide as so many digits; a Chinese sign takes the room of nearly two.
REASON_WIDTH, WIDE, LAST_NARROW = 60, 1.7, 0x2000
# In points; no program opens a higher one.
HIGHEST_ROW = 409
LINE_HEIGHT = 15


def write(request: Mapping[str, Any]) -> None:
    """`problems` are rows of the sheet with, for each, column (0: the row as a whole) and sentence."""
    book = _book_of_csv(request) if request["format"] == "csv" else _book(request["path"])
    sheet = book.active if request["format"] == "csv" else book[request["sheet"]]
    last = _reason_column(sheet, request["head"], request["depth"], {*map(label, request["labels"]), written.REASONS})
    _write_head(sheet, request["head"] + request["depth"] - 1, last, request["label"])
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for row, column, message in request["problems"]:
        reasons[row].append(message)
        for place in [column] if column else []:
            sheet.cell(row, place).fill = RED
    for row, messages in reasons.items():
        _set_text(sheet.cell(row, last), "\n".join(messages))
        _make_room(sheet.row_dimensions[row], messages)
        sheet.cell(row, last).fill = RED
        sheet.cell(row, last).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, last).border = BETWEEN
    sheet.column_dimensions[get_column_letter(last)].width = REASON_WIDTH
    _explain(book, request["unread"], request["unread_begins"])
    book.active = book.index(sheet)
    book.save(request["out"])


def _explain(book: Any, unread: str, begins: Sequence[str]) -> None:
    """On the explaining sheet, where the workbook has one: what was not read. That of the last time is overwritten."""
    words = next((each for each in book.worksheets if label(each.title) in written.EXPLAINING), None)
    if words is None:
        return
    line = next(
        (cell for (cell,) in words.iter_rows(max_col=1) if str(cell.value or "").startswith(tuple(begins))), None
    )
    if line is not None or unread:
        _set_text(line or words.cell(words.max_row + 2, 1), unread)


def _book(path: str) -> Any:
    warnings.simplefilter("ignore")
    return openpyxl.load_workbook(path, keep_links=False)


def _book_of_csv(request: Mapping[str, Any]) -> Any:
    """A new workbook with the same rows, all of them text."""
    book: Any = openpyxl.Workbook()
    with open(request["path"], encoding=request["encoding"], newline="") as file:
        for number, cells in CsvSheet("", file.read()).rows():
            for place, value in cells.items():
                _set_text(book.active.cell(number, place), value)
    return book


def _set_text(cell: Any, value: str) -> None:
    # Not by the library's own guess, which would make a formula of what begins with “=”.
    cell.value = ""
    cell._value, cell.data_type = value, "s"
    cell.number_format = "@"


def _make_room(row: Any, messages: Sequence[str]) -> None:
    """As high as its reasons are: not every program opens a row as high as its wrapped text."""
    widths = (sum(WIDE if ord(sign) > LAST_NARROW else 1 for sign in each) for each in messages)
    lines = sum(math.ceil(width / REASON_WIDTH) for width in widths)
    if lines > 1:
        row.height = min(HIGHEST_ROW, max(row.height or 0, lines * LINE_HEIGHT))


def _reason_column(sheet: Any, head: int, depth: int, names: set[str]) -> int:
    """The column after the last one with content; that of the last time where there is one, emptied."""
    last = 1
    for line in sheet.iter_rows(min_row=head):
        for cell in line:
            if cell.value is None:
                continue
            if cell.row < head + depth and label(cell.value) in names:
                _empty(sheet, cell.column, head + depth)
                return int(cell.column)
            last = max(last, cell.column)
    return last + 1


def _empty(sheet: Any, column: int, first: int) -> None:
    """Takes the reasons of the last time away, and the red of the rows that had one."""
    for row in range(first, sheet.max_row + 1):
        if sheet.cell(row, column).value is not None:
            for place in range(1, column + 1):
                cell = sheet.cell(row, place)
                if cell.fill is not None and cell.fill.start_color.rgb == RED.start_color.rgb:
                    cell.fill = PatternFill()
            sheet.cell(row, column).value = None


def _write_head(sheet: Any, row: int, column: int, text: str) -> None:
    head, neighbour = sheet.cell(row, column), sheet.cell(row, max(1, column - 1))
    _set_text(head, text)
    head.font, head.border = copy(neighbour.font), copy(neighbour.border)
    head.alignment = copy(neighbour.alignment)
    head.font = Font(name=head.font.name, size=head.font.size, bold=True, color="FFB3261E")
    head.fill = RED
