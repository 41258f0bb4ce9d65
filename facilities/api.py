"""REST resources of construction: projects and their stages."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, ResourceViewSet, Updates, deed
from communities.api import InUnit
from communities.models import Community
from core.api_fields import Answer, Body, KeyFilter, ModelBody, Ref
from facilities import actions, rule_actions
from facilities.calendar import present_day
from facilities.forms import ProjectFilter
from facilities.lights import WORDS, light_of, standing_of, with_light, with_red_mark
from facilities.models import (
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    PlannedStage,
    Priority,
    Project,
    StageEvent,
)
from facilities.plan_actions import plan_stages
from facilities.workflow import Stage

# Stands before `plan_version` in If-Match: the project's own version does not tell of its plan.
OF_PLAN = "p"


class ProjectAnswer(InUnit, Answer[Project]):
    """A project, with how far it has come."""

    priority = serializers.ChoiceField(
        choices=Priority.choices, read_only=True, help_text=_("三个重点里的哪一个，按设施定；商业开发为空。")
    )
    stage = serializers.ChoiceField(choices=Stage.choices, read_only=True, help_text=_("现在的阶段。"))
    stage_on = serializers.DateField(read_only=True, allow_null=True, help_text=_("到达这一步的日期。"))
    light = serializers.ChoiceField(choices=list(WORDS.items()), read_only=True, help_text=_("现在的亮灯。"))
    light_reason = serializers.SerializerMethodField(help_text=_("为什么亮这盏灯，一句话。"))
    was_red = serializers.BooleanField(read_only=True, help_text=_("是否亮过红灯；恢复以后仍保留。"))
    plan_version = serializers.IntegerField(
        read_only=True, help_text=_('最近一次计划的编号，没有计划的为 0；调整计划时写在 If-Match 里，如 "p3"。')
    )

    class Meta:
        model = Project
        fields = [
            "id",
            "version",
            "community",
            "unit",
            "type",
            *actions.EDITABLE,
            *actions.FIRST_PLAN,
            "priority",
            "plan_version",
            "stage",
            "stage_on",
            "light",
            "light_reason",
            "was_red",
            "registered_on",
            "is_sample",
        ]

    def get_light_reason(self, project: Any) -> str:
        """The light's sentence."""
        view = self.context["view"]
        return light_of(standing_of(project), view.day, view.thresholds).sentence


class ProjectChange(ModelBody[Project]):
    """What a project builds, is called and costs."""

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = list(actions.EDITABLE)


class ProjectCreate(ProjectChange):
    """A new project."""

    community = Ref(offered=Community.objects.editable_by, queryset=Community.objects.all())

    class Meta(ProjectChange.Meta):
        fields: ClassVar[list[str]] = ["community", *actions.EDITABLE, *actions.FIRST_PLAN]


class StageBody(ModelBody[StageEvent]):
    """A stage that the project reached."""

    class Meta:
        model = StageEvent
        fields = ["stage", "occurred_on", "basis", "reason"]


class PlanBody(ModelBody[PlannedStage]):
    """A step, the day for which it is planned (empty: no longer), and why where that changes."""

    class Meta:
        model = PlannedStage
        fields = ["stage", "planned_on", "reason"]


class ExemptBody(Body):
    """The rule, and why the project may go before what should be first."""

    rule = Ref(offered=OrderingRule.objects.visible_to, queryset=OrderingRule.objects.all())
    reason = serializers.CharField(max_length=200)


def may_exempt(user: Any, record: Any) -> bool:
    """Exemptions are the city office's."""
    return OrderingExemption.objects.all().creatable_by(user)


def may_enter_stages(user: Any, record: Any) -> bool:
    """Stages entered directly are the city office's; counties enter theirs by the monthly report."""
    return StageEvent.objects.all().creatable_by(user)


class ProjectViewSet(Creates[Project], Updates[Project]):
    """Projects."""

    queryset = Project.objects.with_stage().with_place().with_newest_plan().select_related("community")
    serializer_class = ProjectAnswer
    create_serializer = ProjectCreate
    update_serializer = ProjectChange
    filterset_class = ProjectFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "unit": "place_order",
        "kind": "kind",
        "stage": "stage",
        "stage_on": "stage_on",
        "planned_finish": "planned_finish",
    }

    @cached_property
    def day(self) -> dt.date:
        """The day on which the lights are judged."""
        return present_day()

    @cached_property
    def thresholds(self) -> LightThreshold | None:
        """By what they are judged."""
        return LightThreshold.objects.on_day(self.day)

    def get_queryset(self) -> Any:
        """Rows the person may see, each with its light, and whether one was red before."""
        return with_red_mark(with_light(super().get_queryset(), self.day))

    def add(self, values: dict[str, Any]) -> Project:
        """Register it."""
        return actions.create_project(**values, actor=self.person)

    def change(self, record: Project, values: dict[str, Any], version: int) -> Project:
        """Save it, unless somebody else has in between."""
        return actions.edit_project(record, values, expected_version=version, actor=self.person)

    @deed("stage", _("登记阶段"), StageBody, gate=may_enter_stages)
    def enter_stage(self, record: Project, values: dict[str, Any]) -> Project:
        """Record the stage."""
        return actions.record_stage(record, **values, actor=self.person).project

    @deed("plan", _("调整计划"), PlanBody, versioned=OF_PLAN)
    def plan(self, record: Project, values: dict[str, Any], version: int) -> Project:
        """Plan one step, or re-plan it with a reason, unless somebody else has re-planned it in between."""
        days = {values["stage"]: values.get("planned_on")}
        plan_stages(record, days, actor=self.person, reason=values.get("reason", ""), seen=version)
        return record

    @deed("withdraw", _("收回登记"), versioned=True, takes_away=True)
    def withdraw(self, record: Project, values: dict[str, Any], version: int) -> None:
        """Take a registration back on which nothing stands yet."""
        actions.withdraw_project(record, expected_version=version, actor=self.person)

    @deed("exempt", _("豁免建设顺序"), ExemptBody, gate=may_exempt)
    def exempt(self, record: Project, values: dict[str, Any]) -> Project:
        """Let it go before what should be first."""
        return rule_actions.exempt(values["rule"], record, reason=values["reason"], actor=self.person).project


class StageAnswer(Answer[StageEvent]):
    """A project reached a stage on a day."""

    class Meta:
        model = StageEvent
        fields = [
            "id",
            "project",
            "stage",
            "stage_before",
            "occurred_on",
            "basis",
            "reason",
            "recorded_at",
            "is_sample",
        ]


class StageFilter(django_filters.FilterSet):
    """By project and stage."""

    project = KeyFilter(label=_("项目编号"), field_name="project")

    class Meta:
        model = StageEvent
        fields = ["stage"]


class StageViewSet(ResourceViewSet[StageEvent]):
    """Dated stages. They are added by reports, or by the project's `stage`."""

    queryset = StageEvent.objects.all()
    serializer_class = StageAnswer
    filterset_class = StageFilter
    ordering_fields: ClassVar[dict[str, str]] = {"occurred_on": "occurred_on"}
