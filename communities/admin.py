"""Support access to the ground floor: reading only. Grants are read by the security administrator."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from accounts.models import AdministratorKind
from communities.models import (
    Community,
    Division,
    Membership,
    Placement,
    ReportingMonth,
    ReportingQuarter,
    ReportingUnit,
    Succession,
)


@admin.register(Division)
class DivisionAdmin(ReadOnlyAdmin):
    """The statutory tree, which holds no business data."""

    readers = frozenset({AdministratorKind.SYSTEM})
    list_display = ["code", "name", "level", "valid_from", "valid_until"]
    list_filter = ["level"]
    search_fields = ["^code", "name"]


@admin.register(ReportingUnit)
class ReportingUnitAdmin(ReadOnlyAdmin):
    """The ten units."""

    readers = frozenset({AdministratorKind.SYSTEM, AdministratorKind.SECURITY})
    list_display = ["code", "name", "short_name", "kind", "order"]


@admin.register(Community)
class CommunityAdmin(ReadOnlyAdmin):
    """Communities: business data, which none of the three administrators reads."""

    list_display = ["code", "name", "households", "pilot_from", "version", "is_sample"]
    search_fields = ["^code", "name", "initials"]


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    """Where, and as what, communities counted."""

    list_display = ["community", "unit", "type", "population", "category", "valid_from", "valid_until"]
    list_filter = ["unit", "type", "population"]
    list_select_related = ["community", "unit"]


@admin.register(Succession)
class SuccessionAdmin(ReadOnlyAdmin):
    """What became of communities."""

    list_display = ["predecessor", "kind", "successor", "effective_on"]
    list_select_related = ["predecessor", "successor"]


@admin.register(ReportingMonth, ReportingQuarter)
class PeriodAdmin(ReadOnlyAdmin):
    """Reporting periods."""

    readers = frozenset({AdministratorKind.SYSTEM})
    list_display = ["__str__", "state", "opens_on", "due_on", "due_reason"]
    list_filter = ["state"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who may act where."""

    readers = frozenset({AdministratorKind.SECURITY})
    list_display = ["user", "role", "unit", "community", "valid_from", "valid_until", "granted_by"]
    list_filter = ["role", "unit"]
    list_select_related = ["user", "unit", "community", "granted_by"]
    search_fields = ["user__username", "user__full_name"]
