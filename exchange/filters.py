"""What the list of uploads can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from exchange import registry
from exchange.models import Batch, StagedRow
from exchange.places import places_of
from exchange.workflow import BatchState, Outcome


def _targets() -> list[tuple[str, Any]]:
    return [(target.code, target.label) for target in registry.targets()]


def _places(request: Any) -> list[tuple[str, str]]:
    places = places_of(request.user)
    return [(code, name) for code, name in places.names.items() if places.seen is None or code in places.seen]


class BatchFilter(django_filters.FilterSet):
    """By kind of sheet, place and state."""

    target = django_filters.ChoiceFilter(label=_("导入到"), choices=_targets, empty_label=_("全部"))
    place = django_filters.ChoiceFilter(label=_("单位"), empty_label=_("全部"))
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

    batch = django_filters.NumberFilter(label=_("批次"), min_value=1, max_value=2**62, help_text=_("导入批次的编号。"))
    outcome = django_filters.ChoiceFilter(label=_("结果"), choices=Outcome.choices, empty_label=_("全部"))

    class Meta:
        model = StagedRow
        fields = ["batch", "outcome"]
