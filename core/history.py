"""History kept by the database: which models have it, and how a record's history is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pghistory
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext as _

from core.components import Change, Moment
from core.formats import moment as format_moment

T = TypeVar("T", bound=type[models.Model])

INSERT, UPDATE, DELETE = "insert", "update", "delete"


def tracked(*, exclude: Sequence[str] = ()) -> Callable[[T], T]:
    """Class decorator: every insert, change and removal of a row is kept, whoever writes it and however.

    `exclude` names fields that history must never hold (passwords, secrets).
    """
    decorator: Callable[[T], T] = pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=list(exclude) or None
    )
    return decorator


@dataclass(frozen=True)
class Difference:
    """One field that changed: its label, the text before and the text after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One event in a record's life, ready to be shown."""

    at: dt.datetime
    kind: str
    label: str
    person: str
    address: str
    differences: list[Difference]


def events_of(record: models.Model) -> models.QuerySet[Any]:
    """The raw history rows of a record, oldest first. The relation is invisible to type checkers."""
    events: models.QuerySet[Any] = event_model(type(record))._default_manager.filter(pgh_obj_id=record.pk)
    return events.order_by("pgh_id")


def event_model(model: type[models.Model]) -> Any:
    """The history model of a tracked model."""
    return getattr(model, "pgh_event_model")  # noqa: B009


def history_of(record: models.Model) -> list[HistoryEntry]:
    """A record's history, newest first: who, when, from where, and what changed field by field."""
    labels = {INSERT: _("新建"), UPDATE: _("修改"), DELETE: _("删除")}
    events = list(events_of(record))
    people = _people(events)
    entries, previous = [], None
    for event in events:
        context = event.pgh_context or {}
        entries.append(
            HistoryEntry(
                at=event.pgh_created_at,
                kind=event.pgh_label,
                label=labels.get(event.pgh_label, event.pgh_label),
                person=people.get(context.get("user"), _("后台作业")),
                address=context.get("address", ""),
                differences=_differences(type(record), previous, event),
            )
        )
        previous = event
    return entries[::-1]


def last_change(record: models.Model) -> tuple[str, dt.datetime | None]:
    """Who changed a record last, and when; an empty name where no person did or no history is kept."""
    if not hasattr(type(record), "pgh_event_model"):
        return "", None
    event = events_of(record).last()
    if event is None:
        return "", None
    return _people([event]).get((event.pgh_context or {}).get("user"), ""), event.pgh_created_at


def moments_of(*records: models.Model) -> list[Moment]:
    """The histories of several records as one, newest first, ready for the timeline.

    The first record is the page's own; the entries of the others say which record they are about.
    """
    moments = [
        Moment(
            when=entry.at,
            title=entry.label if place == 0 else f"{entry.label} {record._meta.verbose_name}：{record}",
            who=" · ".join(filter(None, [entry.person, entry.address])),
            changes=[Change(each.label, each.before, each.after) for each in entry.differences],
        )
        for place, record in enumerate(records)
        for entry in history_of(record)
    ]
    return sorted(moments, key=lambda moment: moment.when, reverse=True)


def _people(events: list[Any]) -> dict[Any, str]:
    keys = [key for event in events if (key := (event.pgh_context or {}).get("user")) is not None]
    return {user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=keys)}


def _differences(model: type[models.Model], before: Any, after: Any) -> list[Difference]:
    if after.pgh_label == DELETE:
        return []
    found = []
    for field in model._meta.concrete_fields:
        # What nobody can enter (keys, versions, derived pinyin) would only be noise beside what somebody did.
        if field.primary_key or not field.editable or not hasattr(after, field.attname):
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(after, field.attname)
        if old != new and not (before is None and new in (None, "")):
            found.append(Difference(str(field.verbose_name), _words(field, old), _words(field, new)))
    return found


def _words(field: models.Field[Any, Any], value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.ForeignKey):
        target = field.related_model._default_manager.filter(pk=value).first()
        return str(target) if target is not None else f"#{value}"
    return format_moment(value, with_year=True) if isinstance(value, dt.datetime) else str(value)
