"""Units in heads: which one a column is held in, and that nothing is taken ten thousand times too large."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import cells, written
from exchange.sheets import held_in, label, units_in
from tests.exchange.conftest import apply, problems_of, upload, workbook

MONEY = written.SCALES[0]


@pytest.mark.parametrize(
    ("head", "units"),
    [
        ("中央资金（元）", ["元"]),
        ("中央资金(万元)*", ["万元"]),
        ("中央资金【单位：亿元】", ["亿元"]),
        ("中央资金［人民币元］", ["元"]),
        ("中央资金（含配套）（千元）", ["千元"]),
        ("建筑面积（㎡）", ["㎡"]),
        ("形象进度（％）", ["%"]),
        ("人口（万）", ["万"]),
        ("金额单位： 元", ["元"]),
        ("投资/万元", ["万元"]),
        ("投资（套、户）", ["套", "户"]),
        ("填报单位：孝昌", []),
        ("累计到位：市级", []),
        ("元", []),
        ("完成情况（元旦前）", []),
    ],
)
def test_the_units_that_a_head_names(head: str, units: list[str]) -> None:
    assert sorted(units_in(head)) == sorted(units)


@pytest.mark.parametrize(
    ("texts", "own", "held"),
    [
        (["资金（元）"], "万元", "元"),
        (["资金（万元）", "单位：元"], "万元", ""),
        (["资金", "资金（万元）", "单位：元"], "万元", ""),
        (["资金", "单位：元"], "万元", "元"),
        (["资金", "面积（㎡）", "单位：元"], "万元", "元"),
        (["资金（万）"], "万元", ""),
        (["资金（亿）"], "万元", "亿元"),
        (["资金（%）"], "万元", "%"),
        (["资金", "单位：%"], "万元", ""),
        (["户数（套）"], "户", ""),
        (["户数（万）"], "户", "万户"),
        (["人口（万人）"], "人", "万人"),
        (["人口（元）"], "人", "元"),
        (["栋数（万）"], "栋", "万栋"),
        (["户数", "单位：万"], "户", ""),
        (["资金", "单位：万"], "万元", ""),
        (["备注"], "", ""),
    ],
)
def test_the_unit_that_a_column_is_held_in(texts: list[str], own: str, held: str) -> None:
    assert held_in(texts, own) == held


@given(unit=st.sampled_from(sorted(MONEY)), inner=st.sampled_from(["{}", "单位：{}", " {} "]))
def test_a_head_with_a_unit_means_the_same_column_and_tells_the_unit(unit: str, inner: str) -> None:
    head = f"中央资金（{inner.format(unit)}）"
    assert label(head) == label("中央资金")
    assert held_in([head], "万元") == ("" if unit == "万元" else unit)


@given(
    held=st.sampled_from(sorted(MONEY)),
    number=st.decimals(min_value=0, max_value=10**9, places=4),
    as_text=st.booleans(),
)
def test_money_is_converted_exactly_or_refused(held: str, number: Decimal, as_text: bool) -> None:
    """Against whole 元 as integers: never rounded, never off by a power."""
    if held == "万元":
        return
    thousandths = int(number.scaleb(4)) * 10 ** MONEY[held]
    expected = Decimal(thousandths).scaleb(-8)
    exact = thousandths % 10**6 == 0
    raw: Any = f"{number:,}" if as_text else number.normalize()
    raw = raw if as_text else (int(raw) if raw == int(raw) else float(raw))
    try:
        value = cells.decimal(raw, unit="万元", held_in=held, most=10**15)
    except cells.CellProblem as problem:
        assert not exact and "小数超过 2 位" in problem.message
    else:
        assert exact and value == expected


@pytest.mark.parametrize("typed", ["1,200万元", "1200 万", "12000000元", "12,000,000", 12_000_000, 12_000_000.0])
def test_a_unit_in_the_cell_speaks_before_that_of_the_head(typed: Any) -> None:
    assert cells.decimal(typed, unit="万元", held_in="元") == 1200


def test_nothing_and_nonsense_stay_what_they_are() -> None:
    assert cells.decimal("不详", unit="万元", held_in="元") is None
    assert cells.decimal(None, unit="万元", held_in="%") is None
    with pytest.raises(cells.CellProblem, match="不是数字"):
        cells.decimal("待核", unit="万元", held_in="元")
    with pytest.raises(cells.CellProblem, match="单位不对"):
        cells.decimal("3亿元", unit="万元", held_in="元")
    long = "1." + "0" * 60 + "1"
    with pytest.raises(cells.CellProblem, match="小数超过"):
        cells.decimal(long, unit="万元", held_in="亿元")


@pytest.mark.django_db
def test_people_in_ten_thousands_are_counted_out(clerk: Any, place: Any) -> None:
    known = place("XC-P-001", "金桥社区")
    heads = ["编号", "名称", "户数（套）", "人口（万人）"]
    batch = upload(clerk, workbook([heads, ["XC-P-001", "金桥社区", 420, "0.13"]]))
    assert (batch.changed, batch.layout["units"]) == (1, {"residents": "万人"}), problems_of(batch)
    apply(batch, clerk)
    known.refresh_from_db()
    assert (known.households, known.residents) == (420, 1300)
