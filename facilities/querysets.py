"""Reads of construction."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from communities.placed import PlacedQuerySet
from communities.roles import Role
from communities.scoping import ScopedQuerySet
from facilities.workflow import Stage

if TYPE_CHECKING:
    from facilities.models import Project, StageEvent  # noqa: F401


class ProjectQuerySet(PlacedQuerySet["Project"]):
    """Construction projects."""

    editors = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})

    def with_stage(self, day: dt.date | None = None) -> Self:
        """Adds `stage` and `stage_on`: the latest row by `day` (by now unless given). Without one: 谋划, None."""
        from facilities.models import StageEvent  # models build on this module

        events = StageEvent.objects.filter(project=OuterRef("pk"))
        if day is not None:
            events = events.filter(occurred_on__lte=day)
        latest = events.latest_first()
        return self.annotate(
            stage=Coalesce(Subquery(latest.values("stage")[:1]), Stage.CONCEIVED.value),
            stage_on=Subquery(latest.values("occurred_on")[:1]),
        )

    def reached(self, stage: Stage, day: dt.date) -> Self:
        """Projects that stood at `stage` or later on `day`."""
        return self.with_stage(day).filter(stage__gte=stage)

    def search(self, text: str) -> Self:
        """By part of the project's or the community's name, the code's beginning, or pinyin initials."""
        word = text.strip()
        if not word:
            return self
        return self.filter(
            Q(name__icontains=word)
            | Q(community__name__icontains=word)
            | Q(community__code__istartswith=word)
            | Q(community__initials__contains=word.lower())
        )

    def service_centres(self) -> Self:
        """Projects that build a community's service centre."""
        return self.filter(kind="service_centre")


class StageEventQuerySet(ScopedQuerySet["StageEvent"]):
    """Dated stages."""

    community_path = "project__community"
    editors = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})

    def latest_first(self) -> Self:
        """Newest first: by day, then by the order of entry."""
        return self.order_by("-occurred_on", "-pk")
