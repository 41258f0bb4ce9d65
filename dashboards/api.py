"""REST resources of figures: the indicators, the figures of a quarter, the facts behind one, what was published.

Whose figures a person sees one by one is the rule of the pages (`sight_of`): until a quarter is published, people
of a unit get their own unit's beside the city's totals, and no filter, order or count says more.
"""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.http import Http404
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ResourceViewSet
from communities.models import ReportingUnit
from communities.scoping import reach_of
from core.api import Pages, StrictMixin
from core.api_fields import Answer, KeyFilter
from core.openapi import ORDERING, PAGE, PAGE_SIZE
from core.periods import Quarter
from dashboards.construction.curve import curve_of
from dashboards.construction.page import selectable
from dashboards.evidence import rows_of
from dashboards.facts import ALL
from dashboards.facts_reader import SORTS, Asked, FactsReader
from dashboards.figures import TYPES, Cell, FigureTable
from dashboards.indicators import REGISTRY, Indicator, Sort
from dashboards.models import CellType, Figure, PublishedFigure
from dashboards.selectors import Period, Sight, period_of, sight_of, state_of, tables_of
from dashboards.selectors_facts import has_kinds, types_of
from facilities.models import FacilityKind

_UNITS = _("单位代码；all 是全市。未公布的季度，只有本单位和全市的数字。")


def _parameter(name: str, help_text: Any, choices: Any = None) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, "query", enum=list(choices) if choices else None, description=help_text
    )


