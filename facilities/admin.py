"""Support access to construction: reading. Writes go through the actions, on the pages."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from facilities.models import Photo, Project, StageEvent


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    """Projects."""

    list_display = ("community", "name", "kind", "planned_start", "planned_finish")
    list_filter = ("kind", "is_sample")
    search_fields = ("name", "community__name", "community__code")
    list_select_related = ("community",)


@admin.register(StageEvent)
class StageEventAdmin(ReadOnlyAdmin):
    """Stages."""

    list_display = ("project", "stage", "occurred_on", "basis", "recorded_by", "recorded_at")
    list_filter = ("stage",)
    list_select_related = ("project__community", "recorded_by")


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    """Photos, without the place where they were taken: that is for the unit and the city office alone."""

    list_display = ("project", "stage", "spot", "month", "uploaded_by", "uploaded_at", "withdrawn_at")
    list_filter = ("stage",)
    list_select_related = ("project__community", "month", "uploaded_by")
    exclude = ("original", "display", "thumb", "taken_lat", "taken_lon")
