"""The base of every page. Each narrows its queryset to what the person may see; a page without scope cannot exist.

Answers: not signed in → sign-in page; foreign or missing record → 404; own record, role may not → 403;
wrong state or stale version → 409 with what was entered kept.
"""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar, Generic, TypeVar

import django_filters
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, ListView, TemplateView, View

from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from core.exports import ListExportMixin
from core.incidents import error_page
from core.scoping import require_scoped

M = TypeVar("M", bound=models.Model)
F = TypeVar("F", bound=BaseForm)


class ScopedMixin(LoginRequiredMixin):
    """Narrows `queryset` to what the signed-in person may see."""

    queryset: Any = None
    scope: ClassVar[str] = "scoped"

    def get_queryset(self) -> Any:
        """Rows the person may see."""
        if self.queryset is None:
            raise ImproperlyConfigured(f"{type(self).__name__} needs a scoped queryset")
        return require_scoped(self, self.queryset.all()).visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_visible(self, **lookup: Any) -> Any:
        """One visible row, or Http404."""
        return get_object_or_404(self.get_queryset(), **lookup)

    def get_editable(self, **lookup: Any) -> Any:
        """One row the person may change: Http404 where they may not even see it, PermissionDenied otherwise."""
        record = self.get_visible(**lookup)
        if not self.get_queryset().editable_by(self.request.user).filter(pk=record.pk).exists():  # type: ignore[attr-defined]
            raise PermissionDenied(_("你的岗位不能修改这条记录。"))
        return record


class _EntranceMixin(ScopedMixin):
    """For pages that show no single record: people who have no business there get 403, not an empty page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the right before anything is read or shown."""
        if request.user.is_authenticated and not self.queryset.all().enterable_by(request.user):
            raise PermissionDenied(_("你的岗位不看这类记录。"))
        return super().dispatch(request, *args, **kwargs)


class ScopedListView(_EntranceMixin, ListExportMixin, ListView[M], Generic[M]):  # type: ignore[misc]  # get() streams
    """A list with filters, sorting and pages, and Excel out. With htmx only the template's `rows` part is sent."""

    filterset_class: type[django_filters.FilterSet] | None = None
    # Name in the address → field; the first is the default. A leading minus turns the order round.
    ordering_fields: ClassVar[dict[str, str]] = {}
    paginate_by = 20
    page_sizes = (20, 50, 100)

    def get_queryset(self) -> Any:
        """Visible rows, filtered and sorted as the address says."""
        rows = super().get_queryset()
        if self.filterset_class is not None:
            self.filterset = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
            rows = self.filterset.qs if self.filterset.is_valid() else rows.none()
        return self.sort(rows)

    def sort(self, rows: Any) -> Any:
        """By the `sort` parameter; unknown names fall back to the default. The key makes the order total."""
        asked = self.request.GET.get("sort", "")
        name = asked.lstrip("-")
        if name not in self.ordering_fields:
            asked = name = next(iter(self.ordering_fields), "")
        self.sorted_by = asked
        if not name:
            return rows
        return rows.order_by(("-" if asked.startswith("-") else "") + self.ordering_fields[name], "pk")

    def get_paginate_by(self, queryset: Any) -> int:
        """Rows on a page: one of `page_sizes`."""
        asked = self.request.GET.get("size", "")
        return int(asked) if asked in map(str, self.page_sizes) else self.paginate_by

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """The asked page; a page that does not exist (any more) becomes the nearest one, not an error."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the filter, the sort order and whether the person may add a row."""
        return super().get_context_data(
            filterset=getattr(self, "filterset", None),
            sorted_by=getattr(self, "sorted_by", ""),
            ordering_fields=self.ordering_fields,
            may_create=self.queryset.all().creatable_by(self.request.user),
            **kwargs,
        )

    def get_template_names(self) -> list[str]:
        """The page, or its rows alone for htmx."""
        names = super().get_template_names()
        part = getattr(self.request, "htmx", False) and not self.request.htmx.boosted  # type: ignore[attr-defined]
        return [f"{name}#rows" for name in names] if part else names


