"""Terms: from when to when a row holds, and that two of them never overlap."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import BigIntegerRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class OwnTerm(Func):
    """`[valid_from, valid_until)` as a date range, open where there is no end."""

    function = "DATERANGE"
    output_field = DateRangeField()


class KeyRange(Func):
    """A key as a range of one, because plain equality in an exclusion needs an extension that we do without."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()


def no_overlap(key: str, *, name: str, message: StrOrPromise) -> ExclusionConstraint:
    """A constraint: the terms of rows with the same `key` never overlap.

    `key` is a foreign key's field name. Its column name (`…_id`) would hold in the database, too, but a check
    before saving would then compare the column with itself and find every row in the way.
    """
    return ExclusionConstraint(
        name=name,
        expressions=[
            (KeyRange(F(key), F(key), Value("[]")), RangeOperators.OVERLAPS),
            (OwnTerm(F("valid_from"), F("valid_until"), Value("[)")), RangeOperators.OVERLAPS),
        ],
        violation_error_message=message,
    )


def term_in_order(name: str) -> models.CheckConstraint:
    """A constraint: a term ends after it begins."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
        name=name,
        violation_error_message=_("截止日期应在起始日期之后。"),
    )
