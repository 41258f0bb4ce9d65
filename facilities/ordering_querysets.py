"""Reads of the ordering rules and their exemptions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from communities.placed import PlacedQuerySet
from communities.roles import Role
from communities.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from facilities.models import OrderingExemption, OrderingRule  # noqa: F401


class OrderingRuleQuerySet(ScopedQuerySet["OrderingRule"]):
    """Rules of what comes first. Everybody reads them, the city office sets them."""

    editors = frozenset({Role.CITY_OFFICE})

    def on_day(self, day: dt.date) -> Self:
        """Rules in force on `day`."""
        return self.filter(valid_from__lte=day).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))


class OrderingExemptionQuerySet(PlacedQuerySet["OrderingExemption"]):
    """Exemptions. They are the city office's."""

    community_path = "project__community"
    editors = frozenset({Role.CITY_OFFICE})

    def in_force(self) -> Self:
        """Exemptions that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def withdrawn(self) -> Self:
        """Exemptions that were taken back, newest first."""
        return self.filter(withdrawn_at__isnull=False).order_by("-withdrawn_at")
