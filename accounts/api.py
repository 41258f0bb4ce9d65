"""The base of resources that can be written: each write is one action, done once for its key, about one version."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.db import models
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.status import (
    HTTP_200_OK,
    HTTP_201_CREATED,
    HTTP_204_NO_CONTENT,
    HTTP_428_PRECONDITION_REQUIRED,
)

from accounts import receipts
from core.api import ScopedViewSet, version_headers
from core.openapi import IF_MATCH, OWN, example_of

M = TypeVar("M", bound=models.Model)
Handler = Callable[..., HttpResponseBase]


class VersionRequired(exceptions.APIException):
    """A change without the version that it is about."""

    status_code = HTTP_428_PRECONDITION_REQUIRED

    def __init__(self, letter: str) -> None:
        super().__init__(_("修改要带 If-Match，写读到的版本，如 %s。") % example_of(letter))


class ResourceViewSet(ScopedViewSet[M], Generic[M]):
    """A resource that can be written where it says so: each write is one call of one action.

    A POST is done once for each Idempotency-Key; a change of a versioned record needs the version in If-Match.
    """

    # The receipt is written here, inside the view.
    takes_keys = True
    # Attributes of a `deed`; set for the route by the decorator.
    deed_body: Any = None
    deed_label: ClassVar[str | Promise] = ""
    deed_versioned: ClassVar[bool | str] = False
    deed_gate: Any = None
    deed_takes_away = False

    def may_change(self, record: M) -> bool:
        """By the queryset's editors, unless the deed has a rule of its own."""
        if self.deed_gate is not None:
            return bool(self.deed_gate(self.request.user, record))
        return super().may_change(record)

    @property
    def person(self) -> Any:
        """The actor of every write."""
        return self.request.user

    def once(self, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Do it once for the request's key. Raises ValidationError without one."""
        key, fingerprint = self.key()
        return receipts.once(self.person, key, fingerprint, act)

    def key(self) -> tuple[UUID, str]:
        """The request's key, and what is asked for with it. Raises ValidationError without one."""
        request = self.request._request
        if not request.headers.get(receipts.HEADER):
            raise exceptions.ValidationError({receipts.HEADER: _("写入要带 Idempotency-Key，每次提交一个 UUID。")})
        key = receipts.key_of(request)
        assert key is not None
        return key, receipts.fingerprint_of(request)

    def values(self, body: type[serializers.BaseSerializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """What was sent, checked field by field."""
        serializer = body(data=self.request.data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def expected_version(self, letter: str = OWN) -> int:
        """The version that the request is about. Raises VersionRequired, or ValidationError where it is none."""
        given = self.request.headers.get(IF_MATCH)
        if given is None:
            raise VersionRequired(letter)
        found = re.fullmatch(f'"{letter}([0-9]{{1,9}})"', given.strip(), re.ASCII)
        if found is None:
            raise exceptions.ValidationError({IF_MATCH: _("If-Match 要写读到的版本，如 %s。") % example_of(letter)})
        return int(found.group(1))

    def answer(self, record: Any, status: int = HTTP_200_OK) -> HttpResponse:
        """A record as it stands now, in this resource's words; nothing (204) where it is gone."""
        if record is None:
            return HttpResponse(status=HTTP_204_NO_CONTENT)
        stored = self.get_queryset().get(pk=record.pk)
        data = self.get_serializer(stored).data
        headers = version_headers(stored)
        if status == HTTP_201_CREATED:
            headers["Location"] = self.reverse_action("detail", args=[stored.pk])
        return json_answer(data, status, headers)


def json_answer(data: Any, status: int = HTTP_200_OK, headers: dict[str, str] | None = None) -> HttpResponse:
    """An answer that is written already, so that its receipt can keep it."""
    return HttpResponse(JSONRenderer().render(data), status=status, content_type="application/json", headers=headers)


class Creates(ResourceViewSet[M], Generic[M]):
    """A resource to which rows can be added."""

    create_serializer: ClassVar[type[serializers.BaseSerializer[Any]]]

    def add(self, values: dict[str, Any]) -> M:
        """Call the action; return the row."""
        raise NotImplementedError

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add one. Refused (403) to people who may add none anywhere."""
        if not self.queryset.all().creatable_by(request.user):
            raise exceptions.PermissionDenied(_("你的岗位不能新建这类记录。"))
        return self.once(lambda: self.answer(self.add(self.values(self.create_serializer)), HTTP_201_CREATED))


class Updates(ResourceViewSet[M], Generic[M]):
    """A resource whose rows can be changed, field by field."""

    update_serializer: ClassVar[type[serializers.BaseSerializer[Any]]]
    # Whether a change names every field of the body.
    whole_change: ClassVar[bool] = False

    def change(self, record: M, values: dict[str, Any], version: int) -> M:
        """Call the action; return the row."""
        raise NotImplementedError

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Change what the body names, if the version is still the one that was read."""
        record = self.get_object()
        version = self.expected_version()
        values = self.values(self.update_serializer, partial=not self.whole_change)
        if not values:
            raise exceptions.ValidationError(_("没有写要改的字段。"))
        return self.answer(self.change(record, values, version))


def deed(
    path: str,
    label: str | Promise,
    body: type[serializers.BaseSerializer[Any]] | None = None,
    *,
    versioned: bool | str = False,
    gate: Callable[[Any, Any], bool] | None = None,
    takes_away: bool = False,
) -> Callable[[Callable[..., Any]], Handler]:
    """Decorator: `POST …/<pk>/<path>/` does something to one record that is more than changing its fields.

    The method takes the record and the values of `body`, and, where the deed is `versioned`, `version`; it calls
    one action and returns what that wrote (the record of the resource, or None where it `takes_away` the record).
    `versioned` is a letter where the version is not the record's own, so that nobody sends the one for the other.
    `gate` says who may, where that is not whoever may edit the record.
    """
    letter = versioned if isinstance(versioned, str) else OWN

    def decorate(method: Callable[..., Any]) -> Handler:
        @functools.wraps(method)
        def handler(self: ResourceViewSet[Any], request: Request, pk: int) -> HttpResponseBase:
            try:
                record = self.get_object()
            except Http404:
                # Sent again, what took the record away is answered as before.
                if request.headers.get(receipts.HEADER) and receipts.took_away(self.person, *self.key()):
                    return HttpResponse(status=HTTP_204_NO_CONTENT)
                raise
            more = {"version": self.expected_version(letter)} if versioned else {}

            def act() -> HttpResponse:
                values = self.values(body) if body is not None else {}
                return self.answer(method(self, record, values, **more))

            return self.once(act)

        attributes: dict[str, Any] = {"deed_body": body, "deed_label": label, "deed_versioned": versioned}
        routed: Handler = action(
            detail=True,
            methods=["post"],
            url_path=path,
            url_name=path,
            deed_gate=gate,
            deed_takes_away=takes_away,
            **attributes,
        )(handler)
        return routed

    return decorate
