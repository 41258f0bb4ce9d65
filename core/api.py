"""The base of every REST resource: the same scope as the pages, JSON errors in the same words."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.db import models
from rest_framework import viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from core.errors import RuleViolation
from core.scoping import require_scoped

M = TypeVar("M", bound=models.Model)


class Pages(PageNumberPagination):
    """Pages of 50, up to 200 on request."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class ScopedViewSet(viewsets.ReadOnlyModelViewSet[M], Generic[M]):
    """Reads what the person may see; an unsafe method also needs the right to change the record."""

    queryset: Any = None
    pagination_class = Pages
    scope = "scoped"

    def get_queryset(self) -> Any:
        """Rows the person may see."""
        return require_scoped(self, self.queryset.all()).visible_to(self.request.user)

    def get_object(self) -> M:
        """One visible row (404 otherwise); for an unsafe method one that the person may change (403 otherwise)."""
        record: M = super().get_object()
        unsafe = self.request.method not in ("GET", "HEAD", "OPTIONS")
        if unsafe and not self.get_queryset().editable_by(self.request.user).filter(pk=record.pk).exists():
            raise PermissionDenied
        return record


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with the portal's rules as an error of their own: status, sentence, field."""
    if isinstance(error, RuleViolation):
        return Response({"detail": error.message, "field": error.field}, status=error.status)
    return drf_exception_handler(error, context)
