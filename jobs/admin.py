"""Support access to the ledger: to look, not to touch. A parked job is retried on the ledger's own page."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs. The row is the only record of the work: changed by hand it would no longer say what happened."""

    list_display = ["kind_label", "key", "period", "state", "attempts", "created_at", "finished_at"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "error"]
    ordering = ["-pk"]
