"""Which kinds of notices there are. Filled by higher apps in their `AppConfig.ready()`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Kind:
    """A kind of notice: its code, its name on the page, and whether it also goes out by the channels outside."""

    code: str
    label: str | Promise
    outside: bool


_kinds: dict[str, Kind] = {}


def register(code: str, *, label: str | Promise, outside: bool = False) -> None:
    """Say that there is such a kind. `outside`: it is urgent enough for a message to the person's telephone.

    Raises ValueError where the code says something else already.
    """
    kind = Kind(code, label, outside)
    if _kinds.setdefault(code, kind) != kind:
        raise ValueError(f"the notice kind {code!r} is registered twice")


def forget(code: str) -> None:
    """Take a kind away again; for tests."""
    _kinds.pop(code, None)


def find(code: str) -> Kind | None:
    """The kind with this code, or None: another version of the portal may know more."""
    return _kinds.get(code)


def get(code: str) -> Kind:
    """The kind with this code. Raises LookupError, naming it, where nothing of the kind is registered."""
    try:
        return _kinds[code]
    except KeyError:
        raise LookupError(f"the notice kind {code!r} is not registered") from None


def choices() -> list[tuple[str, str | Promise]]:
    """All kinds with their names, for a filter."""
    return [(code, _kinds[code].label) for code in sorted(_kinds)]
