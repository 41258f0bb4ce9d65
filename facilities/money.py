"""Money of construction: sources, and how an amount is held. In 万元 with two decimals, exact, never negative."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

ZERO = Decimal("0.00")
# 1,000 亿元: more is a slip of the unit.
MOST = Decimal("9999999.99")


class Source(models.TextChoices):
    """Where money comes from, in the order of the levels."""

    CENTRAL = "central", _("中央")
    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("县级")
    SOCIAL = "social", _("社会")


# Field names by source: planned on the project; arrived and paid, both cumulative, on the monthly report.
FUNDS = tuple(f"fund_{source.value}" for source in Source)
ARRIVED = tuple(f"arrived_{source.value}" for source in Source)
PAID = tuple(f"paid_{source.value}" for source in Source)


def money_field(label: Any, help_text: Any) -> Any:
    """An amount in 万元; None is not known (不清楚), which is something else than 0."""
    return models.DecimalField(
        label,
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(Decimal(0), message=_("金额不能小于 0。")),
            MaxValueValidator(MOST, message=_("金额太大，单位是万元，请核对。")),
        ],
        help_text=help_text,
    )


def none_negative(*names: str) -> Q:
    """A condition: none of the fields is below 0; unknown ones are let through."""
    found = Q()
    for name in names:
        found &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0})
    return found


def total_of(*names: str, prefix: str = "") -> Combinable:
    """As an expression: the sum of amounts, unknown ones counted as 0."""
    found: Combinable = Value(ZERO, output_field=models.DecimalField(max_digits=14, decimal_places=2))
    for name in names:
        found += Coalesce(F(prefix + name), Value(ZERO))
    return found


def known_total(values: Any, names: tuple[str, ...]) -> Decimal | None:
    """The sum of a mapping's amounts; None where none is known."""
    known = [values[name] for name in names if values.get(name) is not None]
    return sum(known, Decimal(0)) if known else None
