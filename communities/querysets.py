"""Reads of the ground floor, in the domain's words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from accounts.models import AdministratorKind
from accounts.querysets import administrator_kind
from communities.roles import UNIT_ROLES, Role
from communities.scoping import ScopedQuerySet, reach_of
from core.periods import today

if TYPE_CHECKING:
    from communities.models import (  # noqa: F401
        Absence,
        Community,
        Division,
        Membership,
        Placement,
        ReportingMonth,
        ReportingQuarter,
        ReportingUnit,
        Succession,
    )


def in_term(day: dt.date, *, prefix: str = "") -> Q:
    """Rows whose term (`valid_from`, exclusive `valid_until`) holds on `day`."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": day})
    )


def is_security_administrator(user: Any) -> bool:
    """Whether the person grants roles. Asked of the database each time: posts change."""
    return bool(user.is_active) and administrator_kind(user) == AdministratorKind.SECURITY


class DivisionQuerySet(ScopedQuerySet["Division"]):
    """Statutory divisions. Everybody with a role reads them; they change with the reference data alone."""

    editors = frozenset()

    def on_day(self, day: dt.date) -> Self:
        """Divisions that existed on `day`, as far as the catalogue knows."""
        return self.filter(in_term(day))

    def of_unit(self, unit: ReportingUnit) -> Self:
        """Townships and villages that `unit` answers for.

        A zone's are those of its member townships; a county's are its own without any zone's.
        """
        if unit.division_id is None:
            return self.filter(Q(unitmember__unit=unit) | Q(parent__unitmember__unit=unit))
        return self.filter(
            Q(parent=unit.division_id, unitmember__isnull=True)
            | Q(parent__parent=unit.division_id, parent__unitmember__isnull=True)
        )


class ReportingUnitQuerySet(ScopedQuerySet["ReportingUnit"]):
    """The ten reporting units. Everybody with a role reads their names."""

    editors = frozenset()

    def writable_by(self, user: Any) -> Self:
        """Units in which the person may enter records: all for the city office, their own for county entry."""
        reach = reach_of(user)
        if Role.CITY_OFFICE in reach.city:
            return self
        return self.filter(pk__in=reach.units_as({Role.COUNTY_ENTRY}))

    def reached_by(self, user: Any) -> Self:
        """Units in which the person sees communities: what a filter offers."""
        reach = reach_of(user)
        if reach.city:
            return self
        placed = {"placements__community__in": list(reach.communities), "placements__valid_until__isnull": True}
        return self.filter(Q(pk__in=list(reach.units)) | Q(**placed)).distinct()


class CommunityQuerySet(ScopedQuerySet["Community"]):
    """Communities."""

    community_path = "pk"
    editors = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})

    def with_placement(self) -> Self:
        """Adds where and as what each counts now, None where it has ended.

        `unit_id`, `unit_name`, `unit_code`, `unit_order`, `type`, `population`, `category`; `present` is the
        joined placement, to filter by. It is one row at most, by a unique constraint.
        """
        return self.annotate(
            present=FilteredRelation("placements", condition=Q(placements__valid_until__isnull=True)),
            unit_id=F("present__unit"),
            unit_name=F("present__unit__short_name"),
            unit_code=F("present__unit__code"),
            unit_order=F("present__unit__order"),
            type=F("present__type"),
            population=F("present__population"),
            category=F("present__category"),
        )

    def standing(self) -> Self:
        """Communities that have a present placement. Needs `with_placement`."""
        return self.filter(present__isnull=False)

    def ended(self) -> Self:
        """Communities that were merged or ended. Needs `with_placement`."""
        return self.filter(present__isnull=True)

    def pilots(self, day: dt.date) -> Self:
        """Communities that were a pilot on `day`."""
        return self.filter(Q(pilot_from__lte=day) & (Q(pilot_until__isnull=True) | Q(pilot_until__gt=day)))

    def search(self, text: str) -> Self:
        """By part of the name, the beginning of the code, or pinyin initials."""
        word = text.strip()
        if not word:
            return self
        return self.filter(
            Q(name__icontains=word)
            | Q(code__istartswith=word)
            | Q(initials__contains=word.lower())
            | Q(pinyin__startswith=word.lower().replace(" ", ""))
        )


