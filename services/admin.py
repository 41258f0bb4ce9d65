"""Support access to the 1+X services: reading. Writes go through the actions, on the pages."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from services.models import Organisation, ServiceCentre, Standard, Standardisation


@admin.register(ServiceCentre)
class ServiceCentreAdmin(ReadOnlyAdmin):
    """Centres."""

    list_display = ("name", "community", "project", "area", "is_sample")
    search_fields = ("name", "community__name", "community__code")
    list_select_related = ("community", "project__community")


@admin.register(Standardisation)
class StandardisationAdmin(ReadOnlyAdmin):
    """Acceptances."""

    list_display = ("centre", "valid_from", "valid_until", "basis", "reason", "accepted_by")
    list_select_related = ("centre", "accepted_by")


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    """Organisations."""

    list_display = ("name", "kind", "counting_rule", "community", "unit", "village_name", "valid_from", "valid_until")
    list_filter = ("kind", "counting_rule", "is_sample")
    search_fields = ("name", "village_name", "community__name")
    list_select_related = ("community", "unit")


@admin.register(Standard)
class StandardAdmin(ReadOnlyAdmin):
    """The catalogue of standards."""

    list_display = ("code", "dimension", "role", "item", "city", "town", "rural", "certainty")
    search_fields = ("code", "item")
