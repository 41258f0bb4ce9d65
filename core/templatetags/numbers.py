"""Template filters for numbers and dates: the texts of `core.formats`, marked where they mean something."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeGuard

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats

register = template.Library()

Number = int | float | Decimal


def _is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _marked(value: object, text: str) -> SafeString:
    """Grey for zero and for the unknown, so that the eye passes over them."""
    if not _is_number(value):
        return format_html('<span class="unknown">{}</span>', formats.unknown())
    if value == 0:
        return format_html('<span class="zero">{}</span>', "0")
    return format_html("{}", text)


@register.filter
def thousands(value: object) -> SafeString:
    """`{{ 1860|thousands }}` → 1,860."""
    return _marked(value, formats.thousands(value) if _is_number(value) else "")


@register.filter
def decimal(value: object, places: int = 2) -> SafeString:
    """`{{ 94.6|decimal:1 }}` → 94.6."""
    return _marked(value, formats.decimal(value, places) if _is_number(value) else "")


@register.filter
def money(value: object) -> SafeString:
    """`{{ 2310|money }}` → 2,310.00, in 万元."""
    return decimal(value, 2)


@register.filter
def percent(value: object) -> SafeString:
    """`{{ 0.715|percent }}` → 71.5%; takes a ratio."""
    return _marked(value, formats.percent(value)) if _is_number(value) else _marked(None, "")


@register.simple_tag
def rate(numerator: object, denominator: object) -> str:
    """`{% rate 236 330 %}` → 71.5%."""
    if not (_is_number(numerator) and _is_number(denominator)):
        return formats.unknown()
    return formats.rate(numerator, denominator)


@register.filter
def change(value: object, kind: str = "") -> SafeString:
    """`▲ 12`, `▼ 3`, `持平`; kind `rank` speaks of ranks, `less` means that fewer is better."""
    number = value if _is_number(value) else None
    tone = "same" if not number else "up" if (number > 0) != (kind == "less") else "down"
    if not number:
        return format_html('<span class="change is-same">{}</span>', formats.change(number))
    return format_html(
        '<span class="change is-{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>',
        tone,
        formats.change(number),
        formats.change_words(number, rank=kind == "rank"),
    )


@register.filter
def score_change(value: object) -> str:
    """`+2.5`, `−3.4`, `持平`."""
    return formats.signed(value if _is_number(value) else None)


@register.filter
def points_change(value: object) -> str:
    """`+55.0 个百分点`, from percentage points."""
    return formats.points(value if _is_number(value) else None)


@register.filter
def or_dash(value: object) -> object:
    """— for what does not apply."""
    return formats.DASH if value is None or value == "" else value


@register.filter
def or_unknown(value: object) -> object:
    """不清楚 for what nobody knows."""
    return _marked(None, "") if value is None or value == "" else value


@register.filter
def day(value: dt.date | None) -> str:
    """2013-12-20."""
    return formats.day(value or None)


@register.filter
def day_short(value: dt.date | None) -> str:
    """12-20."""
    return formats.day_short(value or None)


@register.filter
def day_sentence(value: dt.date | None) -> str:
    """1 月 6 日（星期一）."""
    return formats.day_sentence(value or None)


@register.filter
def moment(value: dt.datetime | None, kind: str = "") -> str:
    """02-28 09:42; kind `year` puts the year in front."""
    return formats.moment(value or None, with_year=kind == "year")


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """14:32."""
    return formats.clock(value or None)


@register.filter
def quarter_short(value: object) -> str:
    """2013Q4."""
    return str(value)


@register.filter
def quarter_title(value: object) -> str:
    """2013 年第四季度."""
    return formats.quarter_title(value)
