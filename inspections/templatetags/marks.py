"""Marks as a sheet writes them: no zeros that say nothing."""

from __future__ import annotations

from decimal import Decimal

from django import template

from core.formats import MINUS, unknown

register = template.Library()


@register.filter
def marks(value: object) -> str:
    """`8.00` → 8, `92.50` → 92.5, None → 不清楚."""
    if not isinstance(value, Decimal):
        return unknown()
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return MINUS + text if value < 0 else text
