"""Writes a list as an Excel workbook, row by row: however long the list, one row of it is in memory.

Nothing becomes a formula or a link: every cell is written by its kind, text as text. What XML cannot hold is taken out.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import IO, Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core import formats

# Excel's own limits: UTF-16 units in a cell, digits it keeps of a number, the first day it counts from without error.
LONGEST_TEXT = 32_767
LARGEST_NUMBER = 10**15
FIRST_DAY = dt.date(1900, 3, 1)
PAPER_A4 = 9
# What XML 1.0 cannot hold; a carriage return would come back as `_x000D_`.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


class Kind(StrEnum):
    """How a column's cells are written."""

    TEXT = "text"
    COUNT = "count"
    DECIMAL = "decimal"
    DAY = "day"
    MOMENT = "moment"


_NUMBERS = {Kind.COUNT: "#,##0", Kind.DECIMAL: "#,##0.00"}
_NUMBER_FORMATS = {Kind.TEXT: "@", Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm", **_NUMBERS}
_WIDTHS = {Kind.TEXT: 16, Kind.COUNT: 11, Kind.DECIMAL: 13, Kind.DAY: 12, Kind.MOMENT: 17}


@dataclass(frozen=True)
class ExportColumn:
    """A column: its head, and how a row's value is found (a dotted attribute, called if it can be, or a function).

    `width` is in characters, a Han one counts two; 0 takes the kind's own. `total` adds the column up in the last row.
    `missing` stands where there is no value: — unless given, for numbers 不清楚.
    """

    label: str | Promise
    value: str | Callable[[Any], object]
    kind: Kind = Kind.TEXT
    width: int = 0
    total: bool = False
    missing: str | Promise = ""

    def read(self, row: Any) -> object:
        """The row's value; None where there is none."""
        if not isinstance(self.value, str):
            return self.value(row)
        found = attrgetter(self.value)(row)
        return found() if callable(found) else found

    @property
    def empty(self) -> str:
        """The word for no value."""
        return str(self.missing) or (formats.unknown() if self.kind in _NUMBERS else formats.DASH)

    @property
    def characters(self) -> int:
        """The width in characters."""
        return self.width or _WIDTHS[self.kind]


@dataclass(frozen=True)
class Sheet:
    """What is written around the rows: the title, the lines under it, the foot of each printed page.

    `group` names what a row is added up with: one row of totals for each name, in place of one for all.
    `sample_column` marks the rows that are sample data (`is_sample`).
    """

    title: str
    lead: Sequence[str]
    columns: Sequence[ExportColumn]
    foot: str
    group: Callable[[Any], str] | None = None
    sample_column: bool = False


@dataclass
class _Sum:
    """Totals of one group: rows, and for each column that adds up its sum and the rows without a value."""

    rows: int = 0
    amounts: dict[int, Decimal] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)


def clean_text(value: object) -> str:
    """Text as a cell can hold it: without characters that XML forbids, and cut, with a mark, where Excel cuts."""
    text = _ILLEGAL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 <= LONGEST_TEXT or _utf16_units(text) <= LONGEST_TEXT:
        return text
    mark = _("…（太长，已截断）")
    room = LONGEST_TEXT - _utf16_units(mark)
    return text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + mark


def write_workbook(target: IO[bytes], sheet: Sheet, rows: Iterable[Any]) -> int:
    """Write the workbook to an open binary file; how many rows there were. Leaves no other file behind."""
    with tempfile.TemporaryDirectory(prefix="portal-xlsx-") as scratch:
        options = {
            "constant_memory": True,
            "tmpdir": scratch,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = Workbook(target, options)
        try:
            written = _Writer(book, sheet).write(rows)
            book.close()
        except BaseException:
            book.fileclosed = True  # or its destructor would try to write what is not whole
            raise
    return written


class PlainSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """Knows no rich text: the library would take a user's `<r>…</r>` for its own markup and write it as it is."""

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, str]] = ()) -> None:
        self._xml_inline_string(string, False, attributes)


