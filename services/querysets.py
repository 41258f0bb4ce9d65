"""Reads of the 1+X service systems."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from communities.querysets import in_term
from communities.roles import Role
from communities.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from services.models import Organisation, ServiceCentre, Standard, Standardisation  # noqa: F401

_EDITORS = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})


class ServiceCentreQuerySet(ScopedQuerySet["ServiceCentre"]):
    """Service centres."""

    community_path = "community"
    editors = _EDITORS


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


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    """Party, autonomous and social organisations."""

    unit_path = "unit"
    community_path = "community"
    editors = _EDITORS

    def on_day(self, day: dt.date) -> Self:
        """Organisations that existed on `day`."""
        return self.filter(in_term(day))

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
