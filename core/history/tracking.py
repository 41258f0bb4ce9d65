"""History kept by the database: which models have it, and who changed a record last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pghistory
from django.contrib.auth import get_user_model
from django.db import models

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


def event_model(model: type[models.Model]) -> Any:
    """The history model of a tracked model."""
    return getattr(model, "pgh_event_model")  # noqa: B009


def events_of(record: models.Model) -> models.QuerySet[Any]:
    """The raw history rows of a record, oldest first. The relation is invisible to type checkers."""
    events: models.QuerySet[Any] = event_model(type(record))._default_manager.filter(pgh_obj_id=record.pk)
    return events.order_by("pgh_id")


def last_change(record: models.Model) -> tuple[str, dt.datetime | None]:
    """Who changed a record last, and when; an empty name where no person did or no history is kept."""
    if not hasattr(type(record), "pgh_event_model"):
        return "", None
    event = events_of(record).last()
    if event is None:
        return "", None
    return people_of([event]).get(context_of(event).get("user"), ""), event.pgh_created_at


def context_of(event: Any) -> dict[str, Any]:
    """What the event keeps of the request that made it; empty for a job or a command."""
    found: dict[str, Any] = event.pgh_context or {}
    return found


def people_of(events: Iterable[Any]) -> dict[Any, str]:
    """The names of the people behind events, by key. One query, none where nobody is named."""
    keys = {key for event in events if (key := context_of(event).get("user")) is not None}
    return {user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=keys)} if keys else {}
