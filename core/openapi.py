"""How resources describe themselves in the OpenAPI schema: every parameter, header and refusal is declared."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

PAGE, PAGE_SIZE, ORDERING = "page", "page_size", "ordering"
KEY, IF_MATCH = "Idempotency-Key", "If-Match"
# Stands before a record's own version where it is quoted.
OWN = "v"


def example_of(letter: str) -> str:
    """A version as If-Match wants it."""
    return f'"{letter}3"'


class RefusalSerializer(serializers.Serializer[Any]):
    """Why a request was refused."""

    detail = serializers.CharField(read_only=True, help_text=_lazy("一句话。"))
    field: Any = serializers.CharField(read_only=True, allow_null=True, help_text=_lazy("与哪个字段或参数有关。"))


class ConflictSerializer(serializers.Serializer[Any]):
    """One field on which two editors disagree."""

    label: Any = serializers.CharField(read_only=True, help_text=_lazy("字段。"))
    stored = serializers.CharField(read_only=True, help_text=_lazy("现在存的。"))
    sent = serializers.CharField(read_only=True, help_text=_lazy("送来的。"))


class StaleSerializer(RefusalSerializer):
    """Somebody saved in between: both texts, and the version stored now."""

    version = serializers.IntegerField(read_only=True, allow_null=True, help_text=_lazy("现在的版本。"))
    conflicts = ConflictSerializer(many=True, read_only=True, help_text=_lazy("两个版本不同的字段。"))


class PortalSchema(AutoSchema):
    """Adds to each operation what all of them share. What a view writes stands in its attributes."""

    def get_tags(self) -> list[str]:
        """One group for each resource."""
        return [str(getattr(self.view, "tag", "")) or self._noun()]

    def get_summary(self) -> str | None:
        """What the operation does, in words."""
        what = {"what": self.get_tags()[0]}
        words = {
            "list": _("%(what)s：列表"),
            "retrieve": _("%(what)s：一条"),
            "create": _("%(what)s：登记"),
            "partial_update": _("%(what)s：修改"),
        }
        label = getattr(self.view, "deed_label", "")
        if label:
            return f"{what['what']}：{label}"
        return words.get(self._action(), "%(what)s") % what

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Nothing: docstrings speak to developers of the portal."""
        return ""

    def get_request_serializer(self) -> Any:
        """What is sent: the body of the view's creation, change or deed."""
        by_action = {"create": "create_serializer", "partial_update": "update_serializer"}
        name = by_action.get(self._action(), "deed_body")
        return getattr(self.view, name, None)

    def get_response_serializers(self) -> Any:
        """What comes back; nothing where the deed takes the record away."""
        if getattr(self.view, "deed_takes_away", False):
            return {204: None}
        answer = getattr(self.view, "deed_answer", None) or getattr(self.view, "serializer_class", None)
        return {201 if self._action() == "create" else 200: answer}

    def get_override_parameters(self) -> list[Any]:
        """The headers that writing needs, and the parameters that only this view knows."""
        found = [*getattr(self.view, "schema_parameters", ())]
        if self.method == "POST":
            words = _("这次提交的编号（UUID）。同一编号再送一次，只办一次，答复相同。")
            found.append(OpenApiParameter(KEY, OpenApiTypes.UUID, "header", required=True, description=words))
        if self.needs_version():
            versioned = getattr(self.view, "deed_versioned", False)
            letter = versioned if isinstance(versioned, str) else OWN
            words = _("读到的版本，原样送回，如 %s。") % example_of(letter)
            found.append(OpenApiParameter(IF_MATCH, OpenApiTypes.STR, "header", required=True, description=words))
        return found

    def needs_version(self) -> bool:
        """Whether the operation changes a versioned record."""
        return self.method in ("PATCH", "PUT") or bool(getattr(self.view, "deed_versioned", False))

    def _action(self) -> str:
        return getattr(self.view, "action", None) or ""

    def _noun(self) -> str:
        queryset = getattr(self.view, "queryset", None)
        return str(queryset.model._meta.verbose_name) if queryset is not None else ""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            serializer = StaleSerializer if status == "412" else RefusalSerializer
            bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                serializer, status, direction=direction
            )
        return bodies

    def _refusals(self) -> list[str]:
        found = ["400", "401", "403", "404", "405"]
        if self.method != "GET":
            found += ["409", "413", "415", "422"]
        if self.needs_version():
            found += ["412", "428"]
        return found
