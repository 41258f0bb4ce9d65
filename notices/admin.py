"""Support access to notices: to look, not to touch."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from notices.models import Delivery, Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What was said."""

    list_display = ["title", "kind_label", "about", "step", "sender", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "about"]
    ordering = ["-pk"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """To whom it went. A message that could not be sent stands here with its reason."""

    list_display = ["notice", "recipient", "channel_label", "state", "sent_at", "seen_at", "signed_at", "error"]
    list_filter = ["state", "channel"]
    ordering = ["-pk"]
