"""Two versions of a record as what a reader sees: field by field, in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.components import Change
from core.formats import decimal, moment
from core.history.tracking import DELETE, INSERT, context_of

# Never shown, whatever a model may be called to track.
SECRETS = ("password", "secret", "token", "digest", "hash", "seed")


class Names:
    """What the records that a page's events point to are called. One query for each kind of record."""

    def __init__(self, events: Iterable[tuple[type[models.Model], Any]]) -> None:
        wanted: defaultdict[type[models.Model], set[Any]] = defaultdict(set)
        for model, event in events:
            for field in model._meta.concrete_fields:
                target: Any = field.related_model
                key = getattr(event, field.attname, None) if target is not None else None
                if key is not None:
                    wanted[target].add(key)
        self._known = {
            # Most records name others in their own name; those come with the same query.
            model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=keys).select_related()}
            for model, keys in wanted.items()
        }

    def of(self, model: type[models.Model], key: Any) -> str:
        """The record's name; its number where it is gone."""
        return self._known.get(model, {}).get(key, f"#{key}")


def is_reason(field: models.Field[Any, Any]) -> bool:
    """Whether a field holds why something was done: shown apart, above what changed."""
    return field.name == "reason" or field.name.endswith("_reason")


def differences(
    model: type[models.Model],
    before: Any,
    after: Any,
    names: Names,
    *,
    known: Collection[str] = (),
    shown: Collection[str] = (),
) -> tuple[list[Change], list[Change]]:
    """What an event changed, and the reasons given with it. `known` are columns that go without saying, `shown`
    fields that are told though nobody can enter them.

    A new record lists what was entered; a removed one what was lost.
    """
    changes, reasons = list[Change](), list[Change]()
    gone = after.pgh_label == DELETE
    for field in model._meta.concrete_fields:
        if field.attname in known or not _tells(field, after, shown):
            continue
        old = getattr(after if gone else before, field.attname, None)
        new = None if gone else getattr(after, field.attname)
        if old == new or (_empty(old) and _empty(new)) or (before is None and _goes_without_saying(field, after)):
            continue
        change = Change(str(field.verbose_name), words_of(field, old, names), words_of(field, new, names))
        (reasons if is_reason(field) and not _empty(new) else changes).append(change)
    return changes, reasons


def words_of(field: models.Field[Any, Any], value: Any, names: Names) -> str:
    """A stored value as the page says it."""
    if _empty(value):
        return _("没有填")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    target: Any = field.related_model
    if target is not None:
        return names.of(target, value)
    if isinstance(value, dt.datetime):
        return moment(value, with_year=True)
    if isinstance(field, models.DecimalField):
        return decimal(value, field.decimal_places)
    if isinstance(value, int) and not isinstance(field, models.SmallIntegerField | models.PositiveSmallIntegerField):
        return decimal(value, 0)
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _tells(field: models.Field[Any, Any], event: Any, shown: Collection[str]) -> bool:
    """What nobody can enter (keys, versions, derived pinyin) would only be noise beside what somebody did."""
    if field.primary_key or not (field.editable or field.name in shown) or not hasattr(event, field.attname):
        return False
    return not any(word in field.name for word in SECRETS)


def _goes_without_saying(field: models.Field[Any, Any], event: Any) -> bool:
    """Whether a new record's field says only that something is not so, or again who made it and when."""
    value: Any = getattr(event, field.attname)
    if event.pgh_label != INSERT or not value:
        return event.pgh_label == INSERT and value is False
    if isinstance(value, dt.datetime):
        return bool(abs(value - event.pgh_created_at) < dt.timedelta(minutes=1))
    return field.name.endswith("_by") and bool(value == context_of(event).get("user"))
