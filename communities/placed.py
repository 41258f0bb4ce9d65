"""Records that stand in a community, seen by where and as what the community counts now."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F, FilteredRelation, Q

from communities.scoping import ScopedQuerySet

M = TypeVar("M", bound=models.Model)


class PlacedQuerySet(ScopedQuerySet[M]):
    """A scoped queryset whose rows stand in a community (`community_path`)."""

    community_path: ClassVar[str | None] = "community"

    def with_place(self) -> Self:
        """Adds `place_unit`, `place_code`, `place_order`, `place_type`, `place_population`; and `placed`, to filter by.

        None where the community counts nowhere now. One joined row at most, by a unique constraint.
        """
        path = f"{self.community_path}__placements"
        return self.annotate(
            placed=FilteredRelation(path, condition=Q(**{f"{path}__valid_until__isnull": True})),
            place_unit=F("placed__unit__short_name"),
            place_code=F("placed__unit__code"),
            place_order=F("placed__unit__order"),
            place_type=F("placed__type"),
            place_population=F("placed__population"),
        )
