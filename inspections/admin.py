"""Support access to inspection: reading. Writes go through the actions, on the pages."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from inspections.models import Inspection, ItemScore, Round, ScoringSheet, SheetItem


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    """Rounds."""

    list_display = ("name", "quarter", "plan_number", "sheet", "starts_on", "ends_on", "state")
    list_select_related = ("quarter", "sheet")


@admin.register(ScoringSheet)
class ScoringSheetAdmin(ReadOnlyAdmin):
    """Scoring sheets."""

    list_display = ("title", "code", "edition", "full_marks", "is_proposal", "effective_from")


@admin.register(SheetItem)
class SheetItemAdmin(ReadOnlyAdmin):
    """Lines of scoring sheets."""

    list_display = ("sheet", "order", "section", "title", "full_marks")
    list_select_related = ("sheet",)


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    """Inspections."""

    list_display = ("community", "round", "inspected_on", "inspector", "submitted_at", "total")
    search_fields = ("community__name", "community__code")
    list_select_related = ("community", "round", "inspector")


@admin.register(ItemScore)
class ItemScoreAdmin(ReadOnlyAdmin):
    """Scores of single items."""

    list_display = ("inspection", "item", "deduction", "reason")
    list_select_related = ("inspection__community", "item")
