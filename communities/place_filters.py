"""The filters by place that lists of every kind share."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from communities.models import CommunityType, Population, ReportingUnit


@extend_schema_field(OpenApiTypes.STR)
class UnitFilter(django_filters.ModelChoiceFilter):
    """A unit by its code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", ReportingUnit.objects.all())
        super().__init__(label=_("单位"), to_field_name="code", empty_label=_("全部"), **kwargs)


class PlaceFilterSet(django_filters.FilterSet):
    """Unit and type of the community's present placement. The rows need `with_place()`."""

    unit = UnitFilter(method="in_unit")
    type = django_filters.ChoiceFilter(
        label=_("类型"), choices=CommunityType.choices, empty_label=_("全部"), field_name="placed__type"
    )

    def in_unit(self, rows: Any, name: str, unit: ReportingUnit) -> Any:
        """Rows that stand in a unit now."""
        return rows.filter(placed__unit=unit)


class PopulationFilterSet(PlaceFilterSet):
    """With the population too, for records of communities that the programme counts."""

    population = django_filters.ChoiceFilter(
        label=_("口径"), choices=Population.choices, empty_label=_("全部"), field_name="placed__population"
    )
