"""Support access to the working machinery: reading only, and for none of the three administrators."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from coordination.models import Pairing, PolicyDocument, SupportTeam


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(ReadOnlyAdmin):
    """Policy documents."""

    list_display = ["title", "number", "issued_on", "certainty", "version"]


@admin.register(SupportTeam)
class SupportTeamAdmin(ReadOnlyAdmin):
    """Work teams."""

    list_display = ["name", "department", "is_sample"]
    search_fields = ["name", "department"]


@admin.register(Pairing)
class PairingAdmin(ReadOnlyAdmin):
    """Which team supports which pilot."""

    list_display = ["team", "community", "valid_from", "valid_until"]
    list_select_related = ["team", "community"]
