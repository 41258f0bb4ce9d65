"""What the list of uploads can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from core.api_fields import KeyFilter
from exchange import registry
from exchange.models import Batch, StagedRow
from exchange.places import places_of
from exchange.workflow import BatchState, Outcome


def _targets() -> list[tuple[str, Any]]:
    return [(target.code, target.label) for target in registry.targets()]


def _places(request: Any) -> list[tuple[str, str]]:
    places = places_of(request.user)
    return [(code, name) for code, name in places.names.items() if places.seen is None or code in places.seen]


@extend_schema_field(OpenApiTypes.STR)
class PlaceFilter(django_filters.ChoiceFilter):
    """A place by its code, among those whose uploads the person sees."""


class BatchFilter(django_filters.FilterSet):
    """By kind of sheet, place and state."""

    target = django_filters.ChoiceFilter(label=_("导入到"), choices=_targets, empty_label=_("全部"))
    place = PlaceFilter(label=_("单位"), empty_label=_("全部"))
    state = django_filters.ChoiceFilter(label=_("状态"), choices=BatchState.choices, empty_label=_("全部"))

    class Meta:
        model = Batch
        fields = ["target", "place", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None:
            self.filters["place"].extra["choices"] = _places(self.request)


class RowFilter(django_filters.FilterSet):
    """The rows of one upload, by what becomes of them."""

    batch = KeyFilter(label=_("导入批次的编号"), field_name="batch")
    outcome = django_filters.ChoiceFilter(label=_("结果"), choices=Outcome.choices, empty_label=_("全部"))

    class Meta:
        model = StagedRow
        fields = ["batch", "outcome"]
