"""Abstract models."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, TypeVar

import pghistory.models
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.bulk import update_rows
from core.errors import FieldConflict, StaleVersion
from core.history import last_change
from core.sentences import gettext as _t

M = TypeVar("M", bound="VersionedModel")


class VersionedModel(models.Model):
    """A record that two people may have open at once. Its version goes up by one with every save."""

    version = models.PositiveIntegerField(
        _("版本"), default=1, editable=False, help_text=_("每保存一次加一；打开后被别人改过的，不会悄悄覆盖。")
    )

    class Meta:
        abstract = True


class SampleModel(models.Model):
    """A record that may be sample data, and says so wherever it is shown."""

    is_sample = models.BooleanField(
        _("示例"), default=False, editable=False, help_text=_("示例数据，不是真实记录；页面上标“示例”。")
    )

    class Meta:
        abstract = True


def save_version(record: M, values: dict[str, Any], *, expected: int) -> M:
    """Write `values` to `record` if its stored version is still `expected`, in one conditional UPDATE.

    Returns the record as stored. Raises StaleVersion, with both texts of every field that a person can edit
    and on which the two differ, when somebody else saved in between; nothing is written then.
    """
    manager = type(record)._default_manager
    changed = manager.filter(pk=record.pk, version=expected).update(**values, version=F("version") + 1)
    stored = manager.get(pk=record.pk)
    if not changed:
        raise _stale(stored, values)
    return stored


def require_version(stored: VersionedModel, values: dict[str, Any], *, expected: int) -> None:
    """Raise StaleVersion, as `save_version` does, where the stored version is not `expected`.

    For an action that holds the record's lock and has more to check or write before it saves `values`.
    """
    if stored.version != expected:
        raise _stale(stored, values)


def save_versions(records: Iterable[VersionedModel], fields: Iterable[str]) -> None:
    """Write `fields` of several records of one model as they stand in memory, each a version further.

    The caller holds their locks and has compared the versions that were seen.
    """
    rows = list(records)
    for record in rows:
        record.version += 1
    update_rows(rows, [*fields, "version"])


def standing_on(record: models.Model, *, besides: Iterable[type[models.Model]] = ()) -> str:
    """What kind of records refer to `record`, by its name; empty where nothing does. History and `besides` are none."""
    return standing_on_each(type(record), [record.pk], besides=besides).get(record.pk, "")


def standing_on_each(
    model: type[models.Model], keys: Iterable[Any], *, besides: Iterable[type[models.Model]] = ()
) -> dict[Any, str]:
    """The same for several records of a model, by key; without those on which nothing stands. One query a kind."""
    skipped: tuple[type, ...] = (pghistory.models.Event, *besides)
    free, found = set(keys), dict[Any, str]()
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if issubclass(other, skipped) or not free:
            continue
        name = relation.field.name
        held = other._default_manager.filter(**{f"{name}__in": free}).order_by().values_list(name, flat=True)
        found |= dict.fromkeys(held.distinct(), str(other._meta.verbose_name))
        free -= found.keys()
    return found


def _stale(stored: VersionedModel, values: dict[str, Any]) -> StaleVersion:
    return StaleVersion(_stale_message(stored), _conflicts(stored, values), version=stored.version)


def _stale_message(stored: VersionedModel) -> str:
    who, when = last_change(stored)
    if not who or when is None:
        return _t("这条记录刚刚被别人改过。下面是两个版本，请选。")
    at = timezone.localtime(when).strftime("%m-%d %H:%M")
    return _t("%(who)s %(at)s 已改过这条。下面是两个版本，请选。") % {"who": who, "at": at}


def _conflicts(stored: VersionedModel, values: dict[str, Any]) -> list[FieldConflict]:
    sent = copy(stored)
    found = []
    for name, value in values.items():
        field = stored._meta.get_field(name)
        setattr(sent, name, value)
        if getattr(field, "editable", True) and getattr(stored, name) != value:
            label = str(getattr(field, "verbose_name", name))
            found.append(FieldConflict(label, _shown(stored, name), _shown(sent, name)))
    return found


def _shown(record: VersionedModel, name: str) -> str:
    display = getattr(record, f"get_{name}_display", None)
    value = display() if display else getattr(record, name)
    return "" if value is None else str(value)
