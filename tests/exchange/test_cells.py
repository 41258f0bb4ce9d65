"""What stands in a cell becomes a value, or a sentence that says why not: every form that people use."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import cells
from exchange.cells import CellProblem

MAY_8 = dt.date(2013, 5, 8)
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@pytest.mark.parametrize(
    "raw",
    [
        "2013-05-08",
        "2013-5-8",
        "2013/5/8",
        "2013.5.8",
        "2013.05.08",
        "20130508",
        20130508,
        20130508.0,
        "2013年5月8日",
        "2013年05月08日",
        "2013 年 5 月 8 日",
        "2013年5月8号",
        "２０１３年５月８日",
        " 2013-05-08 ",
        "2013-05-08 00:00:00",
        "'2013-05-08",
        41402,
        41402.0,
        "41402",
        {"d": "2013-05-08T00:00:00"},
        {"d": "2013-05-08T09:30:00"},
    ],
)
def test_every_form_of_a_day(raw: Any) -> None:
    assert cells.day(raw) == MAY_8


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("2013年5月", "缺“日”"),
        ("2013-05", "缺“日”"),
        ("2013-02-30", "没有 2013 年 2 月 30 日这一天"),
        ("13.5.8", "年份写四位"),
        ("5/8/2013", "年份写四位"),
        ("明天", "不是日期"),
        (3, "不是日期"),
        (41402.5, "不是日期"),
        (True, "不是日期"),
        ("1913-05-08", "应在 1949-10-01 到"),
        ({"e": "#REF!"}, "公式出错（#REF!）"),
        ({"f": True}, "公式还没有算出结果"),
    ],
)
def test_what_is_no_day_is_told_why(raw: Any, said: str) -> None:
    with pytest.raises(CellProblem, match=said.replace("(", "[(]").replace("）", "）")):
        cells.day(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (3.0, 3),
        ("3", 3),
        ("3.0", 3),
        ("1,234", 1234),
        ("１，２３４", 1234),
        ("1 234", 1234),
        ("1234户", 1234),
        ("１２３４户", 1234),
        ("\u30001234\n", 1234),
        ("'1234", 1234),
        ("", None),
        ("—", None),
        ("不清楚", None),
        (None, None),
        (0, 0),
        ("0", 0),
        ("1.2E+3", 1200),
    ],
)
def test_every_form_of_a_count(raw: Any, value: int | None) -> None:
    assert cells.whole(raw, unit="户") == value


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (3.5, "不是整数"),
        ("3.5", "不是整数"),
        ("约三百", "不是数字"),
        ("12,34", "逗号位置不对"),
        ("12人", "这一列以户计"),
        (-1, "太小"),
        ("－1", "太小"),
        (10**12, "太大"),
        ("1e400", "太大"),
        (math.inf, "不是数字"),
        (math.nan, "不是数字"),
        ({"n": "nan"}, "不是数字"),
        ("NaN", "不是数字"),
        ({"d": "2013-05-08T00:00:00"}, "是日期，不是数字"),
        ({"e": "#DIV/0!"}, "#DIV/0!"),
        (True, "不是数字"),
    ],
)
def test_what_is_no_count_is_told_why(raw: Any, said: str) -> None:
    with pytest.raises(CellProblem, match=said):
        cells.whole(raw, unit="户", most=10**9)


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        ("1,200.5万元", "万元", "1200.50"),
        ("1200.5 万", "万元", "1200.50"),
        ("85%", "%", "85.00"),
        ({"p": 0.85}, "%", "85.00"),
        ("120.5㎡", "㎡", "120.50"),
        ("120.5平方米", "㎡", "120.50"),
        (0.1 + 0.2, "万元", "0.30"),
        (33.333333333, "万元", "33.33"),
        (2.675, "万元", "2.68"),
    ],
)
def test_units_and_noise_of_arithmetic(raw: Any, unit: str, value: str) -> None:
    assert cells.decimal(raw, unit=unit) == Decimal(value)


def test_typed_decimals_are_not_rounded_silently() -> None:
    with pytest.raises(CellProblem, match="最多 2 位"):
        cells.decimal("1.234")


@pytest.mark.parametrize(
    ("raw", "value"),
    [("xc-p-001", "XC-P-001"), (" ＸＣ－Ｐ－００１ ", "XC-P-001"), (1234, "1234"), (3.0, "3"), ("'0123", "0123")],
)
def test_codes(raw: Any, value: str) -> None:
    assert cells.code(raw) == value


@pytest.mark.parametrize("raw", [4.20984e17, "4.20984E+17", 42098412345678901])
def test_a_code_that_excel_spoilt_is_refused(raw: Any) -> None:
    with pytest.raises(CellProblem, match="科学计数"):
        cells.code(raw)


def test_words_keep_their_signs_and_lose_the_edges() -> None:
    assert cells.text("\u3000金桥社区（一期）\n二组\u200b ") == "金桥社区（一期） 二组"
    assert cells.text("'=SUM(A1)") == "=SUM(A1)"
    assert cells.text("𠮷祥社区") == "𠮷祥社区"
    with pytest.raises(CellProblem, match="太长：51 个字，最多 50 个字"):
        cells.text("长" * 51, longest=50)


@pytest.mark.parametrize(
    ("raw", "value"), [("是", True), ("√", True), ("否", False), ("×", False), ("", None), (1, True)]
)
def test_yes_and_no(raw: Any, value: bool | None) -> None:
    assert cells.yes_no(raw) is value


def test_a_choice_is_taken_by_label_or_code_and_others_are_listed() -> None:
    offered = [("city", "城市"), ("town", "城镇")]
    assert cells.choice("城 市", offered) == "city"
    assert cells.choice("TOWN", offered) == "town"
    assert cells.choice("—", offered) == ""
    with pytest.raises(CellProblem, match="没有“乡村”这一项。可填：城市、城镇"):
        cells.choice("乡村", offered)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)), st.integers(0, 6))
def test_a_day_is_the_same_however_it_is_written(value: dt.date, form: int) -> None:
    serial = (value - dt.date(1899, 12, 30)).days
    forms: list[Any] = [
        value.isoformat(),
        f"{value.year}/{value.month}/{value.day}",
        f"{value.year}.{value.month}.{value.day}",
        f"{value:%Y%m%d}",
        f"{value.year}年{value.month}月{value.day}日".translate(FULL_WIDTH),
        {"d": f"{value}T00:00:00"},
        serial if serial >= 20_000 else value.isoformat(),
    ]
    assert cells.day(forms[form]) == value


@given(st.integers(0, 10**9), st.sampled_from(["{}", "{:,}", " {} ", "{}户", "{:,} 户", "{}.0", "'{}"]), st.booleans())
def test_a_count_is_the_same_however_it_is_written(value: int, form: str, wide: bool) -> None:
    typed = form.format(value)
    assert cells.whole(typed.translate(FULL_WIDTH) if wide else typed, unit="户") == value


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["{}", "{:,}", "{}万元"]))
def test_money_is_exact(value: Decimal, form: str) -> None:
    assert cells.decimal(form.format(value), unit="万元") == value
    assert cells.decimal(float(value), unit="万元") == value


RAW = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=60)
    | st.sampled_from([{"e": "#N/A"}, {"f": True}, {"p": 0.5}, {"n": "inf"}, {"d": "2013-05-08T00:00:00"}])
)


@given(RAW)
def test_whatever_stands_there_is_a_value_or_a_sentence(raw: Any) -> None:
    """Nothing in a cell makes the import fall over."""
    parsers: list[Any] = [
        cells.text,
        cells.code,
        cells.whole,
        cells.decimal,
        cells.day,
        cells.yes_no,
        lambda each: cells.choice(each, [("a", "甲")]),
    ]
    for parse in parsers:
        try:
            parse(raw)
        except CellProblem as problem:
            assert str(problem)
    assert isinstance(cells.shown(raw), str)
