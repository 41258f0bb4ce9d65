"""Which kinds of work there are, and what does each. Filled by higher apps in their `AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Payload = Mapping[str, int | str]
# Takes the job's key and payload; what it returns (a few numbers, or None) is kept as the job's result.
Handler = Callable[[str, Payload], dict[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    """A kind of work: its code, its handler, its name on the page and its lease in seconds."""

    code: str
    handler: Handler
    label: str | Promise
    lease_seconds: int


_kinds: dict[str, Kind] = {}


def register(kind: str, handler: Handler, *, label: str | Promise, lease_seconds: int = 120) -> None:
    """Say who does work of this kind.

    The handler runs inside a transaction together with the end of the job: all its writes or none. It may be
    called again for the same key at any time, so it must set what is right, never add to what is there.
    `lease_seconds` bounds its silence: a handler that holds its transaction longer without a word to the
    database loses the job. Raises ValueError when the kind has another handler already.
    """
    known = _kinds.get(kind)
    if known is not None and known.handler is not handler:
        raise ValueError(f"the job kind {kind!r} is registered twice")
    _kinds[kind] = Kind(kind, handler, label, lease_seconds)


def forget(kind: str) -> None:
    """Take a kind away again; for tests."""
    _kinds.pop(kind, None)


def find(kind: str) -> Kind | None:
    """The kind with this code, or None: another version of the portal may know more."""
    return _kinds.get(kind)


def get(kind: str) -> Kind:
    """The kind with this code. Raises LookupError, naming it, when nothing does such work."""
    try:
        return _kinds[kind]
    except KeyError:
        raise LookupError(f"no handler is registered for the job kind {kind!r}") from None


def codes() -> list[str]:
    """All kinds that this process can do."""
    return sorted(_kinds)