class _Writer:
    """One sheet, from top to bottom: the rows that are written cannot be gone back to."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.sheet = sheet
        self.columns = list(sheet.columns)
        if sheet.sample_column:
            mark = ExportColumn(_("示例"), lambda row: _("示例") if row.is_sample else "", width=8)
            self.columns.append(mark)
        self.page: Worksheet = book.add_worksheet(sheet_name(sheet.title), worksheet_class=PlainSheet)
        self.at = 0
        self.samples = 0
        self.sums: dict[str, _Sum] = {}
        self._make_formats(book)

    def _make_formats(self, book: Workbook) -> None:
        common = {"valign": "top", "font_size": 10}
        bold = {**common, "bold": True}
        ruled = {"border": 1, "border_color": "#BFC6CD"}
        head = {**bold, **ruled, "bg_color": "#F0F2F4", "text_wrap": True, "valign": "vcenter"}
        self.title_format = book.add_format({"bold": True, "font_size": 16, "valign": "vcenter"})
        self.line_format = book.add_format({**common, "text_wrap": True, "num_format": "@"})
        self.head_formats = {numeric: book.add_format({**head, **_aligned(numeric)}) for numeric in (False, True)}
        self.cell_formats: dict[Kind, Format] = {}
        self.sum_formats: dict[Kind, Format] = {}
        for kind, pattern in _NUMBER_FORMATS.items():
            look = {**ruled, **_aligned(kind in _NUMBERS), "num_format": pattern, "text_wrap": kind is Kind.TEXT}
            self.cell_formats[kind] = book.add_format({**common, **look})
            self.sum_formats[kind] = book.add_format({**bold, **look, "top": 2})

    def write(self, rows: Iterable[Any]) -> int:
        """Title, lead, heads, rows, totals, notes."""
        self._set_up()
        self._line(self.sheet.title, self.title_format, height=28)
        for text in self.sheet.lead:
            self._line(text, self.line_format)
        heads = self.at
        self._heads()
        for row in rows:
            self._row(row)
        count = self.at - heads - 1
        if count:
            self.page.autofilter(heads, 0, self.at - 1, len(self.columns) - 1)
        self._totals()
        for note in self._notes():
            self._line(note, self.line_format)
        self.page.freeze_panes(heads + 1, 0)
        self.page.repeat_rows(heads)
        return count

    def _set_up(self) -> None:
        self.page.set_landscape()
        self.page.set_paper(PAPER_A4)
        self.page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.page.fit_to_pages(1, 0)
        self.page.set_footer(print_foot(self.sheet.title, self.sheet.foot))
        for place, column in enumerate(self.columns):
            self.page.set_column(place, place, column.characters)

    def _line(self, text: str, look: Format, *, height: int = 0) -> None:
        """A line across the whole table, as high as its text needs."""
        text, width = clean_text(text), sum(column.characters for column in self.columns)
        lines = sum(max(1, math.ceil(_shown_width(part) / width)) for part in text.split("\n"))
        self.page.set_row(self.at, max(height, 15 * lines))
        if len(self.columns) > 1:
            self.page.merge_range(self.at, 0, self.at, len(self.columns) - 1, "", look)
        self.page.write_string(self.at, 0, text, look)
        self.at += 1

    def _heads(self) -> None:
        for place, column in enumerate(self.columns):
            self.page.write_string(self.at, place, clean_text(column.label), self.head_formats[column.kind in _NUMBERS])
        self.at += 1

    def _row(self, row: Any) -> None:
        added = self.sums.setdefault(self.sheet.group(row) if self.sheet.group else "", _Sum())
        added.rows += 1
        self.samples += self.sheet.sample_column and bool(row.is_sample)
        for place, column in enumerate(self.columns):
            value = column.read(row)
            self._cell(place, column, value)
            if column.total and is_plain_number(value):
                added.amounts[place] = added.amounts.get(place, Decimal(0)) + Decimal(str(value))
            elif column.total:
                added.missing[place] = added.missing.get(place, 0) + 1
        self.at += 1

    def _cell(self, place: int, column: ExportColumn, value: object) -> None:
        look = self.cell_formats[column.kind]
        match value:
            case None | "":
                # The mark of sample rows is empty elsewhere; any other missing value says so.
                word = "" if self.sheet.sample_column and place == len(self.columns) - 1 else column.empty
                self.page.write_string(self.at, place, word, look)
            case _ if column.kind in _NUMBERS and is_plain_number(value):
                self.page.write_number(self.at, place, value, look)
            case dt.datetime() if column.kind is Kind.MOMENT and (local := _local(value)).date() >= FIRST_DAY:
                self.page.write_datetime(self.at, place, local, look)
            case dt.date() if column.kind is Kind.DAY and (day := _day(value)) >= FIRST_DAY:
                self.page.write_datetime(self.at, place, day, look)
            case _:
                self.page.write_string(self.at, place, clean_text(value) or column.empty, look)

    def _totals(self) -> None:
        for name, added in sorted(self.sums.items()) or [("", _Sum())]:
            counted = {"group": name, "rows": formats.thousands(added.rows)}
            label = _("合计：%(group)s %(rows)s 条") if name else _("合计 %(rows)s 条")
            self.page.write_string(self.at, 0, clean_text(label % counted), self.sum_formats[Kind.TEXT])
            for place, column in enumerate(self.columns[1:], start=1):
                look = self.sum_formats[column.kind]
                if not column.total:
                    self.page.write_blank(self.at, place, None, look)
                else:
                    self.page.write_number(self.at, place, float(added.amounts.get(place, 0)), look)
            self.at += 1

    def _notes(self) -> list[str]:
        """What a reader of the totals must know."""
        notes = []
        for place, column in enumerate(self.columns):
            missing = sum(added.missing.get(place, 0) for added in self.sums.values())
            if missing:
                told = {"column": column.label, "rows": formats.thousands(missing), "word": column.empty}
                notes.append(_("“%(column)s”有 %(rows)s 条为“%(word)s”，没有计入合计。") % told)
        if self.samples:
            notes.append(_("其中 %(rows)s 条是示例数据，不是真实记录。") % {"rows": formats.thousands(self.samples)})
        return notes


def sheet_name(title: str) -> str:
    """A title as Excel allows it for a sheet: 31 characters, some forbidden."""
    return _NOT_IN_SHEET_NAME.sub(" ", clean_text(title))[:31].strip() or "1"


def print_foot(title: str, provenance: str) -> str:
    """The foot of each printed page: title, page of pages, provenance; Excel takes 255 characters, & begins a code."""
    left, right = (clean_text(text)[:70].replace("&", "&&") for text in (title, provenance))
    page = _("第 %(page)s 页，共 %(pages)s 页") % {"page": "&P", "pages": "&N"}
    return f"&L&8{left}&C&8{page}&R&8{right}"


def is_plain_number(value: object) -> bool:
    """Whether Excel keeps the number as it is; others are written as text. A truth value is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return (isinstance(value, int) or math.isfinite(value)) and -LARGEST_NUMBER < value < LARGEST_NUMBER


def _aligned(numeric: bool) -> dict[str, str]:
    return {"align": "right" if numeric else "left"}


def _local(value: dt.datetime) -> dt.datetime:
    """The city's clock, without a zone: Excel knows none."""
    return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value


def _day(value: dt.date) -> dt.date:
    return _local(value).date() if isinstance(value, dt.datetime) else value


def _utf16_units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _shown_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
