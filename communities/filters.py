"""What the list of communities can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from communities.models import AreaKind, BuildCategory, Community, CommunityType, Placement, Population, ReportingUnit
from communities.place_filters import UnitFilter
from communities.querysets import CommunityQuerySet, ReportingUnitQuerySet
from core.periods import today

PILOT = [("yes", _("试点")), ("no", _("不是试点"))]
STATES = [("standing", _("现有")), ("ended", _("已撤并"))]


def _units(request: HttpRequest | None) -> ReportingUnitQuerySet:
    return ReportingUnit.objects.none() if request is None else ReportingUnit.objects.reached_by(request.user)


class CommunityFilter(django_filters.FilterSet):
    """By where and as what communities count now, by area and pilot, and by name, code or pinyin."""

    unit = UnitFilter(queryset=_units, method="by_unit")
    type = django_filters.ChoiceFilter(
        label=_("类型"), choices=CommunityType.choices, empty_label=_("全部"), field_name="present__type"
    )
    population = django_filters.ChoiceFilter(
        label=_("口径"), choices=Population.choices, empty_label=_("全部"), field_name="present__population"
    )
    category = django_filters.ChoiceFilter(
        label=_("建设类别"), choices=BuildCategory.choices, empty_label=_("全部"), field_name="present__category"
    )
    area_kind = django_filters.ChoiceFilter(label=_("区位"), choices=AreaKind.choices, empty_label=_("全部"))
    pilot = django_filters.ChoiceFilter(label=_("试点"), choices=PILOT, empty_label=_("全部"), method="by_pilot")
    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部"), method="by_state")
    q = django_filters.CharFilter(label=_("名称、编号、拼音首字母"), method="by_words")

    class Meta:
        model = Community
        fields: list[str] = []

    def by_unit(self, rows: CommunityQuerySet, name: str, value: ReportingUnit) -> Any:
        """Those that stand in a unit, and those that stood there when they ended."""
        return rows.filter(pk__in=Placement.objects.newest().filter(unit=value).values("community"))

    def by_pilot(self, rows: CommunityQuerySet, name: str, value: str) -> Any:
        """Pilots today, or the others."""
        pilots = Community.objects.pilots(today()).values("pk")
        return rows.filter(pk__in=pilots) if value == "yes" else rows.filter(~Q(pk__in=pilots))

    def by_state(self, rows: CommunityQuerySet, name: str, value: str) -> Any:
        """Those that stand, or those that were merged or ended."""
        return rows.standing() if value == "standing" else rows.ended()

    def by_words(self, rows: CommunityQuerySet, name: str, value: str) -> Any:
        """Part of the name, beginning of the code, initials or full pinyin."""
        return rows.search(value)
