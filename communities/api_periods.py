"""REST resources of reporting periods, of who may act where, and of who is away."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Creates, ResourceViewSet, Updates, deed
from accounts.models import ApiToken, User
from accounts.querysets import administrator_kind
from communities import actions
from communities.absence_views import AbsenceForm
from communities.models import Absence, Membership, ReportingMonth, ReportingQuarter
from communities.place_filters import UnitFilter
from communities.scoping import reach_of
from core.api import StrictMixin
from core.api_fields import Answer, Body, KeyFilter, ModelBody, Ref
from core.periods import Month, Quarter

PERIOD = ("id", "version", "year", "number", "opens_on", "due_on", "state", "due_reason")


class MonthAnswer(Answer[ReportingMonth]):
    """A reporting month."""

    class Meta:
        model = ReportingMonth
        fields = list(PERIOD)


class QuarterAnswer(Answer[ReportingQuarter]):
    """A reporting quarter."""

    class Meta:
        model = ReportingQuarter
        fields = [*PERIOD, "published_on"]


class OpenBody(Body):
    """A period to be opened."""

    year = serializers.IntegerField(min_value=2010, max_value=2099)
    opens_on = serializers.DateField(help_text=_("从这一天起可以填报。"))
    due_on = serializers.DateField(help_text=_("晚于这一天算迟报。"))


class MonthOpen(OpenBody):
    """A month."""

    number = serializers.IntegerField(min_value=1, max_value=12)


class QuarterOpen(OpenBody):
    """A quarter."""

    number = serializers.IntegerField(min_value=1, max_value=4)


class DueBody(Body):
    """Another due date and why. Both are needed."""

    due_on = serializers.DateField()
    due_reason = serializers.CharField(max_length=200)


class PeriodFilter(django_filters.FilterSet):
    """By year and state."""

    year = KeyFilter(label=_("年"))


class MonthFilter(PeriodFilter):
    """Months."""

    class Meta:
        model = ReportingMonth
        fields = ["state"]


class QuarterFilter(PeriodFilter):
    """Quarters."""

    class Meta:
        model = ReportingQuarter
        fields = ["state"]


class MonthViewSet(Creates[ReportingMonth], Updates[ReportingMonth]):
    """Reporting months."""

    queryset = ReportingMonth.objects.all()
    serializer_class = MonthAnswer
    create_serializer = MonthOpen
    update_serializer = DueBody
    whole_change = True
    filterset_class = MonthFilter
    ordering_fields: ClassVar[dict[str, str]] = {"opens_on": "opens_on", "due_on": "due_on"}
    default_ordering = "-opens_on"

    def add(self, values: dict[str, Any]) -> ReportingMonth:
        """Open it."""
        month = Month(values["year"], values["number"])
        return actions.open_month(month, actor=self.person, opens_on=values["opens_on"], due_on=values["due_on"])

    def change(self, record: ReportingMonth, values: dict[str, Any], version: int) -> ReportingMonth:
        """Move the due date."""
        why = values["due_reason"]
        return actions.move_due_date(record, values["due_on"], reason=why, expected_version=version, actor=self.person)

    @deed("close", _("关闭填报"))
    def close(self, record: ReportingMonth, values: dict[str, Any]) -> ReportingMonth:
        """End reporting."""
        return actions.close_month(record, actor=self.person)

    @deed("reopen", _("重新开放"))
    def reopen(self, record: ReportingMonth, values: dict[str, Any]) -> ReportingMonth:
        """Open a planned or closed month."""
        return actions.open_month(record.month, actor=self.person)


class QuarterViewSet(Creates[ReportingQuarter], Updates[ReportingQuarter]):
    """Reporting quarters."""

    queryset = ReportingQuarter.objects.all()
    serializer_class = QuarterAnswer
    create_serializer = QuarterOpen
    update_serializer = DueBody
    whole_change = True
    filterset_class = QuarterFilter
    ordering_fields: ClassVar[dict[str, str]] = {"opens_on": "opens_on", "due_on": "due_on"}
    default_ordering = "-opens_on"

    def add(self, values: dict[str, Any]) -> ReportingQuarter:
        """Open it."""
        quarter = Quarter(values["year"], values["number"])
        return actions.open_quarter(quarter, actor=self.person, opens_on=values["opens_on"], due_on=values["due_on"])

    def change(self, record: ReportingQuarter, values: dict[str, Any], version: int) -> ReportingQuarter:
        """Move the due date."""
        why = values["due_reason"]
        return actions.move_due_date(record, values["due_on"], reason=why, expected_version=version, actor=self.person)


class MembershipAnswer(Answer[Membership]):
    """Who may act where, as what, from when to when."""

    user_name = serializers.CharField(source="user.full_name", read_only=True, help_text=_("姓名。"))
    unit = serializers.SlugRelatedField[Any]("code", read_only=True, help_text=_("单位代码。"))

    class Meta:
        model = Membership
        fields = [
            "id",
            "user",
            "user_name",
            "role",
            "unit",
            "community",
            "valid_from",
            "valid_until",
            "reason",
            "is_sample",
        ]


class MembershipFilter(django_filters.FilterSet):
    """By role, unit, and the day on which they hold."""

    unit = UnitFilter()
    on = django_filters.DateFilter(label=_("在这一天有效"), method="on_day")

    class Meta:
        model = Membership
        fields = ["role"]

    def on_day(self, rows: Any, name: str, value: dt.date) -> Any:
        """In term on a day."""
        return rows.in_term(value)


class MembershipViewSet(ResourceViewSet[Membership]):
    """Memberships, read. One's own stand in `me`."""

    queryset = Membership.objects.select_related("user", "unit")
    serializer_class = MembershipAnswer
    filterset_class = MembershipFilter
    ordering_fields: ClassVar[dict[str, str]] = {"valid_from": "valid_from", "user": "user__username"}


