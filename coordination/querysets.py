"""Reads of the working machinery."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from communities.querysets import in_term
from communities.roles import Role
from communities.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from coordination.models import Pairing, PolicyDocument, SupportTeam  # noqa: F401


class PolicyDocumentQuerySet(ScopedQuerySet["PolicyDocument"]):
    """Policy documents. Everybody with a role reads them."""


class SupportTeamQuerySet(ScopedQuerySet["SupportTeam"]):
    """Support teams. Everybody with a role reads their names."""


class PairingQuerySet(ScopedQuerySet["Pairing"]):
    """Which team supports which pilot, from when to when."""

    community_path = "community"
    editors = frozenset({Role.CITY_OFFICE})

    def on_day(self, day: dt.date) -> Self:
        """Pairings in force on `day`."""
        return self.filter(in_term(day))
