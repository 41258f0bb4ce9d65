"""REST resources of the ground floor: units, divisions, communities, where they counted and what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, ResourceViewSet, Updates, deed
from communities import actions
from communities.filters import CommunityFilter
from communities.models import Community, Division, Placement, Population, ReportingUnit, Succession
from communities.models import CommunityType as Kind
from communities.place_filters import UnitFilter
from core.api_fields import MOST, Answer, Body, CodeRef, KeyFilter, ModelBody, Ref

PLACE = ("unit", "type", "population", "category")
DETAILS = (
    "name",
    "area_kind",
    "households",
    "residents",
    "division",
    "longitude",
    "latitude",
    "pilot_from",
    "pilot_until",
)


def seen_units(user: Any) -> Any:
    """Units by code: their names are everybody's who holds a role."""
    return ReportingUnit.objects.visible_to(user)


class InUnit(serializers.Serializer[Any]):
    """Where a record that stands in a community counts now; null where its community has ended."""

    unit = serializers.CharField(source="place_code", read_only=True, allow_null=True, help_text=_("现在的单位代码。"))
    type = serializers.ChoiceField(
        source="place_type", choices=Kind.choices, read_only=True, allow_null=True, help_text=_("现在的类型。")
    )


class UnitAnswer(Answer[ReportingUnit]):
    """A reporting unit."""

    division = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("行政区划代码；市直三区没有。"))

    class Meta:
        model = ReportingUnit
        fields = ["id", "code", "name", "short_name", "kind", "order", "division", "source", "certainty"]


class UnitsFilter(django_filters.FilterSet):
    """By kind."""

    class Meta:
        model = ReportingUnit
        fields = ["kind"]


class UnitViewSet(ResourceViewSet[ReportingUnit]):
    """The ten reporting units."""

    queryset = ReportingUnit.objects.select_related("division")
    serializer_class = UnitAnswer
    filterset_class = UnitsFilter
    ordering_fields: ClassVar[dict[str, str]] = {"order": "order", "code": "code"}
    default_ordering = "order"


class DivisionAnswer(Answer[Division]):
    """A statutory division."""

    parent: Any = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("上级区划的代码。"))

    class Meta:
        model = Division
        fields = ["id", "code", "name", "level", "parent", "valid_from", "valid_until"]


class DivisionFilter(django_filters.FilterSet):
    """By level, code, the code above, and part of the name."""

    code = django_filters.CharFilter(label=_("区划代码"))
    parent = django_filters.CharFilter(label=_("上级区划的代码"), field_name="parent__code")
    q = django_filters.CharFilter(label=_("名称"), field_name="name", lookup_expr="icontains")

    class Meta:
        model = Division
        fields = ["level"]


class DivisionViewSet(ResourceViewSet[Division]):
    """Statutory divisions."""

    queryset = Division.objects.select_related("parent")
    serializer_class = DivisionAnswer
    filterset_class = DivisionFilter
    ordering_fields: ClassVar[dict[str, str]] = {"code": "code", "name": "name"}
    default_ordering = "code"


class CommunityAnswer(Answer[Community]):
    """A community, with where and as what it counts now."""

    unit = serializers.CharField(source="unit_code", read_only=True, allow_null=True, help_text=_("现在的单位代码。"))
    type = serializers.ChoiceField(choices=Kind.choices, read_only=True, allow_null=True, help_text=_("类型。"))
    population = serializers.ChoiceField(
        choices=Population.choices, read_only=True, allow_null=True, help_text=_("口径。")
    )
    category = serializers.CharField(read_only=True, allow_null=True, help_text=_("建设类别。"))
    placement = serializers.IntegerField(
        read_only=True, allow_null=True, help_text=_("现行归属的编号；调整归属时原样送回。")
    )
    division = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("行政区划代码。"))

    class Meta:
        model = Community
        fields = ["id", "version", "code", *PLACE, "placement", *DETAILS, "is_sample"]


