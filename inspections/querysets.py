"""Reads of inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from communities.models import Community
from communities.roles import Role
from communities.scoping import ScopedQuerySet, reach_of
from core.periods import Quarter

if TYPE_CHECKING:
    from communities.querysets import CommunityQuerySet
    from inspections.models import Inspection, ItemScore, Round, ScoringSheet, SheetItem  # noqa: F401


class RoundQuerySet(ScopedQuerySet["Round"]):
    """Quarterly rounds. Everybody with a role reads them; the city office runs them."""

    def of_quarter(self, quarter: Quarter) -> Self:
        """The rounds of a quarter."""
        return self.filter(quarter__year=quarter.year, quarter__number=quarter.number)


class ScoringSheetQuerySet(ScopedQuerySet["ScoringSheet"]):
    """Scoring sheets. Everybody with a role reads them."""


class SheetItemQuerySet(ScopedQuerySet["SheetItem"]):
    """Items of a sheet."""


class InspectionQuerySet(ScopedQuerySet["Inspection"]):
    """Inspections of communities."""

    community_path = "community"
    editors = frozenset({Role.CITY_OFFICE, Role.INSPECTOR})

    def communities_for(self, user: Any) -> CommunityQuerySet:
        """Communities that the person may inspect: all for the city office, an inspector's own stops."""
        reach = reach_of(user)
        if Role.CITY_OFFICE in reach.city:
            return Community.objects.all()
        return Community.objects.filter(pk__in=reach.communities_as({Role.INSPECTOR}))

    def submitted(self) -> Self:
        """Those that are submitted, locked and counted."""
        return self.filter(submitted_at__isnull=False)

    def of_quarter(self, quarter: Quarter) -> Self:
        """Those of a quarter's rounds."""
        return self.filter(round__quarter__year=quarter.year, round__quarter__number=quarter.number)


class ItemScoreQuerySet(ScopedQuerySet["ItemScore"]):
    """Scores of single items."""

    community_path = "inspection__community"
    editors = frozenset({Role.CITY_OFFICE, Role.INSPECTOR})
