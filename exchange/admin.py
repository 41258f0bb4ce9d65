"""Support access to uploads: to look, not to touch."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from exchange.models import Batch, ColumnMap


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Uploads. Taken over and taken back on their own pages alone."""

    list_display = ["original_name", "target", "place", "state", "uploaded_by", "uploaded_at"]
    list_filter = ["state", "target", "place"]
    search_fields = ["original_name", "sha256"]
    ordering = ["-pk"]


@admin.register(ColumnMap)
class ColumnMapAdmin(ReadOnlyAdmin):
    """Remembered columns."""

    list_display = ["target", "place", "signature"]
    list_filter = ["target", "place"]