class PlacementQuerySet(ScopedQuerySet["Placement"]):
    """Dated placements: where, and as what, a community counted."""

    community_path = "community"
    editors = frozenset({Role.CITY_OFFICE})

    def current(self) -> Self:
        """The open-ended placement of each community."""
        return self.filter(valid_until__isnull=True)

    def newest(self) -> Self:
        """The placement of each community that began last: the open-ended one, or where it stood when it ended."""
        later = self.model._default_manager.filter(
            community=OuterRef("community"), valid_from__gt=OuterRef("valid_from")
        )
        return self.filter(~Exists(later))

    def on_day(self, day: dt.date) -> Self:
        """The placement of each community as it was on `day`: at most one each."""
        return self.filter(in_term(day))

    def programme(self) -> Self:
        """New communities of the programme (89)."""
        return self.filter(population="programme")

    def existing(self) -> Self:
        """Communities that existed before (330). Never a shared denominator with the 89."""
        return self.filter(population="existing")


class SuccessionQuerySet(ScopedQuerySet["Succession"]):
    """What became of communities."""

    community_path = "predecessor"
    editors = frozenset({Role.CITY_OFFICE})


class ReportingMonthQuerySet(ScopedQuerySet["ReportingMonth"]):
    """Reporting months. Everybody with a role reads them; the city office opens and moves them."""

    def current(self) -> ReportingMonth | None:
        """The newest open month, or None."""
        return self.filter(state="open").order_by("-year", "-number").first()


class ReportingQuarterQuerySet(ScopedQuerySet["ReportingQuarter"]):
    """Reporting quarters."""

    def open(self) -> Self:
        """Open quarters: the only ones that are computed."""
        return self.filter(state="open")

    def chronological(self) -> Self:
        """Oldest first."""
        return self.order_by("year", "number")

    def current(self) -> ReportingQuarter | None:
        """The newest open quarter, or None."""
        return self.open().order_by("-year", "-number").first()


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    """Who may act where. Shown to the city office; granted and ended by the security administrator."""

    viewers = frozenset({Role.CITY_OFFICE})
    editors = frozenset()

    def visible_to(self, user: Any) -> Self:
        """All for the security administrator, too."""
        return self if is_security_administrator(user) else super().visible_to(user)

    def editable_by(self, user: Any) -> Self:
        """All for the security administrator, none for others."""
        return self if is_security_administrator(user) else self.none()

    def enterable_by(self, user: Any) -> bool:
        """The security administrator, too."""
        return is_security_administrator(user) or super().enterable_by(user)

    def creatable_by(self, user: Any) -> bool:
        """The security administrator."""
        return is_security_administrator(user)

    def ended(self, day: dt.date) -> Self:
        """Memberships that are over on `day`."""
        return self.filter(valid_until__lte=day)

    def ending(self, day: dt.date, days: int) -> Self:
        """Memberships in term on `day` that end within so many days."""
        return self.in_term(day).filter(valid_until__lte=day + dt.timedelta(days=days))

    def to_come(self, day: dt.date) -> Self:
        """Memberships that begin after `day`."""
        return self.filter(valid_from__gt=day)

    def held_together(self, day: dt.date) -> Self:
        """Entry posts in term on `day` whose holder reviews the same unit."""
        others = self.model._default_manager.filter(in_term(day), role=Role.COUNTY_REVIEWER)
        same = others.filter(user=OuterRef("user"), unit=OuterRef("unit"))
        return self.in_term(day).filter(Exists(same), role=Role.COUNTY_ENTRY)

    def in_term(self, day: dt.date) -> Self:
        """Memberships that hold on `day`."""
        return self.filter(in_term(day))

    def reviewing(self, day: dt.date) -> Self:
        """Memberships of county reviewers who are there on `day`: in term, with an account, not away."""
        from communities.models import Absence  # models build on this module

        away = Absence.objects.on_day(day).filter(user=OuterRef("user"))
        return self.in_term(day).filter(~Exists(away), role=Role.COUNTY_REVIEWER, user__is_active=True)


class AbsenceQuerySet(ScopedQuerySet["Absence"]):
    """Who is away when. A unit's own people see and enter those of the unit; the city office all."""

    unit_path = "user__memberships__unit"
    viewers = frozenset({Role.CITY_OFFICE, *UNIT_ROLES})
    editors = viewers

    def on_day(self, day: dt.date) -> Self:
        """Absences that cover `day`."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day), first_day__lte=day, last_day__gte=day)

    def _within(self, units: list[int], communities: list[int]) -> Q:
        from communities.models import Membership

        # A subquery, so that a person with two posts in the unit is no two rows.
        return Q(user__in=Membership.objects.in_term(today()).filter(unit__in=units).values("user"))