class _FiguresView(StrictMixin, GenericAPIView[Any]):
    """Figures, for whoever holds a role today, wherever."""

    queryset = Figure.objects.all()
    pagination_class = Pages
    filter_backends = ()
    scope = "scoped"
    metadata_class = None
    action = "list"
    tag: ClassVar[Any] = _("数字")
    paged = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses people without any role before anything is read."""
        super().initial(request, *args, **kwargs)
        if not reach_of(request.user).roles:
            raise exceptions.PermissionDenied(_t("数字只给有业务岗位的人看。"))

    def known_parameters(self) -> set[str]:
        """What the view declares, and pages."""
        return set(self.query_parameters) | ({PAGE, PAGE_SIZE} if self.paged else set())

    def asked(self, name: str, known: Any, default: str) -> str:
        """The value of a parameter. ValidationError for one that is not among the known."""
        value = self.request.query_params.get(name, default)
        if value not in known:
            raise exceptions.ValidationError({name: _t("没有“%(value)s”，或你看不到。") % {"value": value[:50]}})
        return str(value)

    def period(self, name: str) -> Period:
        """A quarter that was ever opened, by its name; the current one without. 404 otherwise."""
        try:
            period = period_of(name)
        except LookupError as error:
            raise Http404 from error
        if period is None:
            raise Http404
        return period


class IndicatorAnswer(serializers.Serializer[Any]):
    """What is counted, and how."""

    code = serializers.CharField(read_only=True)
    label: Any = serializers.CharField(read_only=True)
    measure = serializers.CharField(read_only=True, help_text=_("计量单位。"))
    rule = serializers.CharField(read_only=True, help_text=_("计数口径。"))
    presumed = serializers.BooleanField(read_only=True, help_text=_("推定，待核定。"))
    sort = serializers.ChoiceField(choices=[sort.value for sort in Sort], read_only=True, help_text=_("和、率、均值。"))


class IndicatorsView(_FiguresView):
    """Every indicator, in the order in which they are shown."""

    serializer_class = IndicatorAnswer
    pagination_class = None  # type: ignore[assignment]
    paged = False
    tag = _("指标")

    def get(self, request: Request) -> Response:
        """All of them."""
        return Response(IndicatorAnswer(list(REGISTRY.values()), many=True).data)


class FigureAnswer(serializers.Serializer[Any]):
    """One figure: an indicator in a quarter, of a unit and a type."""

    quarter = serializers.CharField(read_only=True, help_text=_("如 2013Q4。"))
    indicator = serializers.CharField(read_only=True, help_text=_("指标代码。"))
    unit = serializers.CharField(read_only=True, help_text=_("单位代码；all 是全市。"))
    type = serializers.ChoiceField(choices=list(TYPES), read_only=True, help_text=_("社区类型；all 是不分类型。"))
    value = serializers.DecimalField(
        max_digits=16, decimal_places=2, read_only=True, allow_null=True, help_text=_("没有可除的为空。")
    )
    numerator = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    denominator = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True, allow_null=True)
    records = serializers.IntegerField(read_only=True, help_text=_("由几条事实相加。"))
    computed_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text=_("最近一次计算的时间。"))


class FiguresView(_FiguresView):
    """The figures of a quarter."""

    serializer_class = FigureAnswer
    query_parameters = ("quarter", "indicator", "unit", "type")
    schema_parameters = (
        _parameter("quarter", _("季度，如 2013Q4；不写是现在的季度。")),
        _parameter("indicator", _("指标代码。"), REGISTRY),
        _parameter("unit", _UNITS),
        _parameter("type", _("社区类型；all 是不分类型。"), TYPES),
    )

    def get(self, request: Request) -> Response:
        """Indicator by indicator, the city first, then the units that the person sees."""
        period = self.period(request.query_params.get("quarter", ""))
        sight = sight_of(request.user, period.row, list(ReportingUnit.objects.all()))
        units = [ALL, *(unit.code for unit in sight.shown)]
        wanted = {
            "indicator": self.asked("indicator", {*REGISTRY, ""}, ""),
            "unit": self.asked("unit", {*units, ""}, ""),
            "type": self.asked("type", {*TYPES, ""}, ""),
        }
        tables = tables_of(request.user, [period.quarter])
        city, cells = tables.city[period.quarter], tables.cells[period.quarter]
        found = [
            _told(table, table.cell(indicator, unit, type))
            for indicator in ([wanted["indicator"]] if wanted["indicator"] else REGISTRY)
            for unit in ([wanted["unit"]] if wanted["unit"] else units)
            for table in (city if unit == ALL else cells,)
            for type in ([wanted["type"]] if wanted["type"] else TYPES)
        ]
        page: Any = self.paginate_queryset(found)
        return self.get_paginated_response(FigureAnswer(page, many=True).data)


def _told(table: FigureTable, cell: Cell) -> dict[str, Any]:
    value = cell.value
    return {
        "quarter": str(cell.quarter),
        "indicator": cell.indicator,
        "unit": cell.unit,
        "type": cell.type,
        "value": None if value is None else round(value, 2),
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "records": cell.records,
        "computed_at": table.computed_at,
    }


class FactAnswer(serializers.Serializer[Any]):
    """One fact: a record that makes the figure, or, where asked for, one that does not count."""

    id = serializers.IntegerField(read_only=True, allow_null=True, help_text=_("记录编号；已不在你单位的为空。"))
    name = serializers.CharField(read_only=True)
    unit = serializers.CharField(read_only=True, help_text=_("当时的单位代码。"))
    type = serializers.ChoiceField(choices=CellType.choices, read_only=True, help_text=_("当时的类型。"))
    counted = serializers.BooleanField(read_only=True, help_text=_("是否计入。"))
    amount = serializers.CharField(read_only=True, allow_blank=True, help_text=_("计入多少。"))
    on = serializers.DateField(read_only=True, allow_null=True, help_text=_("从哪天起。"))
    basis = serializers.CharField(read_only=True, allow_blank=True, help_text=_("依据。"))
    is_sample = serializers.BooleanField(read_only=True, help_text=_("示例数据。"))


class FactsView(_FiguresView):
    """The facts behind one figure."""

    serializer_class = FactAnswer
    query_parameters = ("unit", "type", "kind", "counted", "since", "q", ORDERING)
    schema_parameters = (
        OpenApiParameter("quarter", OpenApiTypes.STR, "path", description=_("季度，如 2013Q4。")),
        OpenApiParameter("indicator", OpenApiTypes.STR, "path", description=_("指标代码。")),
        _parameter("unit", _UNITS),
        _parameter("type", _("社区类型；all 是不分类型。"), TYPES),
        _parameter("kind", _("设施，只用于项目的指标；all 是不分设施。"), (ALL, *FacilityKind.values)),
        _parameter("counted", _("yes 计入，no 未计入。"), ("yes", "no")),
        _parameter("since", _("new 本季度新增，gone 上季度计入而本季度不再计入；只用于个数。"), ("new", "gone")),
        _parameter("q", _("名称、拼音首字母。")),
        _parameter(ORDERING, _("排序。"), [sign + name for name in SORTS for sign in ("", "-")]),
    )
    tag = _("事实")

    def get(self, request: Request, quarter: str, indicator: str) -> Response:
        """Those that the person may see, as asked for."""
        period, found = self.period(quarter), REGISTRY.get(indicator)
        if found is None:
            raise Http404
        units = list(ReportingUnit.objects.all())
        sight = sight_of(request.user, period.row, units)
        reader = FactsReader(request.user, period, found, sight, self.wish(found, sight))
        page: Any = self.paginate_queryset(reader.ordered(reader.found(), units))
        return self.get_paginated_response(FactAnswer(_lines(reader, reader.dated, page, units), many=True).data)

    def wish(self, indicator: Indicator, sight: Sight) -> Asked:
        """The address in one value."""
        orders = {"", *SORTS, *(f"-{name}" for name in SORTS)}
        q = self.request.query_params.get("q", "")
        if len(q) > 100 or "\0" in q:
            raise exceptions.ValidationError({"q": _t("要找的词太长，或有不能用的字符。")})
        since = self.asked("since", {"", "new", "gone"}, "")
        if since and not indicator.is_count:
            raise exceptions.ValidationError({"since": _t("只有个数才有“变动”。")})
        return Asked(
            unit=self.asked("unit", {ALL, *(unit.code for unit in sight.shown)}, ALL),
            type=self.asked("type", {ALL, *types_of(indicator)}, ALL),
            kind=self.asked("kind", {ALL, *(FacilityKind.values if has_kinds(indicator) else ())}, ALL),
            counted=self.asked("counted", {"", "yes", "no"}, ""),
            since=since,
            q=q,
            sort=self.asked(ORDERING, orders, ""),
        )


def _lines(reader: FactsReader, quarter: Quarter, records: Any, units: list[ReportingUnit]) -> list[dict[str, Any]]:
    codes = {unit.pk: unit.code for unit in units}
    openable = reader.openable(records)
    rows = rows_of(reader.indicator, quarter, records, units, openable)
    return [
        {
            "id": record.pk if record.pk in openable else None,
            "name": row.name,
            "unit": codes.get(record.fact_unit, ""),
            "type": row.type,
            "counted": row.counted,
            "amount": row.amount,
            "on": row.on,
            "basis": row.basis,
            "is_sample": row.is_sample,
        }
        for record, row in zip(records, rows, strict=True)
    ]


class CurvePoint(serializers.Serializer[Any]):
    """The end of a month: projects to be basically built by then, and those that are."""

    month = serializers.CharField(read_only=True, help_text=_("如 2013-12。"))
    planned = serializers.IntegerField(read_only=True, help_text=_("按现在的计划，累计个数。"))
    first = serializers.IntegerField(read_only=True, help_text=_("按最初的计划，累计个数。"))
    built = serializers.IntegerField(read_only=True, allow_null=True, help_text=_("实际，累计个数；还没到的月份为空。"))


class CurveAnswer(serializers.Serializer[Any]):
    """Plan against actual of the city, or of a unit."""

    quarter = serializers.CharField(read_only=True, help_text=_("如 2013Q4。"))
    unit = serializers.CharField(read_only=True, help_text=_("单位代码；all 是全市。"))
    total = serializers.IntegerField(read_only=True, help_text=_("规划新社区的项目数。"))
    unplanned = serializers.IntegerField(read_only=True, help_text=_("没有计划建成日期的项目数。"))
    points = CurvePoint(many=True, read_only=True)


class CurveView(_FiguresView):
    """Plan against actual by month; plans are records, so of other units nobody of a unit gets them."""

    serializer_class = CurveAnswer
    pagination_class = None  # type: ignore[assignment]
    paged = False
    action = "retrieve"
    query_parameters = ("quarter", "unit")
    schema_parameters = (
        _parameter("quarter", _("季度，如 2013Q4；不写是现在的季度。")),
        _parameter("unit", _("单位代码，只限本单位；all 是全市。")),
    )
    tag = _("计划和实际")

    def get(self, request: Request) -> Response:
        """By month, from the first that anything was planned or built for."""
        period = self.period(request.query_params.get("quarter", ""))
        units = list(ReportingUnit.objects.all())
        offered = {unit.code: unit for unit in selectable(sight_of(request.user, period.row, units), units)}
        code = self.asked("unit", {ALL, *offered}, ALL)
        curve = curve_of(period.quarter, state_of(period).day, offered.get(code), code)
        answer = {"quarter": str(period.quarter), "unit": code, **vars(curve)}
        return Response(CurveAnswer(answer).data)


class PublishedAnswer(Answer[PublishedFigure]):
    """A figure that was published, with its date and source."""

    class Meta:
        model = PublishedFigure
        fields = ["id", "indicator", "year", "number", "type", "value", "published_on", "wording", "source"]


class PublishedFilter(django_filters.FilterSet):
    """By indicator and quarter."""

    indicator = django_filters.CharFilter(label=_("指标代码"))
    year = KeyFilter(label=_("年"))
    number = KeyFilter(label=_("季度"))

    class Meta:
        model = PublishedFigure
        fields: ClassVar[list[str]] = []


class PublishedViewSet(ResourceViewSet[PublishedFigure]):
    """The register of published figures."""

    queryset = PublishedFigure.objects.all()
    serializer_class = PublishedAnswer
    filterset_class = PublishedFilter
    ordering_fields: ClassVar[dict[str, str]] = {"published_on": "published_on"}
