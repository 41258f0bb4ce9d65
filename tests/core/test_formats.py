"""How numbers and dates are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from core import formats
from core.periods import Quarter

UTC = dt.UTC


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1860, 0, "1,860"),
        (Decimal("2310"), 2, "2,310.00"),
        (94.55, 1, "94.6"),
        (Decimal("0.005"), 2, "0.01"),
        (-3.4, 1, "\N{MINUS SIGN}3.4"),
        (Decimal("-0.001"), 2, "0.00"),
        (None, 2, "不清楚"),
    ],
)
def test_decimal(value: Any, places: int, text: str) -> None:
    assert formats.decimal(value, places) == text


@given(st.integers(-(10**12), 10**12))
def test_a_count_reads_back_as_itself(value: int) -> None:
    assert int(formats.thousands(value).replace(",", "").replace(formats.MINUS, "-")) == value


@pytest.mark.parametrize(
    ("parts", "text"),
    [((236, 330), "71.5%"), ((1, 3), "33.3%"), ((0, 5), "0.0%"), ((0, 0), "—"), ((None, 5), "不清楚")],
)
def test_rate(parts: tuple[Any, Any], text: str) -> None:
    assert formats.rate(*parts) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "+2.5"), (-3.4, "−3.4"), (0, "持平"), (0.04, "持平"), (-0.04, "持平"), (None, "—"), (10, "+10.0")],
)
def test_signed(value: Any, text: str) -> None:
    assert formats.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [(12, "▲ 12", "增加 12"), (-3, "▼ 3", "减少 3"), (0, "持平", "持平"), (None, "—", "没有可比的数")],
)
def test_change(value: Any, text: str, words: str) -> None:
    assert formats.change(value) == text
    assert formats.change_words(value) == words


def test_change_of_rank_and_points_in_words() -> None:
    assert formats.change_words(1, rank=True) == "上升 1 名"
    assert formats.change_words(-2, rank=True) == "下降 2 名"
    assert formats.points(55) == "+55.0 个百分点"
    assert formats.points(0) == "持平"


def test_an_instant_is_shown_on_the_clock_of_the_city() -> None:
    late = dt.datetime(2013, 12, 31, 16, 30, tzinfo=UTC)
    assert formats.day(late) == "2014-01-01"
    assert formats.day_short(late) == "01-01"
    assert formats.moment(late) == "01-01 00:30"
    assert formats.moment(late, with_year=True) == "2014-01-01 00:30"
    assert formats.clock(late) == "00:30"


def test_days_in_sentences_and_quarters_in_titles() -> None:
    assert formats.day_sentence(dt.date(2014, 1, 6)) == "1 月 6 日（星期一）"
    assert formats.quarter_title(Quarter(2013, 4)) == "2013 年第四季度"
    assert formats.quarter_title("2013Q1") == "2013 年第一季度"
    assert formats.quarter_title("全年") == "全年"


@pytest.mark.parametrize(
    "function", [formats.day, formats.day_short, formats.day_sentence, formats.moment, formats.clock]
)
def test_an_unknown_date_is_said_to_be_unknown(function: Any) -> None:
    assert function(None) == "不清楚"


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("{{ v|thousands }}", 1860, "1,860"),
        ("{{ v|thousands }}", 0, '<span class="zero">0</span>'),
        ("{{ v|money }}", Decimal("0.00"), '<span class="zero">0</span>'),
        ("{{ v|thousands }}", None, '<span class="unknown">不清楚</span>'),
        ("{{ v|thousands }}", "<b>", '<span class="unknown">不清楚</span>'),
        ("{{ v|percent }}", 0.715, "71.5%"),
        ("{% rate v 330 %}", 236, "71.5%"),
        ("{{ v|or_dash }}", "", "—"),
        ("{{ v|or_dash }}", 0, "0"),
        ("{{ v|or_unknown }}", None, '<span class="unknown">不清楚</span>'),
        ("{{ v|or_unknown }}", "<b>", "&lt;b&gt;"),
        ("{{ v|day }}", "", "不清楚"),
    ],
)
def test_filters(source: str, value: Any, text: str) -> None:
    assert Template("{% load numbers %}" + source).render(Context({"v": value})) == text


@pytest.mark.parametrize(
    ("source", "value", "tone", "words"),
    [
        ("change", 12, "is-up", "增加 12"),
        ("change", -3, "is-down", "减少 3"),
        ('change:"less"', -3, "is-up", "减少 3"),
        ('change:"rank"', 2, "is-up", "上升 2 名"),
    ],
)
def test_a_change_is_never_told_by_colour_alone(source: str, value: int, tone: str, words: str) -> None:
    text = Template("{% load numbers %}{{ v|" + source + " }}").render(Context({"v": value}))
    assert tone in text
    assert words in text
    assert "▲" in text or "▼" in text
