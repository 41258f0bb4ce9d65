"""A workbook as it comes from a county office: seeded, with faults of many kinds planted in known cells.

Good rows are written in every way in which people write them; each planted fault is remembered with its cell and
a piece of the sentence that must name it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.styles import PatternFill

from tests.exchange.conftest import HEADS, saved

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
Chance = random.Random

# Kind of fault → the head of the cell, what to write there, and what the sentence must say.
FAULTS: dict[str, tuple[str, Callable[[Chance], Any], str]] = {
    "words for a number": ("户数", lambda c: c.choice(["约三百", "多", "待核"]), "不是数字"),
    "half a household": ("户数", lambda c: c.randint(1, 900) + 0.5, "不是整数"),
    "negative": ("户数", lambda c: -c.randint(1, 900), "太小"),
    "too large": ("人口", lambda c: 10**9, "太大"),
    "wrong unit": ("户数", lambda c: f"{c.randint(1, 900)}人", "以户计"),
    "comma in the wrong place": ("人口", lambda c: "12,34", "逗号位置不对"),
    "error of a formula": ("人口", lambda c: "#REF!", "公式出错"),
    "formula without result": ("人口", lambda c: "=A1+1", "还没有算出结果"),
    "scientific code": ("编号", lambda c: "4.21E+17", "科学计数"),
    "unknown code": ("编号", lambda c: f"XC-P-{c.randint(100000, 999999)}", "没有编号"),
    "code of another unit": ("编号", lambda c: f"DW-P-{c.randint(10000, 99999)}", "没有编号"),
    "name missing": ("名称", lambda c: c.choice([None, "\u3000", " "]), "必须填"),
    "name too long": ("名称", lambda c: "长" * 60, "太长"),
    "unknown choice": ("区位", lambda c: "月球表面", "没有“月球表面”这一项"),
    "no such day": ("起始日期", lambda c: "2013-02-30", "没有 2013 年 2 月 30 日"),
    "month without day": ("起始日期", lambda c: "2013年5月", "缺“日”"),
    "words for a day": ("起始日期", lambda c: "年底前", "不是日期"),
    "outside the province": ("经度", lambda c: 13.9, "太小"),
    "unknown town": ("乡镇街道", lambda c: "没有的镇", "没有叫"),
    "moved by the sheet": ("类型", lambda c: "农村", "调整归属"),
    "truth for a number": ("户数", lambda c: True, "不是数字"),
}


@dataclass
class Dirty:
    """The file, and what is in it: planted faults by (row, head), good rows with the households that they mean."""

    content: bytes = b""
    planted: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    good: dict[int, tuple[str, int]] = field(default_factory=dict)
    rows: int = 0


def make(codes: Sequence[tuple[str, str]], *, seed: int, faulty: float = 0.25) -> Dirty:
    """A row for each of the unit's communities (code and name), in a workbook with everything that is usual."""
    chance, found = random.Random(seed), Dirty()
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "2013年台账"
    book.create_sheet("旧表").sheet_state = "hidden"
    at = _heads(sheet)
    kinds = list(FAULTS)
    for number, (code, name) in enumerate(codes):
        households = chance.randint(1, 9999)
        values: dict[str, Any] = {}
        found.good[at] = (code, households)
        values["编号"] = chance.choice([code, f" {code}", code.lower(), f"'{code}"])
        values["名称"] = chance.choice([name, f"{name} ", f"\u3000{name}"])
        values["户数"] = _written(chance, households)
        values["类型"] = chance.choice(["城市", None, " 城市"])
        values["起始日期"] = _day(chance)
        if number < len(kinds) or chance.random() < faulty:
            kind = kinds[number] if number < len(kinds) else chance.choice(kinds)
            _plant(chance, found, values, kind, at)
        _write(sheet, at, values)
        found.rows += 1
        at += 1
        if chance.random() < 0.02:
            at += 1  # an empty row in between
        if chance.random() < 0.02:
            sheet.cell(at, 1, "小计")
            sheet.cell(at, 8, households)
            at += 1
    sheet.cell(at, 1, "合计")
    sheet.cell(at, 8, f"=SUM(H5:H{at - 1})")
    sheet.cell(at + 1, 1, "注：以上数据截至12月底")
    sheet.cell(at + 200, 20).fill = PatternFill("solid", "FFFFFF00")
    found.content = saved(book)
    return found


def _heads(sheet: Any) -> int:
    """A title, a line of remarks, a head of two rows with a merged cell; the row where the table begins."""
    sheet.cell(1, 1, "孝昌县社区台账")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADS))
    sheet.cell(2, 1, "填报单位：孝昌")
    for place, head in enumerate(HEADS, 1):
        if head in ("户数", "人口"):
            sheet.cell(4, place, head)
        else:
            sheet.cell(3, place, head)
            sheet.merge_cells(start_row=3, start_column=place, end_row=4, end_column=place)
    first = HEADS.index("户数") + 1
    sheet.cell(3, first, "人口情况")
    sheet.merge_cells(start_row=3, start_column=first, end_row=3, end_column=first + 1)
    return 5


def _written(chance: Chance, value: int) -> Any:
    forms = [
        value,
        float(value),
        str(value),
        f"{value:,}",
        str(value).translate(FULL_WIDTH),
        f"{value}户",
        f" {value}\n",
    ]
    return chance.choice(forms)


def _day(chance: Chance) -> Any:
    """The day on which every community of the tests began, in some form."""
    day = dt.date(2012, 1, 1)
    forms = ["2012-01-01", "2012/1/1", "2012.1.1", "20120101", 20120101, "2012年1月1日", 40909, day, None]
    return chance.choice(forms)


def _plant(chance: Chance, found: Dirty, values: dict[str, Any], kind: str, at: int) -> None:
    head, make_value, words = FAULTS[kind]
    values[head] = make_value(chance)
    if head in ("经度",):
        values["纬度"] = 31.2
    found.planted[at, head] = (kind, words)
    del found.good[at]


def _write(sheet: Any, at: int, values: dict[str, Any]) -> None:
    for head, value in values.items():
        cell = sheet.cell(at, HEADS.index(head) + 1)
        cell.value = value
        if isinstance(value, str) and value.startswith("#"):
            cell.data_type = "e"