class AbsenceAnswer(Answer[Absence]):
    """From when to when a person is away."""

    user_name = serializers.CharField(source="user.full_name", read_only=True, help_text=_("姓名。"))

    class Meta:
        model = Absence
        fields = ["id", "user", "user_name", "first_day", "last_day", "reason", "ended_on", "is_sample"]


class AbsenceFilter(django_filters.FilterSet):
    """By the day that they cover."""

    on = django_filters.DateFilter(label=_("包含这一天"), method="on_day")

    def on_day(self, rows: Any, name: str, value: dt.date) -> Any:
        """Covering a day."""
        return rows.on_day(value)

    class Meta:
        model = Absence
        fields: ClassVar[list[str]] = []


def speaks_for(user: Any) -> Any:
    """Whose absence the person may enter: whom the form offers."""
    return AbsenceForm(actor=user).fields["user"].queryset  # type: ignore[attr-defined]


class AbsenceBody(ModelBody[Absence]):
    """Who will be away, and when."""

    user = Ref(offered=speaks_for, queryset=User.objects.all())

    class Meta:
        model = Absence
        fields = ["user", "first_day", "last_day", "reason"]


class AbsenceViewSet(Creates[Absence]):
    """Who is away when."""

    queryset = Absence.objects.select_related("user")
    serializer_class = AbsenceAnswer
    filterset_class = AbsenceFilter
    create_serializer = AbsenceBody
    ordering_fields: ClassVar[dict[str, str]] = {"first_day": "first_day"}
    default_ordering = "-first_day"

    def add(self, values: dict[str, Any]) -> Absence:
        """Record it."""
        return actions.record_absence(**values, actor=self.person)

    @deed("end", _("登记返岗"))
    def end(self, record: Absence, values: dict[str, Any]) -> Absence:
        """The person is back today."""
        return actions.end_absence(record, actor=self.person)


class MeAnswer(serializers.Serializer[Any]):
    """Who the request is."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(read_only=True)
    full_name = serializers.CharField(read_only=True)
    administrator = serializers.CharField(read_only=True, allow_null=True, help_text=_("三员之一；不是的为空。"))
    roles = serializers.ListField(child=serializers.CharField(), read_only=True, help_text=_("今天的岗位。"))
    memberships = MembershipAnswer(many=True, read_only=True, help_text=_("本人的任职，过期的也在。"))
    token_expires_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text=_("所用令牌的到期时间。"))
    read_only: Any = serializers.BooleanField(read_only=True, help_text=_("所用令牌只读。"))


class MeView(StrictMixin, GenericAPIView[Any]):
    """Oneself."""

    queryset = Membership.objects.select_related("user", "unit")
    serializer_class = MeAnswer
    pagination_class = None
    filter_backends = ()
    metadata_class = None
    action = "retrieve"
    tag: ClassVar[Any] = _("本人")

    def get(self, request: Request) -> Response:
        """The person, their roles today, and the token they use."""
        person: Any = request.user
        token = request.auth if isinstance(request.auth, ApiToken) else None
        data = {
            "id": person.pk,
            "username": person.get_username(),
            "full_name": person.get_full_name(),
            "administrator": administrator_kind(person),
            "roles": sorted(reach_of(person).roles),
            "memberships": self.get_queryset().filter(user=person.pk),
            "token_expires_at": token.expires_at if token is not None else None,
            "read_only": token is not None and token.read_only,
        }
        return Response(MeAnswer(data).data)
