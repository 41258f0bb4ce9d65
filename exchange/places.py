"""Whose batches a person may see, and where they may upload. A higher app says so: this one knows no units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

CITY = "city"


@dataclass(frozen=True)
class Places:
    """Codes of places. `seen` is None for somebody who sees every place's batches; `names` are those of all places."""

    seen: frozenset[str] | None = frozenset()
    entered: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def entered_choices(self) -> list[tuple[str, str]]:
        """Where the person may upload, in the order of `names`."""
        return [(code, name) for code, name in self.names.items() if code in self.entered]


NOWHERE = Places()


def places_of(user: Any) -> Places:
    """What the function named by `settings.EXCHANGE_PLACES_OF` gives for the user; remembered for the request."""
    if not getattr(user, "is_authenticated", False) or not settings.EXCHANGE_PLACES_OF:
        return NOWHERE
    known: Places | None = getattr(user, "_exchange_places", None)
    if known is None:
        hook: Callable[[Any], Places] = import_string(settings.EXCHANGE_PLACES_OF)
        known = user._exchange_places = hook(user)
    return known


def capacity_of(user: Any) -> list[list[str]]:
    """The roles in which the user acts, for history: what `settings.EXCHANGE_CAPACITY_OF` gives; none without it."""
    if not settings.EXCHANGE_CAPACITY_OF:
        return []
    hook: Callable[[Any], list[list[str]]] = import_string(settings.EXCHANGE_CAPACITY_OF)
    return hook(user)