class ScopedDetailView(ScopedMixin, DetailView[M], Generic[M]):
    """One record."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether the person may change the record."""
        editable = self.get_queryset().editable_by(self.request.user).filter(pk=self.object.pk).exists()
        return super().get_context_data(may_edit=editable, **kwargs)


class ScopedPageView(_EntranceMixin, TemplateView):
    """A page composed of several querysets; `queryset` is the one that decides who may come in at all."""


class _ScopedForm(ScopedMixin, FormView[F], Generic[F]):
    """A form whose outcome is one call of one action."""

    # Without this Django would take a PUT for a POST.
    http_method_names = ["get", "head", "options", "post"]
    success_message: str | Promise = ""
    object: Any = None

    def perform(self, form: F) -> models.Model:
        """Call the action; return the record it wrote. RuleViolation becomes a message on the form."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        """The record's own page, unless the view says otherwise."""
        return str(self.written.get_absolute_url())

    def form_valid(self, form: F) -> HttpResponse:
        """Write, say so, go to the record."""
        try:
            self.written: Any = self.perform(form)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except RuleViolation as refusal:
            return self.refused(form, refusal)
        message = str(self.success_message or _("已保存。"))
        messages.success(self.request, message, extra_tags=self.get_undo_url())
        return HttpResponseRedirect(self.get_success_url())

    def get_undo_url(self) -> str:
        """A POST that takes back what was written, offered with the message; empty where there is none."""
        return ""

    def refused(self, form: F, refusal: RuleViolation) -> HttpResponse:
        """The form again with everything that was entered, and the reason."""
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        conflicts = []
        if isinstance(refusal, StaleVersion):
            conflicts = refusal.conflicts
            _renew_version(form, refusal.version)
        context = self.get_context_data(form=form, conflicts=conflicts)
        return self.render_to_response(context, status=refusal.status)

    def form_invalid(self, form: F) -> HttpResponse:
        """The form again; 422, so that a script can tell it from a success."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _renew_version(form: BaseForm, version: int | None) -> None:
    """Let the next save go through: whoever has seen both versions decides. Nothing else that was entered changes."""
    if version is not None and "version" in form.fields:
        sent: Any = copy(form.data)  # a copy of what was posted may be changed, the original may not
        sent[form.add_prefix("version")] = str(version)
        form.data = sent


class ScopedCreateView(_ScopedForm[F], Generic[F]):
    """Adds a record. Refused (403) to people who may add none anywhere."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the right before anything is read or shown."""
        if request.user.is_authenticated and not self.queryset.all().creatable_by(request.user):
            raise PermissionDenied(_("你的岗位不能新建这类记录。"))
        return super().dispatch(request, *args, **kwargs)


class ScopedUpdateView(_ScopedForm[F], Generic[F]):
    """Changes a record, or does something to it that needs a form. `self.object` is the record."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Fetches the record within the person's rights before anything else."""
        if request.user.is_authenticated:
            self.object = self.get_editable(pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Model forms get the record."""
        kwargs = super().get_form_kwargs()
        if hasattr(self.get_form_class(), "_meta"):
            kwargs["instance"] = self.object
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the record."""
        return super().get_context_data(object=self.object, **kwargs)


class ScopedActionView(ScopedMixin, View):
    """One button on one record: POST, no form."""

    http_method_names = ["post", "options"]
    success_message: str | Promise = ""

    def act(self, record: Any) -> models.Model:
        """Call the action; return the record to go to."""
        raise NotImplementedError

    def get_success_url(self, record: Any) -> str:
        """The record's own page, unless the view says otherwise."""
        return str(record.get_absolute_url())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Act, say so, go to the record. A rule that forbids it becomes a message on the record's page."""
        record = self.get_editable(pk=pk)
        try:
            record = self.act(record)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except WrongState as refusal:
            return error_page(request, 409, refusal.message)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            message = str(self.success_message or _("已保存。"))
            messages.success(request, message, extra_tags=self.get_undo_url(record))
        return HttpResponseRedirect(self.get_success_url(record))

    def get_undo_url(self, record: Any) -> str:
        """A POST that takes back what was done, offered with the message; empty where there is none."""
        return ""
