"""The one rule of who sees and changes what.

A queryset states only its path to the reporting unit or to the community; this module turns
*person + path* into a filter. Access ends when the membership's term does, on the next request.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from communities.roles import EVERYBODY, Role
from core.periods import today

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Reach:
    """Where a person may act today, and as what."""

    city: frozenset[str]
    units: dict[int, frozenset[str]]
    communities: dict[int, frozenset[str]]

    @property
    def roles(self) -> frozenset[str]:
        """Every role held anywhere."""
        return self.city.union(*self.units.values(), *self.communities.values())

    def units_as(self, roles: Iterable[str]) -> list[int]:
        """Keys of the units in which one of `roles` is held."""
        wanted = set(roles)
        return [unit for unit, held in self.units.items() if held & wanted]

    def communities_as(self, roles: Iterable[str]) -> list[int]:
        """Keys of the communities in which one of `roles` is held."""
        wanted = set(roles)
        return [community for community, held in self.communities.items() if held & wanted]


NOWHERE = Reach(frozenset(), {}, {})


def reach_of(user: Any, day: dt.date | None = None) -> Reach:
    """Where `user` may act on `day` (today in Shanghai unless given). One query, remembered for the request."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return NOWHERE
    known: Reach | None = getattr(user, "_reach", None)
    if known is not None and day is None:
        return known
    reach = _read_reach(user, day or today())
    if day is None:
        user._reach = reach
    return reach


def _read_reach(user: Any, day: dt.date) -> Reach:
    from communities.models import Membership

    city: set[str] = set()
    units: defaultdict[int, set[str]] = defaultdict(set)
    communities: defaultdict[int, set[str]] = defaultdict(set)
    rows = Membership.objects.filter(user=user).in_term(day).values_list("role", "unit_id", "community_id")
    for role, unit, community in rows:
        if unit is not None:
            units[unit].add(role)
        elif community is not None:
            communities[community].add(role)
        else:
            city.add(role)
    return Reach(
        frozenset(city),
        {key: frozenset(held) for key, held in units.items()},
        {key: frozenset(held) for key, held in communities.items()},
    )


def role_codes_of(user: Any) -> frozenset[str]:
    """The codes of the roles a person holds today anywhere."""
    return reach_of(user).roles


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that can be narrowed to what a person may see and change."""

    # Lookup to the reporting unit's key, for records that stand in a unit and in no community.
    unit_path: ClassVar[str | None] = None
    # Lookup to the community's key. A unit role reaches the communities whose newest placement is in its unit:
    # those that ended stay with the unit where they ended, and their history with them.
    community_path: ClassVar[str | None] = None
    # Lookup to a community whose placement need not be asked: rows without either path are the city's.
    viewers: ClassVar[frozenset[str]] = EVERYBODY
    editors: ClassVar[frozenset[str]] = frozenset({Role.CITY_OFFICE})

    def visible_to(self, user: Any) -> Self:
        """Rows the person may see today."""
        return self._reached(reach_of(user), self.viewers)

    def editable_by(self, user: Any) -> Self:
        """Rows the person may change today."""
        return self._reached(reach_of(user), self.editors)

    def enterable_by(self, user: Any) -> bool:
        """Whether the person holds a viewing role anywhere today."""
        return bool(reach_of(user).roles & self.viewers)

    def creatable_by(self, user: Any) -> bool:
        """Whether the person may add a row anywhere today."""
        return bool(reach_of(user).roles & self.editors)

    def place_words(self, user: Any) -> str:
        """The places whose rows the person sees, in words: 全市, or their units and communities by name."""
        reach = reach_of(user)
        if reach.city & self.viewers or (self.unit_path is None and self.community_path is None):
            return _("全市")
        return "、".join(names_of_places(reach.units_as(self.viewers), reach.communities_as(self.viewers)))

    def _reached(self, reach: Reach, roles: frozenset[str]) -> Self:
        if reach.city & roles:
            return self
        if self.unit_path is None and self.community_path is None:
            return self if reach.roles & roles else self.none()
        return self.filter(self._within(reach.units_as(roles), reach.communities_as(roles)))

    def _within(self, units: list[int], communities: list[int]) -> Q:
        from communities.models import Placement

        found = Q(pk__in=[])
        if self.unit_path is not None and units:
            found |= Q(**{f"{self.unit_path}__in": units})
        if self.community_path is not None:
            if units:
                placed = Placement.objects.newest().filter(unit__in=units).values("community")
                found |= Q(**{f"{self.community_path}__in": placed})
            if communities:
                found |= Q(**{f"{self.community_path}__in": communities})
        return found


def names_of_places(units: Iterable[int], communities: Iterable[int]) -> list[str]:
    """Names of units and communities by key, the units in their statutory order first."""
    from communities.models import Community, ReportingUnit

    named = ReportingUnit.objects.filter(pk__in=units).order_by("order").values_list("short_name", flat=True)
    return [*named, *Community.objects.filter(pk__in=communities).order_by("pinyin").values_list("name", flat=True)]
