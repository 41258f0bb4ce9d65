"""The workbook to fill in: what is known stands there already, with drop-downs, and a sheet that explains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.xlsx import FIRST_DAY, PAPER_A4, PlainSheet, clean_text, sheet_name
from exchange import written
from exchange.registry import CellKind, Choices, ImportColumn, Target

# Rows below the known ones that are prepared for new ones.
SPARE_ROWS = 300
_WIDTHS = {CellKind.TEXT: 22, CellKind.CODE: 16, CellKind.DAY: 13, CellKind.CHOICE: 16, CellKind.YES_NO: 8}
_PATTERNS = {CellKind.WHOLE: "#,##0", CellKind.DAY: "yyyy-mm-dd"}


def mark_of(target: Target, place: str, scope: str) -> str:
    """By which a template says what it is for: target, version, place, scope."""
    return f"{target.code}/{target.version}/{place}/{scope}"


def write_template(file: IO[bytes], target: Target, *, place: str, place_name: str, scope: str, user: Any) -> int:
    """Write the template to an open binary file; how many known rows it holds."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = Workbook(file, options)
    try:
        # In the language of the registers, whoever takes it: it goes round, and comes back to a worker.
        with translation.override(settings.LANGUAGE_CODE):
            writer = _Writer(book, target)
            count = writer.write_data(target.known(place, scope, user))
            writer.write_explanation(place_name, scope, mark_of(target, place, scope))
        book.close()
    except BaseException:
        book.fileclosed = True  # or its destructor would try to write what is not whole
        raise
    return count


class _Writer:
    """The data sheet first, as it is the one that is opened; then the explaining one and the choices."""

    def __init__(self, book: Workbook, target: Target) -> None:
        self.book, self.target = book, target
        self.columns: Sequence[ImportColumn] = [column for column in target.columns if not column.computed]
        self.choices = target.choices()
        self.data: Worksheet = book.add_worksheet(sheet_name(str(target.label)), worksheet_class=PlainSheet)
        self.words: Worksheet = book.add_worksheet(_("说明"), worksheet_class=PlainSheet)
        ruled = {"border": 1, "border_color": "#BFC6CD", "font_size": 10, "valign": "top"}
        head = {**ruled, "bold": True, "bg_color": "#F0F2F4", "text_wrap": True, "valign": "vcenter"}
        self.head = book.add_format(head)
        self.required_head = book.add_format({**head, "font_color": "#B3261E"})
        self.plain = book.add_format({"font_size": 10, "valign": "top", "text_wrap": True, "num_format": "@"})
        self.title = book.add_format({"font_size": 16, "bold": True})
        self.looks = {
            column.code: book.add_format({**ruled, "num_format": _pattern(column)}) for column in self.columns
        }

    def write_data(self, rows: Any) -> int:
        """Heads, the known rows, and room for new ones; how many are known."""
        for place, column in enumerate(self.columns):
            width = column.width or _WIDTHS.get(column.kind, 12)
            self.data.set_column(place, place, width, self.looks[column.code])
            star = "*" if column.required else ""
            unit = f"（{column.unit}）" if column.unit else ""
            look = self.required_head if column.required else self.head
            self.data.write_string(0, place, clean_text(f"{column.label}{unit}{star}"), look)
        count = 0
        for row in rows:
            count += 1
            self._row(count, row)
        self._drop_downs(count + SPARE_ROWS)
        self.data.freeze_panes(1, 2)
        self.data.set_landscape()
        self.data.set_paper(PAPER_A4)
        self.data.fit_to_pages(1, 0)
        self.data.repeat_rows(0)
        return count

    def _row(self, at: int, row: Mapping[str, Any]) -> None:
        for place, column in enumerate(self.columns):
            value, look = row.get(column.code), self.looks[column.code]
            _write(self.data, at, place, value, column.shown(value, self.choices.get(column.code, ())), look)

    def _drop_downs(self, last: int) -> None:
        """Choices stand on a hidden sheet: written into the rule itself they may not be longer than 255 signs."""
        options: dict[str, Choices] = dict(self.choices)
        options |= {c.code: [("yes", _("是")), ("no", _("否"))] for c in self.columns if c.kind is CellKind.YES_NO}
        if not options:
            return
        lists = self.book.add_worksheet(_("选项"), worksheet_class=PlainSheet)
        lists.hide()
        for at, (code, choices) in enumerate(options.items()):
            for row, (_code, label) in enumerate(choices):
                lists.write_string(row, at, clean_text(label), self.plain)
            place = next(number for number, column in enumerate(self.columns) if column.code == code)
            letter = chr(ord("A") + at)
            source = f"='{lists.get_name()}'!${letter}$1:${letter}${max(1, len(choices))}"
            rule = {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True}
            rule |= {"error_title": _("不在选项里"), "error_message": _("请从下拉框里选。")}
            self.data.data_validation(1, place, last, place, rule)

    def write_explanation(self, place_name: str, scope: str, mark: str) -> None:
        """What the sheet is for, and the rule of each column."""
        self.words.set_column(0, 0, 20)
        self.words.set_column(1, 1, 12)
        self.words.set_column(2, 2, 90)
        self.words.write_string(0, 0, clean_text(_("%s：填表说明") % self.target.label), self.title)
        lines = [
            _("单位：%s") % place_name,
            *([_("期间：%s") % scope] if scope else []),
            _("已登记的都填好了，只改有变化的；新的写在下面空行。红字带 * 的必须填。"),
            _("空着的格子按“没有”导入；删掉整列则这一列不动。合计行、备注行会跳过。"),
            *([str(self.target.rule)] if self.target.rule else []),
            f"{written.TEMPLATE_MARK}{mark}",
        ]
        for at, line in enumerate(lines, 1):
            self.words.write_string(at, 0, clean_text(line), self.plain_line())
        first = len(lines) + 2
        for place, text in enumerate((_("列"), _("必填"), _("怎么填"))):
            self.words.write_string(first, place, text, self.head)
        for at, column in enumerate(self.columns, first + 1):
            self.words.write_string(at, 0, clean_text(column.label), self.plain)
            self.words.write_string(at, 1, _("必填") if column.required else "", self.plain)
            self.words.write_string(at, 2, clean_text(self._help(column)), self.plain)

    def plain_line(self) -> Format:
        """A line that may run over its cell."""
        return self.book.add_format({"font_size": 10})

    def _help(self, column: ImportColumn) -> str:
        said = [str(column.help)] if column.help else []
        if column.unit:
            said.append(_("单位：%s。") % column.unit)
        if column.kind is CellKind.DAY:
            said.append(_("日期，如 2013-05-08。"))
        if choices := self.choices.get(column.code):
            said.append(_("可填：%s。") % "、".join(str(label) for _code, label in choices[:20]))
        return "".join(said)


def _pattern(column: ImportColumn) -> str:
    if column.kind is CellKind.DECIMAL:
        return "#,##0." + "0" * column.places if column.places else "#,##0"
    return _PATTERNS.get(column.kind, "@")


def _write(sheet: Worksheet, row: int, place: int, value: Any, shown: str, look: Format) -> None:
    match value:
        case None | "":
            sheet.write_blank(row, place, None, look)
        case bool():
            sheet.write_string(row, place, shown, look)
        case int() | Decimal():
            sheet.write_number(row, place, value, look)
        case dt.date() if value >= FIRST_DAY:
            sheet.write_datetime(row, place, value, look)
        case _:
            sheet.write_string(row, place, clean_text(shown), look)
