"""The base of every REST resource: the same scope as the pages, JSON errors in the same words.

What is asked for is read strictly: a parameter that the resource does not know, one that is given twice and one
without a value are refused by name, never passed over.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Generic, TypeVar

import django_filters
from django.db import DataError, models
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, filters, mixins, viewsets
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as drf_exception_handler

from core.errors import RuleViolation, StaleVersion
from core.openapi import ORDERING, PAGE, PAGE_SIZE, PortalSchema
from core.scoping import require_scoped

M = TypeVar("M", bound=models.Model)

MOST_ON_A_PAGE = 200


class Pages(PageNumberPagination):
    """Pages of 50, up to 200 on request."""

    page_size = 50
    page_size_query_param = PAGE_SIZE
    max_page_size = MOST_ON_A_PAGE
    last_page_strings = ()

    def get_page_size(self, request: Request) -> int:
        """As many as asked for; refused, not rounded, outside 1 to 200."""
        asked = request.query_params.get(PAGE_SIZE)
        if asked is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,3}", asked, re.ASCII) or not 1 <= int(asked) <= MOST_ON_A_PAGE:
            raise exceptions.ValidationError({PAGE_SIZE: _("每页 1 至 %(most)d 条。") % {"most": MOST_ON_A_PAGE}})
        return int(asked)


class Ordering(filters.BaseFilterBackend):
    """The `ordering` parameter: a name of the view's `ordering_fields`, with a minus for the other way round."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        """The rows in order; the key makes it total."""
        fields: dict[str, str] = getattr(view, "ordering_fields", {})
        asked = request.query_params.get(ORDERING) or str(getattr(view, "default_ordering", ""))
        name = asked.removeprefix("-")
        if not asked:
            return queryset.order_by("pk")
        if name not in fields:
            raise exceptions.ValidationError({ORDERING: _("不能按“%(name)s”排序。") % {"name": asked}})
        return queryset.order_by(("-" if asked.startswith("-") else "") + fields[name], "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the schema: which names there are."""
        names = [sign + name for name in getattr(view, "ordering_fields", {}) for sign in ("", "-")]
        if not names:
            return []
        return [{"name": ORDERING, "in": "query", "required": False, "schema": {"type": "string", "enum": names}}]


class StrictMixin:
    """Refuses what a view does not know."""

    # Parameters of the address besides those of filters, order and pages.
    query_parameters: ClassVar[tuple[str, ...]] = ()
    schema: Any = PortalSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who it is and whether they may, first; then what they ask for."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        require_known(request, self.known_parameters())

    def known_parameters(self) -> set[str]:
        """The names that the address may carry."""
        return set(self.query_parameters)


class ScopedListMixin(StrictMixin):
    """A list of scoped rows with filters, order and pages; 403 for people who have no business with them."""

    queryset: Any = None
    filterset_class: type[django_filters.FilterSet] | None = None
    # Name in the address → field.
    ordering_fields: ClassVar[dict[str, str]] = {}
    default_ordering = ""

    def known_parameters(self) -> set[str]:
        """Those of a list; a single record has none."""
        known = super().known_parameters()
        if getattr(self, "action", "") != "list":
            return known
        if self.filterset_class is not None:
            known |= set(self.filterset_class.base_filters)
        return known | {PAGE, PAGE_SIZE} | ({ORDERING} if self.ordering_fields else set())


class ScopedViewSet(
    ScopedListMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[M], Generic[M]
):
    """Reads what the person may see; an unsafe method also needs the right to change the record."""

    pagination_class = Pages
    filter_backends = (DjangoFilterBackend, Ordering)
    scope = "scoped"
    metadata_class = None
    lookup_value_converter = "int"

    def get_queryset(self) -> Any:
        """Rows the person may see."""
        return require_scoped(self, self.queryset.all()).visible_to(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rows, page by page."""
        if not self.queryset.all().enterable_by(request.user):
            raise exceptions.PermissionDenied(_("你的岗位不看这类记录。"))
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row, with its version as ETag where it has one."""
        record = self.get_object()
        return Response(self.get_serializer(record).data, headers=version_headers(record))

    def get_object(self) -> M:
        """One visible row (404 otherwise); for an unsafe method one that the person may change (403 otherwise)."""
        record: M = super().get_object()
        if self.request.method not in ("GET", "HEAD", "OPTIONS") and not self.may_change(record):
            raise exceptions.PermissionDenied(_("你的岗位不能修改这条记录。"))
        return record

    def may_change(self, record: M) -> bool:
        """Whether the person may change this visible row."""
        found: bool = self.get_queryset().editable_by(self.request.user).filter(pk=record.pk).exists()
        return found


def require_known(request: Request, known: set[str]) -> None:
    """Raises ValidationError naming the first parameter that is unknown, repeated, or has no value."""
    for name, values in request.query_params.lists():
        if name not in known:
            raise exceptions.ValidationError({name: _("没有“%(name)s”这个参数。") % {"name": name[:50]}})
        if len(values) > 1:
            raise exceptions.ValidationError({name: _("“%(name)s”写了不止一次。") % {"name": name}})
        if not values[0].strip():
            raise exceptions.ValidationError({name: _("“%(name)s”没有写值；不用就不要写。") % {"name": name}})


def version_headers(record: object) -> dict[str, str]:
    """The ETag of a versioned record, as If-Match wants it back."""
    version = getattr(record, "version", None)
    return {} if version is None else {"ETag": f'"v{version}"'}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as `detail`, a sentence, and `field`, the name it is about or null.

    A rule of the portal has its own status. A stale version is 412 with both texts of each field that differs.
    None, which lets Django answer, for what is a fault of the portal.
    """
    if isinstance(error, StaleVersion):
        stale = [{"label": each.label, "stored": each.stored, "sent": each.sent} for each in error.conflicts]
        body = {"detail": error.message, "field": error.field, "version": error.version, "conflicts": stale}
        return Response(body, status=412)
    if isinstance(error, RuleViolation):
        return Response({"detail": error.message, "field": error.field}, status=error.status)
    if isinstance(error, DataError):
        return Response({"detail": _("有一个值太大、太长或写法不对。"), "field": None}, status=400)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    response = drf_exception_handler(error, context)
    if response is not None:
        field, detail = first_of(response.data)
        response.data = {"detail": detail, "field": field}
    return response


def first_of(data: Any, path: str = "") -> tuple[str | None, str]:
    """The first error in DRF's nested answer: the path of its field (`scores.0.reason`) and its sentence."""
    if isinstance(data, dict) and data:
        name, inner = next(iter(data.items()))
        if name in ("detail", "non_field_errors"):
            return first_of(inner, path)
        return first_of(inner, f"{path}.{name}" if path else str(name))
    if isinstance(data, list) and data:
        if isinstance(data[0], dict):
            place, inner = next((place, inner) for place, inner in enumerate(data) if inner)
            return first_of(inner, f"{path}.{place}" if path else str(place))
        return first_of(data[0], path)
    return path or None, str(data)
