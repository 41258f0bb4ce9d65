"""The REST resource of monthly reports, with everything that is done to one."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.http import HttpResponseBase
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.status import HTTP_201_CREATED

from accounts.api import Creates, Updates, deed
from communities.api import InUnit
from communities.models import ReportingMonth
from communities.place_filters import UnitFilter
from core.api_fields import Answer, Body, KeyFilter, ModelBody, Ref
from core.errors import WrongState
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project
from facilities.report_workflow import CONTENT, ReportState


class ReportAnswer(InUnit, Answer[ProgressReport]):
    """What a county reports of a project for a month."""

    class Meta:
        model = ProgressReport
        fields = [
            "id",
            "version",
            "project",
            "month",
            "unit",
            "type",
            "revision",
            "state",
            "is_blank",
            *CONTENT,
            "entered_as",
            "submitted_at",
            "first_submitted_at",
            "is_late",
            "reviewed_as",
            "reviewed_at",
            "return_reason",
            "away_reason",
            "correction_reason",
            "stage_event",
            "is_sample",
        ]


class ReportChange(ModelBody[ProgressReport]):
    """What is entered of a report. What is not named stays as it is."""

    percent = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)

    class Meta:
        model = ProgressReport
        fields: ClassVar[list[str]] = list(CONTENT)
        extra_kwargs = {"stage": {"required": False}}


class ReportCreate(ReportChange):
    """A report that nobody has begun. What is not named is taken from the last one."""

    project = Ref(offered=Project.objects.reportable_by, queryset=Project.objects.all())
    month = Ref(offered=ReportingMonth.objects.visible_to, queryset=ReportingMonth.objects.all())

    class Meta(ReportChange.Meta):
        fields: ClassVar[list[str]] = ["project", "month", *CONTENT]


class UnchangedBody(Body):
    """A project and month for which the last report holds."""

    project = Ref(offered=Project.objects.reportable_by, queryset=Project.objects.all())
    month = Ref(offered=ReportingMonth.objects.visible_to, queryset=ReportingMonth.objects.all())


class ApproveBody(Body):
    """Why the city office approves for the unit's reviewer; otherwise empty."""

    away_reason = serializers.CharField(max_length=200, required=False)


class ReturnBody(Body):
    """What is to be mended."""

    reason = serializers.CharField(max_length=300)


class CorrectBody(Body):
    """Why an approved report is corrected."""

    reason = serializers.CharField(max_length=200)


class ReportFilter(django_filters.FilterSet):
    """By project, month, unit, state, lateness."""

    project = KeyFilter(label=_("项目编号"), field_name="project")
    month = KeyFilter(label=_("月份编号"), field_name="month")
    unit = UnitFilter(field_name="placed__unit")
    state = django_filters.ChoiceFilter(label=_("状态"), choices=ReportState.choices, method="by_state")
    late = django_filters.BooleanFilter(label=_("迟报"), field_name="is_late")

    class Meta:
        model = ProgressReport
        fields: ClassVar[list[str]] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """As people read states."""
        return rows.in_state(value)


class ReportViewSet(Creates[ProgressReport], Updates[ProgressReport]):
    """Monthly reports."""

    queryset = ProgressReport.objects.with_place().select_related("project", "month")
    serializer_class = ReportAnswer
    create_serializer = ReportCreate
    update_serializer = ReportChange
    filterset_class = ReportFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "month": "month__opens_on",
        "project": "project",
        "submitted_at": "submitted_at",
    }
    default_ordering = "-month"

    def add(self, values: dict[str, Any]) -> ProgressReport:
        """Begin a draft."""
        project, month = values.pop("project"), values.pop("month")
        return actions.save_draft(project, month, values, actor=self.person)

    def change(self, record: ProgressReport, values: dict[str, Any], version: int) -> ProgressReport:
        """Save the draft."""
        self.require_newest(record)
        return actions.save_draft(record.project, record.month, values, actor=self.person, expected_version=version)

    @deed("submit", _("提交"), ReportChange, versioned=True)
    def submit(self, record: ProgressReport, values: dict[str, Any], version: int) -> ProgressReport:
        """Save and hand in."""
        self.require_newest(record)
        return actions.submit_report(record.project, record.month, values, actor=self.person, expected_version=version)

    @action(
        detail=False,
        methods=["post"],
        url_path="unchanged",
        url_name="unchanged",
        deed_body=UnchangedBody,
        deed_label=_("本月无变化"),
    )
    def unchanged(self, request: Request) -> HttpResponseBase:
        """Hand in what the last report said."""
        if not self.queryset.all().creatable_by(request.user):
            raise exceptions.PermissionDenied(_t("你的岗位不能新建这类记录。"))

        def act() -> HttpResponseBase:
            values = self.values(UnchangedBody)
            report = actions.submit_unchanged(values["project"], values["month"], actor=self.person)
            return self.answer(report, HTTP_201_CREATED)

        return self.once(act)

    @deed("withdraw", _("撤回"), versioned=True)
    def withdraw(self, record: ProgressReport, values: dict[str, Any], version: int) -> ProgressReport:
        """Take it back before anybody has decided."""
        return actions.withdraw_report(record, actor=self.person, expected_version=version)

    @deed("approve", _("通过"), ApproveBody, versioned=True)
    def approve(self, record: ProgressReport, values: dict[str, Any], version: int) -> ProgressReport:
        """Approve it, and with it its stage."""
        return actions.approve_report(record, actor=self.person, expected_version=version, **values)

    @deed("return", _("退回"), ReturnBody, versioned=True)
    def send_back(self, record: ProgressReport, values: dict[str, Any], version: int) -> ProgressReport:
        """Send it back, with the reason."""
        return actions.return_report(record, actor=self.person, expected_version=version, **values)

    @deed("correct", _("更正"), CorrectBody)
    def correct(self, record: ProgressReport, values: dict[str, Any]) -> ProgressReport:
        """Open the next revision of an approved report."""
        return actions.begin_correction(record, actor=self.person, **values)

    def require_newest(self, record: ProgressReport) -> None:
        """The actions work on the newest revision of a project's month; raises WrongState for another one."""
        if not ProgressReport.objects.newest_revision().filter(pk=record.pk).exists():
            raise WrongState(_t("这份月报已有更新的一版，请到那一版办理。"))
