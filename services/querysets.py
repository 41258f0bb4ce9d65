"""Reads of the 1+X service systems."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from communities.placed import PlacedQuerySet
from communities.querysets import in_term
from communities.roles import Role
from communities.scoping import ScopedQuerySet
from facilities.models import StageEvent
from facilities.workflow import Stage

if TYPE_CHECKING:
    from communities.models import ReportingUnit
    from services.models import Organisation, ServiceCentre, Standard, Standardisation  # noqa: F401

_EDITORS = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})


class ServiceCentreQuerySet(PlacedQuerySet["ServiceCentre"]):
    """Service centres."""

    editors = _EDITORS

    def with_stage(self) -> Self:
        """Adds `stage`: that of the project that builds it, None where there is no project."""
        latest = StageEvent.objects.filter(project=OuterRef("project")).latest_first()
        reached = Coalesce(Subquery(latest.values("stage")[:1]), Stage.CONCEIVED.value)
        return self.annotate(stage=Case(When(project__isnull=False, then=reached)))

    def with_standardisation(self) -> Self:
        """Adds `standardised_on`: since when the acceptance in force holds, None where there is none."""
        from services.models import Standardisation  # models build on this module

        current = Standardisation.objects.filter(centre=OuterRef("pk"), valid_until__isnull=True)
        return self.annotate(standardised_on=Subquery(current.values("valid_from")[:1]))

    def search(self, text: str) -> Self:
        """By part of the centre's or the community's name, the code's beginning, or pinyin initials."""
        word = text.strip()
        if not word:
            return self
        return self.filter(
            Q(name__icontains=word)
            | Q(community__name__icontains=word)
            | Q(community__code__istartswith=word)
            | Q(community__initials__contains=word.lower())
        )


class StandardisationQuerySet(ScopedQuerySet["Standardisation"]):
    """Accepted standardisations. Acceptance is the city office's."""

    community_path = "centre__community"
    editors = frozenset({Role.CITY_OFFICE})

    def on_day(self, day: dt.date) -> Self:
        """Acceptances in force on `day`."""
        return self.filter(in_term(day))

    def accepting(self, user: Any) -> bool:
        """Whether the person may accept and withdraw: the city office, everywhere."""
        return self.creatable_by(user)


class OrganisationQuerySet(PlacedQuerySet["Organisation"]):
    """Party, autonomous and social organisations."""

    unit_path = "unit"
    editors = _EDITORS

    def with_place(self) -> Self:
        """As of the community, or of the unit itself where the organisation stands in no community."""
        placed = super().with_place()
        return placed.annotate(
            place_unit=Coalesce(F("unit__short_name"), F("placed__unit__short_name")),
            place_order=Coalesce(F("unit__order"), F("placed__unit__order")),
        )

    def on_day(self, day: dt.date) -> Self:
        """Organisations that existed on `day`."""
        return self.filter(in_term(day))

    def in_unit(self, unit: ReportingUnit) -> Self:
        """Those in the unit's communities and in its villages. The rows need `with_place()`."""
        return self.filter(Q(unit=unit) | Q(placed__unit=unit))

    def search(self, text: str) -> Self:
        """By part of its name, its community's name or its village's name."""
        word: Any = text.strip()
        if not word:
            return self
        return self.filter(
            Q(name__icontains=word) | Q(community__name__icontains=word) | Q(village_name__icontains=word)
        )


class StandardQuerySet(ScopedQuerySet["Standard"]):
    """The catalogue of checkable standards. Everybody with a role reads it."""

    editors = frozenset()
