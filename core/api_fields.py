"""What goes out and what comes in: answers are read-only, bodies take named fields alone and write nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

M = TypeVar("M", bound=models.Model)
# The largest key that the database can hold.
MOST = 2**63 - 1
# Which records a person may name in a body.
Offer = Callable[[Any], "models.QuerySet[Any]"]


class KeyFilter(django_filters.NumberFilter):
    """A whole number: a key, a year."""

    field_class: Any = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MOST, **kwargs)


class Answer(serializers.ModelSerializer[M]):
    """What a resource tells of a record."""

    def get_extra_kwargs(self) -> dict[str, Any]:
        """Everything is read-only, so that no answer could ever take anything in."""
        return {name: {"read_only": True} for name in self.Meta.fields}


class _KnownFields:
    """Refuses a field that the body does not have: passed over, it would look as if it had been saved."""

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = next((str(name) for name in data if name not in self.fields), None)
            if unknown is not None:
                raise ValidationError({unknown[:50]: _("没有“%(name)s”这个字段。") % {"name": unknown[:50]}})
        return super().to_internal_value(data)  # type: ignore[misc]


class Body(_KnownFields, serializers.Serializer[Any]):
    """What a request may hold. Checks what each field can be; the rules are the actions'."""


class ModelBody(_KnownFields, serializers.ModelSerializer[M]):
    """The same, with the kinds and limits of a model's fields."""

    def get_validators(self) -> list[Any]:
        """None: a check against other rows would tell of rows that the person may not see."""
        return []

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """As the model says, without the question whether the value is taken."""
        field, kwargs = super().build_standard_field(field_name, model_field)
        kwargs.pop("validators", None) if model_field.unique else None
        return field, kwargs


class _Offered:
    """Takes only what the person is offered; a record that they may not see is answered like one that is not."""

    def __init__(self, *, offered: Offer, **kwargs: Any) -> None:
        self.offered = offered
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        """The records that this person may name."""
        return self.offered(self.context["request"].user)  # type: ignore[attr-defined]

    def to_internal_value(self, data: Any) -> Any:
        """The record. Infinity and the like are no keys."""
        try:
            return super().to_internal_value(data)  # type: ignore[misc]
        except (OverflowError, AttributeError):
            self.fail("incorrect_type", data_type=type(data).__name__)  # type: ignore[attr-defined]


class Ref(_Offered, serializers.PrimaryKeyRelatedField[Any]):
    """A record by its key."""

    default_error_messages = {"does_not_exist": gettext_lazy("没有这一条，或不归你办。")}


class CodeRef(_Offered, serializers.SlugRelatedField[Any]):
    """A record by its code."""

    default_error_messages = {"does_not_exist": gettext_lazy("没有这一条，或不归你办。")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", **kwargs)
