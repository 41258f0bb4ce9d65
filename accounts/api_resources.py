"""REST resources of accounts: the audit log, for audit administrators."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django.db import DataError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import ResourceViewSet
from accounts.models import AuditEntry
from core.api_fields import Answer


class AuditEntryAnswer(Answer[AuditEntry]):
    """One line of the audit log."""

    detail = serializers.DictField(read_only=True, help_text=_("其他说明。"))

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "username", "verb", "succeeded", "address", "target", "detail"]


class InstantFilter(django_filters.IsoDateTimeFilter):
    """An instant with whatever offset, compared in UTC: PostgreSQL takes no offset of 16 hours or more."""

    def filter(self, qs: Any, value: dt.datetime | None) -> Any:
        """Raises DataError for an instant before the year 1 or after 9999."""
        try:
            return super().filter(qs, value and value.astimezone(dt.UTC))
        except OverflowError as error:
            raise DataError from error


class AuditEntryApiFilter(django_filters.FilterSet):
    """By act, user name, outcome and time."""

    username = django_filters.CharFilter(label=_("用户名"))
    succeeded = django_filters.BooleanFilter(label=_("成功"))
    since = InstantFilter(label=_("从"), field_name="at", lookup_expr="gte")
    until = InstantFilter(label=_("到"), field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ["verb"]


class AuditEntryViewSet(ResourceViewSet[AuditEntry]):
    """The audit log, newest first."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntryAnswer
    filterset_class = AuditEntryApiFilter
    ordering_fields: ClassVar[dict[str, str]] = {"at": "pk"}
    default_ordering = "-at"
