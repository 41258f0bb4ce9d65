"""Fields of construction's forms: amounts and counts as people write them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import formats

# What people put into numbers for the eye: full-width forms are folded first.
_SPACING = str.maketrans("", "", ", \u00a0\u3000'")


def plain_number(text: Any) -> Any:
    """`１，２００.５` → `1200.5`: full-width forms folded, separators and blanks taken out. Other values stay."""
    return unicodedata.normalize("NFKC", text).translate(_SPACING) if isinstance(text, str) else text


class AmountField(forms.DecimalField):
    """An amount in 万元 with at most two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "max_digits": 9,
            "decimal_places": 2,
            "min_value": Decimal(0),
            "required": False,
            "widget": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 16}),
            "error_messages": {
                "invalid": _("请填数字，单位万元，如 1200.50。"),
                "min_value": _("金额不能小于 0。"),
                "max_decimal_places": _("最多两位小数，单位是万元。"),
                "max_digits": _("金额太大，单位是万元，请核对。"),
                "max_whole_digits": _("金额太大，单位是万元，请核对。"),
            },
        }
        super().__init__(**own | kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # a whole number to the stubs
        """The number; None where nothing was entered."""
        found: Decimal | None = super().to_python(plain_number(value))
        return found

    def prepare_value(self, value: Any) -> Any:
        """With two decimals, as it is shown everywhere."""
        return raw(value) if isinstance(value, Decimal) else value


class CountField(forms.IntegerField):
    """A number of units."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 9})
        invalid = _("请填整数，单位套。")
        super().__init__(
            min_value=0,
            max_value=999_999,
            required=False,
            widget=widget,
            error_messages={"invalid": invalid, "min_value": invalid, "max_value": _("套数太大，请核对。")},
            **kwargs,
        )

    def to_python(self, value: Any) -> int | None:
        """The number; None where nothing was entered."""
        found: int | None = super().to_python(plain_number(value))
        return found


def raw(value: Any) -> str:
    """A stored value as its control holds it, so that page and script compare like with like."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(int(value)) if isinstance(value, int) else str(value).replace("\r\n", "\n").strip()


def report_field(field: models.Field[Any, Any]) -> forms.Field:
    """The form field of a report's amount or count, with the model's label and counting rule."""
    make = AmountField if isinstance(field, models.DecimalField) else CountField
    return make(label=field.verbose_name, help_text=field.help_text)


def shown(value: Any) -> str:
    """An amount or a count as it stands beside a label; empty where there is none."""
    if value is None:
        return ""
    return formats.money(value) if isinstance(value, Decimal) else formats.thousands(value)
