"""Reads of inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from communities.models import Community
from communities.placed import PlacedQuerySet
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


class InspectionQuerySet(PlacedQuerySet["Inspection"]):
    """Inspections of communities."""

    editors = frozenset({Role.CITY_OFFICE, Role.INSPECTOR})

    def communities_for(self, user: Any) -> CommunityQuerySet:
        """Communities that the person may inspect: all for the city office, an inspector's own stops."""
        reach = reach_of(user)
        if Role.CITY_OFFICE in reach.city:
            return Community.objects.all()
        return Community.objects.filter(pk__in=reach.communities_as({Role.INSPECTOR}))

    def with_progress(self) -> Self:
        """Adds `scored` and `items`: how many of the sheet's items have been scored, and how many there are."""
        from inspections.models import ItemScore, SheetItem  # models build on this module

        scored = ItemScore.objects.filter(inspection=OuterRef("pk")).order_by().values("inspection")
        items = SheetItem.objects.filter(sheet=OuterRef("round__sheet")).order_by().values("sheet")
        return self.annotate(
            scored=Coalesce(Subquery(scored.annotate(n=Count("pk")).values("n")), 0),
            items=Coalesce(Subquery(items.annotate(n=Count("pk")).values("n")), 0),
        )

    def search(self, text: str) -> Self:
        """By part of the community's name, the code's beginning, or pinyin initials."""
        word = text.strip()
        if not word:
            return self
        return self.filter(
            Q(community__name__icontains=word)
            | Q(community__code__istartswith=word)
            | Q(community__initials__contains=word.lower())
        )

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
