"""Reads of plans."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db.models import F, OuterRef, Q, Subquery

from communities.placed import PlacedQuerySet
from communities.roles import Role

if TYPE_CHECKING:
    from facilities.models import PlannedStage  # noqa: F401


class PlannedStageQuerySet(PlacedQuerySet["PlannedStage"]):
    """Plans of steps, each with those that it replaced."""

    community_path = "project__community"
    editors = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})

    def known_on(self, day: dt.date) -> Self:
        """Plans that held by `day` or before; a step's first plan counts as known from the beginning."""
        return self.filter(Q(holds_from__isnull=True) | Q(holds_from__lte=day))

    def latest_of_each(self) -> Self:
        """The plan in force of each project's step."""
        return self.order_by("project_id", "stage", "-pk").distinct("project_id", "stage")

    def entered(self) -> Self:
        """Plans that somebody entered after the registration, which brings its own two days."""
        return self.filter(Q(holds_from__isnull=False) | Q(recorded_by__isnull=False))

    def first_of_each(self) -> Self:
        """The first plan of each project's step."""
        return self.filter(holds_from__isnull=True)

    def day_of(self, stage: int, day: dt.date, project: OuterRef) -> Subquery:
        """As an expression: for when a project's step was planned, as far as was known on `day`."""
        rows = (
            self.filter(project=project, stage=stage)
            .known_on(day)
            .order_by(F("holds_from").desc(nulls_last=True), "-pk")
        )
        return Subquery(rows.values("planned_on")[:1])
