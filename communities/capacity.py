"""In which capacity a person acts: the roles held at that moment, noted with every change that a request makes.

Noted when it happens, not computed afterwards: a term that is ended the same day, or withdrawn, leaves no trace in
the memberships, and a unit may be called something else by then.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pghistory
from django.http import HttpRequest
from pghistory.middleware import WSGIRequest

from accounts.middleware import PersonHistoryMiddleware
from accounts.querysets import administrator_kind
from communities.models import Membership
from core.periods import today

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def roles_of(user: Any) -> list[list[str]]:
    """Roles held today as pairs of code and place, the place empty for the city's and where there are several.

    Somebody without one may be one of the three administrators. One or two queries, remembered on the person.
    """
    if not getattr(user, "is_authenticated", False):
        return []
    known: list[list[str]] | None = getattr(user, "_capacities", None)
    if known is None:
        known = user._capacities = _read_roles(user)
    return known


def _read_roles(user: Any) -> list[list[str]]:
    places: defaultdict[str, list[str]] = defaultdict(list)
    held = Membership.objects.filter(user=user.pk).in_term(today()).select_related("unit", "community")
    for membership in held.order_by("role", "pk"):
        place = membership.unit or membership.community
        places[membership.role].append(str(place) if place is not None else "")
    if not places:
        kind = administrator_kind(user)
        return [[kind, ""]] if kind is not None else []
    return [[role, names[0] if len(set(names)) == 1 else ""] for role, names in places.items()]


class _Request(WSGIRequest):
    """A request whose person may be found out late (a program's token): the capacity follows the person."""

    def __setattr__(self, attr: str, value: Any) -> None:
        super().__setattr__(attr, value)  # type: ignore[no-untyped-call]
        if attr == "user":
            pghistory.context(roles=roles_of(value))


class CapacityHistoryMiddleware(PersonHistoryMiddleware):
    """Adds the roles held to the history of every change made while a request is served. Reading costs nothing."""

    def __init__(self, get_response: Any) -> None:
        def follow(request: HttpRequest) -> Any:
            if type(request) is WSGIRequest and request.method not in _READS:
                request.__class__ = _Request
            return get_response(request)

        super().__init__(follow)  # type: ignore[no-untyped-call]

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """The context that each event row keeps."""
        found = super().get_context(request)
        return found if request.method in _READS else {**found, "roles": roles_of(request.user)}
