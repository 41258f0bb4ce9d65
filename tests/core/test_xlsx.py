"""The workbook itself: what Excel and its readers find in it, whatever the rows hold."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.xlsx import LONGEST_TEXT, ExportColumn, Kind, Sheet, clean_text, print_foot, sheet_name, write_workbook


@dataclass(frozen=True)
class Thing:
    """A row."""

    name: Any = "甲"
    amount: Any = None
    area: Any = None
    on: Any = None
    at: Any = None
    is_sample: bool = False
    side: str = ""


COLUMNS = (
    ExportColumn("名称", "name", width=20),
    ExportColumn("数量", "amount", Kind.COUNT, total=True),
    ExportColumn("面积", "area", Kind.DECIMAL),
    ExportColumn("日期", "on", Kind.DAY),
    ExportColumn("时间", "at", Kind.MOMENT),
)
SHEET = Sheet("清单", ["范围：全市", "筛选：没有筛选"], COLUMNS, "2014-01-05 09:42 王某 导出")
HEADS = 4  # title, two lines, heads


def written(sheet: Sheet, rows: Any) -> Any:
    """The sheet as openpyxl reads it back."""
    file = io.BytesIO()
    write_workbook(file, sheet, rows)
    file.seek(0)
    return openpyxl.load_workbook(file).active


def cells(page: Any, row: int) -> list[Any]:
    return [cell.value for cell in page[row]]


def test_the_sheet_stands_in_order_title_lead_heads_rows_total() -> None:
    page = written(SHEET, [Thing("甲", 1200), Thing("乙", 30)])
    assert [page.cell(row, 1).value for row in (1, 2, 3)] == ["清单", "范围：全市", "筛选：没有筛选"]
    assert cells(page, 4) == ["名称", "数量", "面积", "日期", "时间"]
    assert cells(page, 5)[:2] == ["甲", 1200]
    assert cells(page, 7)[:2] == ["合计 2 条", 1230]
    assert page.freeze_panes == "A5"
    assert page.auto_filter.ref == "A4:E6"


def test_it_prints_on_a4_across_with_heads_on_every_page_and_a_foot() -> None:
    page = written(SHEET, [Thing()])
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert (page.sheet_properties.pageSetUpPr.fitToPage, int(page.page_setup.fitToHeight)) == (True, 0)
    assert page.print_title_rows == "$4:$4"
    assert "第 &P 页，共 &N 页" in page.oddFooter.center.text
    assert "王某" in page.oddFooter.right.text


def test_numbers_days_and_times_keep_their_kind() -> None:
    moment = dt.datetime(2013, 12, 31, 16, 30, tzinfo=dt.UTC)
    page = written(SHEET, [Thing("甲", 7, Decimal("1860.50"), dt.date(2013, 12, 20), moment)])
    row = page[HEADS + 1]
    assert row[1].value == 7
    assert row[2].value == 1860.5
    assert str(row[3].value) == "2013-12-20 00:00:00"
    # The city's clock: half past midnight of the next year.
    assert str(row[4].value) == "2014-01-01 00:30:00"
    assert [cell.number_format for cell in row] == ["@", "#,##0", "#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]


def test_what_is_not_known_is_said_and_not_counted_as_nothing() -> None:
    page = written(SHEET, [Thing("甲", 5), Thing("乙", None)])
    assert cells(page, HEADS + 2) == ["乙", "不清楚", "不清楚", "—", "—"]
    assert cells(page, HEADS + 3)[1] == 5
    assert page.cell(HEADS + 4, 1).value == "“数量”有 1 条为“不清楚”，没有计入合计。"


def test_groups_are_added_up_apart() -> None:
    sheet = replace(SHEET, group=lambda row: row.side)
    page = written(sheet, [Thing("甲", 5, side="新"), Thing("乙", 7, side="旧"), Thing("丙", 1, side="新")])
    totals = [cells(page, row)[:2] for row in (HEADS + 4, HEADS + 5)]
    assert sorted(totals) == [["合计：新 2 条", 6], ["合计：旧 1 条", 7]]


def test_sample_rows_are_marked_and_counted() -> None:
    page = written(replace(SHEET, sample_column=True), [Thing("甲", 1, is_sample=True), Thing("乙", 1)])
    assert [page.cell(row, 6).value for row in (HEADS, HEADS + 1)] == ["示例", "示例"]
    assert not page.cell(HEADS + 2, 6).value
    assert page.cell(HEADS + 4, 1).value == "其中 1 条是示例数据，不是真实记录。"


def test_an_empty_list_has_heads_and_a_total_of_nothing() -> None:
    page = written(SHEET, [])
    assert cells(page, HEADS + 1)[:2] == ["合计 0 条", 0]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+86 712", "-3", "@SUM(A1)", "\t=1+1", "{=A1}", "http://x.example/", "mailto:a@b", "00123", "1e5", "TRUE"],
)
def test_text_stays_text(text: str) -> None:
    cell = written(SHEET, [Thing(text)]).cell(HEADS + 1, 1)
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
@example("\x08")
def test_any_text_comes_back(text: str) -> None:
    cell = written(SHEET, [Thing(text)]).cell(HEADS + 1, 1)
    assert cell.data_type == "s"
    assert cell.value == (clean_text(text) or "—")


@given(st.text(max_size=60))
def test_cleaning_takes_out_only_what_xml_cannot_hold(text: str) -> None:
    kept = [c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\t\n" or c >= " "]
    kept = [c for c in kept if not ("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff")]
    assert clean_text(text) == "".join(kept)


@pytest.mark.parametrize("text", ['<b>甲 & "乙"</b>', "\U00020bb7\U0002b740", "<r>甲 & 乙</r>", " 甲 ", "甲\n乙"])
def test_markup_and_rare_characters_are_untouched(text: str) -> None:
    assert written(SHEET, [Thing(text)]).cell(HEADS + 1, 1).value == text


@pytest.mark.parametrize("character", ["甲", "\U00020bb7"])
def test_a_text_that_is_too_long_is_cut_with_a_mark(character: str) -> None:
    value = written(SHEET, [Thing(character * (LONGEST_TEXT + 1))]).cell(HEADS + 1, 1).value
    assert len(value.encode("utf-16-le")) // 2 in (LONGEST_TEXT - 1, LONGEST_TEXT)
    assert value.endswith("已截断）")


@pytest.mark.parametrize("number", [10**15, -(10**20), float("nan"), float("inf"), Decimal("NaN"), True])
def test_numbers_that_excel_cannot_keep_are_written_as_text(number: Any) -> None:
    cell = written(SHEET, [Thing("甲", number)]).cell(HEADS + 1, 2)
    assert (cell.data_type, cell.value) == ("s", str(number))


def test_days_before_excels_first_are_written_as_text() -> None:
    assert written(SHEET, [Thing(on=dt.date(1899, 1, 1))]).cell(HEADS + 1, 4).value == "1899-01-01"


def test_no_cell_is_a_formula() -> None:
    page = written(replace(SHEET, title="=A1", lead=["=B1"]), [Thing("=1", 1), Thing("=2", 2)])
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_names_of_sheets_and_feet_of_pages_obey_excel() -> None:
    assert sheet_name("甲/乙[丙]:'丁'*?\\" + "长" * 40) == ("甲 乙 丙   丁" + " " * 4 + "长" * 40)[:31]
    assert sheet_name("??") == "1"
    assert len(print_foot("甲&乙" * 90, "&P" * 90)) <= 255
    assert "甲&&乙" in print_foot("甲&乙", "")


def test_rows_are_read_one_by_one_and_never_held() -> None:
    """12,000 rows may take no more memory than 600 do, but for what a worksheet notes: about 30 bytes a row."""

    def peak(count: int) -> int:
        rows: Iterator[Thing] = (Thing(f"第 {number} 行" * 10, number) for number in range(count))
        with tempfile.TemporaryFile() as file:
            tracemalloc.start()
            try:
                assert write_workbook(file, SHEET, rows) == count
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    peak(10)
    assert peak(12_000) < peak(600) + 400_000


def test_a_failure_half_way_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Iterator[Thing]:
        yield Thing()
        raise LookupError("half way")

    with pytest.raises(LookupError):
        write_workbook(io.BytesIO(), SHEET, rows())
    assert list(tmp_path.iterdir()) == []
