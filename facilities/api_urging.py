"""The REST resource of 催报: what the city office urged of which unit, who has signed for it, and urging a unit."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.status import HTTP_201_CREATED

from accounts.api import Creates
from communities.models import ReportingMonth, ReportingUnit
from communities.place_filters import UnitFilter
from core.api_fields import Answer, Body, CodeRef, KeyFilter, Ref
from facilities.notice_kinds import URGED, about_month, named_in
from facilities.urging import LONGEST_WORDS, require_urger, urge
from notices.models import Notice


class UrgingAnswer(Answer[Notice]):
    """A 催报 of a unit's month."""

    month = serializers.SerializerMethodField(help_text=_("催哪个月的月报。"))
    unit = serializers.SerializerMethodField(help_text=_("单位代码。"))
    people = serializers.IntegerField(read_only=True, help_text=_("发给几个人。"))
    signed = serializers.IntegerField(read_only=True, help_text=_("几个人已签收。"))

    class Meta:
        model = Notice
        fields = ["id", "month", "unit", "title", "body", "sender", "created_at", "people", "signed", "is_sample"]

    def get_month(self, notice: Notice) -> int | None:
        """The month's key."""
        keys: dict[str, int] = self.context["view"].months
        return keys.get(named_in(notice.about)[0])

    def get_unit(self, notice: Notice) -> str:
        """The unit's code."""
        return named_in(notice.about)[1]


class UrgingCreate(Body):
    """Which unit is urged about which month, and what is added in words."""

    month = Ref(offered=ReportingMonth.objects.visible_to, queryset=ReportingMonth.objects.all())
    unit = CodeRef(offered=ReportingUnit.objects.visible_to, queryset=ReportingUnit.objects.all())
    words = serializers.CharField(max_length=LONGEST_WORDS, required=False, allow_blank=True)


class UrgingFilter(django_filters.FilterSet):
    """By month and unit."""

    month = KeyFilter(label=_("月份编号"), method="of_month")
    unit = UnitFilter(method="of_unit")

    class Meta:
        model = Notice
        fields: ClassVar[list[str]] = []

    def of_month(self, rows: Any, name: str, key: int) -> Any:
        """About a month; none where there is no such month."""
        month = ReportingMonth.objects.filter(pk=key).first()
        return rows.none() if month is None else rows.filter(about__startswith=about_month(month))

    def of_unit(self, rows: Any, name: str, unit: ReportingUnit) -> Any:
        """About a unit."""
        return rows.filter(about__endswith=f"/unit:{unit.code}")


class UrgingViewSet(Creates[Notice]):
    """催报: all of them for the city office, for others what they received."""

    queryset = Notice.objects.of_kind(URGED).with_signatures()
    serializer_class = UrgingAnswer
    create_serializer = UrgingCreate
    filterset_class = UrgingFilter
    ordering_fields: ClassVar[dict[str, str]] = {"created_at": "created_at"}
    default_ordering = "-created_at"
    tag: ClassVar[Any] = _("催报")

    @cached_property
    def months(self) -> dict[str, int]:
        """Keys of all months, by their names."""
        return {str(month): month.pk for month in ReportingMonth.objects.all()}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Urge a unit. Who may not is refused (403) whatever is sent: no notice is written by hand."""
        require_urger(self.person)
        return self.once(lambda: self.answer(self.add(self.values(self.create_serializer)), HTTP_201_CREATED))

    def add(self, values: dict[str, Any]) -> Notice:
        """Send it."""
        return urge(**values, actor=self.person)