class CommunityChange(ModelBody[Community]):
    """What is known of a community."""

    division = Ref(
        offered=Division.objects.visible_to,
        queryset=Division.objects.all(),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = Community
        fields: ClassVar[list[str]] = list(DETAILS)


class CommunityCreate(CommunityChange):
    """A new community, with where and as what it counts."""

    unit = CodeRef(offered=ReportingUnit.objects.writable_by, queryset=ReportingUnit.objects.all())
    type = serializers.ChoiceField(choices=Kind.choices)
    population = serializers.ChoiceField(choices=Population.choices)
    category = serializers.ChoiceField(
        choices=Placement._meta.get_field("category").choices or [], required=False, allow_blank=True
    )
    valid_from = serializers.DateField(help_text=_("从这一天起按此计算。"))
    code = serializers.CharField(max_length=20, required=False, help_text=_("不写则自动编。"))
    reason = serializers.CharField(max_length=200, required=False)

    class Meta(CommunityChange.Meta):
        fields: ClassVar[list[str]] = [*DETAILS, *PLACE, "valid_from", "code", "reason"]


class MoveBody(ModelBody[Placement]):
    """A new placement. What is not named stays as it is."""

    placement = serializers.IntegerField(min_value=1, max_value=MOST, help_text=_("读到的现行归属的编号。"))
    unit = CodeRef(offered=seen_units, queryset=ReportingUnit.objects.all(), required=False)

    class Meta:
        model = Placement
        fields = ["placement", "unit", "type", "population", "category", "valid_from", "reason"]
        extra_kwargs = {
            "type": {"required": False},
            "population": {"required": False},
            "reason": {"required": True, "allow_blank": False},
        }


class SucceedBody(ModelBody[Succession]):
    """One step in what became of a community."""

    successor = Ref(
        offered=Community.objects.visible_to,
        queryset=Community.objects.all(),
        required=False,
        allow_null=True,
    )
    new_name = serializers.CharField(max_length=50, required=False)

    class Meta:
        model = Succession
        fields = ["kind", "effective_on", "reason", "successor", "new_name"]


def may_move(user: Any, record: Any) -> bool:
    """Where and as what communities count, the city office decides."""
    return Placement.objects.all().creatable_by(user)


class CommunityViewSet(Creates[Community], Updates[Community]):
    """Communities."""

    queryset = Community.objects.with_placement().annotate(placement=F("present__pk")).select_related("division")
    serializer_class = CommunityAnswer
    create_serializer = CommunityCreate
    update_serializer = CommunityChange
    filterset_class = CommunityFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "name": "pinyin",
        "code": "code",
        "unit": "unit_order",
        "type": "type",
        "population": "population",
        "households": "households",
        "residents": "residents",
    }
    default_ordering = "code"

    def add(self, values: dict[str, Any]) -> Community:
        """Register it."""
        return actions.create_community(actor=self.person, **values)

    def change(self, record: Community, values: dict[str, Any], version: int) -> Community:
        """Save it, unless somebody else has in between."""
        return actions.edit_community(record, values, expected_version=version, actor=self.person)

    @deed("move", _("调整归属"), MoveBody, gate=may_move)
    def move(self, record: Community, values: dict[str, Any]) -> Community:
        """End the present placement and begin another."""
        expected = values.pop("placement")
        return actions.move_placement(record, actor=self.person, expected=expected, **values).community

    @deed("succeed", _("登记沿革"), SucceedBody, gate=may_move)
    def succeed(self, record: Community, values: dict[str, Any]) -> Community:
        """Merged, split, renamed or ended."""
        return actions.succeed(record, actor=self.person, **values).predecessor


class PlacementAnswer(Answer[Placement]):
    """From when to when a community counted where, as what."""

    unit = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("单位代码。"))

    class Meta:
        model = Placement
        fields = ["id", "community", *PLACE, "valid_from", "valid_until", "reason", "is_sample"]


class PlacementFilter(django_filters.FilterSet):
    """By community, unit, type, population, and the day on which they held."""

    community = KeyFilter(label=_("社区编号"), field_name="community")
    unit = UnitFilter()
    on = django_filters.DateFilter(label=_("在这一天有效"), method="on_day")

    class Meta:
        model = Placement
        fields = ["type", "population", "category"]

    def on_day(self, rows: Any, name: str, value: dt.date) -> Any:
        """In force on a day."""
        return rows.on_day(value)


class PlacementViewSet(ResourceViewSet[Placement]):
    """Dated placements. They change by moving the community."""

    queryset = Placement.objects.select_related("unit")
    serializer_class = PlacementAnswer
    filterset_class = PlacementFilter
    ordering_fields: ClassVar[dict[str, str]] = {"valid_from": "valid_from", "community": "community__code"}


class SuccessionAnswer(Answer[Succession]):
    """One step in what became of a community."""

    successor_name = serializers.CharField(
        source="successor.name", read_only=True, allow_null=True, default=None, help_text=_("新社区的名称。")
    )

    class Meta:
        model = Succession
        fields = [
            "id",
            "predecessor",
            "successor",
            "successor_name",
            "kind",
            "effective_on",
            "reason",
            "former_name",
            "is_sample",
        ]


class SuccessionFilter(django_filters.FilterSet):
    """By the community before and the kind."""

    predecessor = KeyFilter(label=_("原社区编号"), field_name="predecessor")

    class Meta:
        model = Succession
        fields = ["kind"]


class SuccessionViewSet(ResourceViewSet[Succession]):
    """What became of communities."""

    queryset = Succession.objects.select_related("successor")
    serializer_class = SuccessionAnswer
    filterset_class = SuccessionFilter
    ordering_fields: ClassVar[dict[str, str]] = {"effective_on": "effective_on"}


class ReasonBody(Body):
    """Why."""

    reason = serializers.CharField(max_length=200)
