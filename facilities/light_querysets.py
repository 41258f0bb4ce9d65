"""Reads of light thresholds and of the marks that red lights leave."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from communities.placed import PlacedQuerySet
from communities.roles import Role
from communities.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from facilities.models import LightThreshold, RedMark  # noqa: F401


class LightThresholdQuerySet(ScopedQuerySet["LightThreshold"]):
    """Thresholds. Everybody reads them, the city office sets them."""

    editors = frozenset({Role.CITY_OFFICE})

    def on_day(self, day: dt.date) -> LightThreshold | None:
        """The set in force on `day`; None before the first."""
        return self.filter(valid_from__lte=day).order_by("-valid_from").first()


class RedMarkQuerySet(PlacedQuerySet["RedMark"]):
    """Marks of red lights. The portal alone adds them."""

    community_path = "project__community"
    editors = frozenset()

    def by(self, day: dt.date) -> Self:
        """Marks set by `day`."""
        return self.filter(red_on__lte=day)
