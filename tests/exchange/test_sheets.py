"""Sheets as people make them: heads anywhere, CSV in two encodings, their own columns, the portal's own exports."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from communities.models import Community
from core.errors import RuleViolation
from exchange import actions
from exchange.models import ColumnMap
from exchange.registry import get
from tests.exchange.conftest import HEADS, apply, problems_of, saved, table, upload, workbook, worked

pytestmark = pytest.mark.django_db

OWN: list[list[Any]] = [
    ["某某县台账"],
    ["序", "小区全称", "住了多少家", "备考"],
    [1, "金桥社区", 420, ""],
    [2, "文昌社区", 500, ""],
    [3, None, None, ""],
]


def households() -> dict[str, int | None]:
    return dict(Community.objects.values_list("name", "households"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding(encoding: str, clerk: Any, place: Any) -> None:
    place("XC-P-001", "𠮷祥社区")
    text = '编号,名称,户数\nXC-P-001,𠮷祥社区,"1,200"\n'
    batch = apply(upload(clerk, text.encode(encoding), name="表.csv"), clerk)
    assert (batch.state, households()) == ("applied", {"𠮷祥社区": 1200})


def test_a_csv_comes_back_as_a_workbook_without_formulas(clerk: Any, as_user: Any) -> None:
    text = "名称,户数\n=1+1,多\n"
    batch = upload(clerk, text.encode("gb18030"), name="表.csv")
    answer = as_user(clerk).get(reverse("exchange:red", args=[batch.pk]))
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert (sheet["A2"].value, sheet["A2"].data_type, "不是数字" in sheet["C2"].value) == ("=1+1", "s", True)
    assert sheet["B2"].fill.start_color.rgb == "FFFFC7CE"


def test_own_columns_are_chosen_once_and_remembered(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    place("XC-P-002", "文昌社区")
    batch = upload(clerk, workbook(OWN))
    assert batch.state == "mapping"
    page = as_user(clerk).get(reverse("exchange:columns", args=[batch.pk]))
    assert "小区全称（金桥社区、文昌社区）" in page.content.decode()
    answer = as_user(clerk).post(reverse("exchange:columns", args=[batch.pk]), {"name": "2", "households": "3"})
    assert answer.status_code == 302
    batch = worked(batch)
    assert (batch.state, batch.changed, batch.rows_in) == ("ready", 2, 2)
    assert ColumnMap.objects.get().columns == {"name": 2, "households": 3}
    again = upload(clerk, workbook([*OWN[:2], [1, "金桥社区", 430, ""]]))
    assert (again.state, again.layout["by"], again.changed) == ("ready", "memory", 1)


def test_a_required_column_must_be_chosen_and_none_twice(clerk: Any, as_user: Any) -> None:
    batch = upload(clerk, workbook(OWN))
    with pytest.raises(RuleViolation, match="请选“名称”在哪一列"):
        actions.say_columns(batch, actor=clerk, columns={"households": 3}, head=2)
    with pytest.raises(RuleViolation, match="选了同一列"):
        actions.say_columns(batch, actor=clerk, columns={"name": 2, "households": 2}, head=2)


def test_another_row_can_be_the_head(clerk: Any, as_user: Any) -> None:
    batch = upload(clerk, workbook([["甲", "乙", "丙", "丁"], *OWN[1:]]))
    address = reverse("exchange:columns", args=[batch.pk])
    page = as_user(clerk).get(address, {"head": 2}).content.decode()
    assert "小区全称" in page
    as_user(clerk).post(f"{address}?head=2", {"name": "2"})
    assert worked(batch).state == "ready"


def test_columns_that_the_sheet_lacks_change_nothing(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400, residents=1300)
    apply(upload(clerk, workbook([["编号", "名称", "户数"], ["XC-P-001", "金桥社区", 410]])), clerk)
    assert Community.objects.values_list("households", "residents").get() == (410, 1300)


def test_an_empty_cell_says_that_nothing_is_known(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    batch = upload(clerk, workbook([["编号", "名称", "户数"], ["XC-P-001", "金桥社区", None]]))
    assert batch.rows.get().changes == [{"column": "households", "before": "400", "after": ""}]
    apply(batch, clerk)
    assert households() == {"金桥社区": None}


def test_a_double_key_is_refused_the_second_time(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区")
    line = ["XC-P-001", "金桥社区", 1]
    batch = upload(clerk, workbook([["编号", "名称", "户数"], line, line]))
    assert (batch.changed, batch.rejected) == (1, 1)
    assert "与第 2 行重复" in problems_of(batch)[3]["code"]


def test_records_go_on_below_a_subtotal_and_notes_are_passed_by(clerk: Any) -> None:
    head = ["名称", "类型", "口径", "起始日期", "户数"]
    blocks = [[f"{name}{number}社区", "城市", "规划新社区", "2013-05-08", 100] for name in "甲乙" for number in (1, 2)]
    subtotal, total = ["小计", None, None, None, 200], ["合计", None, None, None, 400]
    notes: list[list[Any]] = [["以上为年底数"], [None, "联系人：张三"]]
    batch = upload(clerk, workbook([head, *blocks[:2], subtotal, *blocks[2:], subtotal, total, *notes]))
    assert (batch.new, batch.rejected, batch.layout["skipped"]) == (4, 0, [4, 7, 8, 9, 10])


def test_hidden_sheets_and_explanations_are_passed_by(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区")
    book = openpyxl.load_workbook(io.BytesIO(workbook([["编号", "名称", "户数"], ["XC-P-001", "金桥社区", 1]])))
    for name, state in (("说明", "visible"), ("去年", "hidden"), ("前年", "veryHidden")):
        sheet = book.create_sheet(name, 0)
        sheet.sheet_state = state
        for place_, head in enumerate(HEADS, 1):
            sheet.cell(1, place_, head)
            sheet.cell(2, place_, "x")
    assert upload(clerk, saved(book)).changed == 1


def test_a_sheet_without_rows_is_refused_with_a_sentence(clerk: Any) -> None:
    assert "表头下面没有数据" in upload(clerk, workbook([HEADS])).trouble
    assert "没有看得到的数据" in upload(clerk, workbook([])).trouble


def test_the_template_comes_back_unchanged(clerk: Any, place: Any, as_user: Any) -> None:
    """Export → import gives the same rows (S22), with every kind of cell."""
    place("XC-P-001", "=金桥&<社区>𠮷", households=1400, residents=0, longitude="113.956200", latitude="31.251400")
    place("XC-E-002", "文昌社区", area_kind="fringe", population="existing")
    answer = as_user(clerk).get(reverse("exchange:template"))
    content = b"".join(answer.streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["社区", "说明", "选项"]
    assert (book["选项"].sheet_state, book["社区"].freeze_panes) == ("hidden", "C2")
    assert not any(cell.data_type == "f" for sheet in book for line in sheet.iter_rows() for cell in line)
    assert len(book["社区"].data_validations.dataValidation) == 4
    batch = upload(clerk, content)
    assert (batch.state, batch.unchanged, batch.rows_in) == ("ready", 2, 2), problems_of(batch)
    assert batch.template_version == "communities/1/XC/"


def test_an_old_template_is_read_by_its_heads_and_told_as_such(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    for version, told in ((0, True), (get("communities").version, False)):
        book = openpyxl.load_workbook(io.BytesIO(table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420})))
        book.create_sheet("说明")["A3"] = f"模板编号：communities/{version}/XC/"
        batch = upload(clerk, saved(book))
        assert (batch.state, batch.changed) == ("ready", 1)
        assert ("旧版模板" in as_user(clerk).get(batch.get_absolute_url()).content.decode()) is told


def test_the_list_that_was_exported_comes_back_unchanged(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=1400)
    place("XC-P-002", "文昌社区", residents=900)
    answer = as_user(clerk).get(reverse("communities:list"), {"export": "xlsx"})
    batch = upload(clerk, b"".join(answer.streaming_content))
    assert (batch.state, batch.unchanged, batch.rows_in) == ("ready", 2, 2), problems_of(batch)


def test_a_returned_file_is_corrected_and_uploaded_again(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, workbook([["编号", "名称", "户数"], ["XC-P-001", "金桥社区", "多"]]))
    answer = as_user(clerk).get(reverse("exchange:red", args=[batch.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet: Any = book.active
    sheet["C2"] = "少"
    batch = upload(clerk, saved(book))
    answer = as_user(clerk).get(reverse("exchange:red", args=[batch.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [sheet.cell(1, place).value for place in range(1, 6)] == ["编号", "名称", "户数", "错误原因", None]
    assert "“少”" in sheet["D2"].value
    sheet["C2"] = 7
    assert upload(clerk, saved(sheet.parent)).changed == 1
