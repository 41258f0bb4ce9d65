"""REST resources of the rules of construction, of plans, and of the marks that red lights leave."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Creates, ResourceViewSet, Updates, deed
from communities.place_filters import UnitFilter
from core.api_fields import Answer, Body, KeyFilter, ModelBody
from facilities import light_actions, rule_actions
from facilities.models import (
    InfrastructureType,
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    PlannedStage,
    RedMark,
    StageDefinition,
)
from facilities.rule_actions import EDITABLE


class StageDefinitionAnswer(Answer[StageDefinition]):
    """What a step means."""

    class Meta:
        model = StageDefinition
        fields = ["id", "version", "stage", *EDITABLE[StageDefinition]]


class StageDefinitionChange(ModelBody[StageDefinition]):
    """What a step means, changed."""

    class Meta:
        model = StageDefinition
        fields: ClassVar[list[str]] = list(EDITABLE[StageDefinition])


class InfrastructureTypeAnswer(Answer[InfrastructureType]):
    """A kind of infrastructure."""

    class Meta:
        model = InfrastructureType
        fields = ["id", "version", "code", *EDITABLE[InfrastructureType]]


class InfrastructureTypeChange(ModelBody[InfrastructureType]):
    """A kind of infrastructure, changed."""

    class Meta:
        model = InfrastructureType
        fields: ClassVar[list[str]] = list(EDITABLE[InfrastructureType])


class InfrastructureTypeCreate(ModelBody[InfrastructureType]):
    """A new kind of infrastructure."""

    class Meta:
        model = InfrastructureType
        fields: ClassVar[list[str]] = ["code", "name", "underground", "order"]


class OrderingRuleAnswer(Answer[OrderingRule]):
    """A rule of what comes first."""

    class Meta:
        model = OrderingRule
        fields = ["id", "version", "code", "family", *EDITABLE[OrderingRule]]


class OrderingRuleChange(ModelBody[OrderingRule]):
    """A rule, changed."""

    class Meta:
        model = OrderingRule
        fields: ClassVar[list[str]] = list(EDITABLE[OrderingRule])


class OrderingRuleBody(ModelBody[OrderingRule]):
    """A new rule."""

    class Meta:
        model = OrderingRule
        fields: ClassVar[list[str]] = ["code", "family", *EDITABLE[OrderingRule]]


class NewReadingBody(ModelBody[OrderingRule]):
    """Another reading of a rule, from a day on."""

    class Meta:
        model = OrderingRule
        fields: ClassVar[list[str]] = [name for name in EDITABLE[OrderingRule] if name != "valid_until"]


class LightThresholdAnswer(Answer[LightThreshold]):
    """A set of thresholds."""

    class Meta:
        model = LightThreshold
        fields = ["id", "version", "valid_from", *light_actions.THRESHOLD_FIELDS]


class LightThresholdChange(ModelBody[LightThreshold]):
    """A set of thresholds, corrected."""

    class Meta:
        model = LightThreshold
        fields: ClassVar[list[str]] = list(light_actions.THRESHOLD_FIELDS)


class LightThresholdCreate(LightThresholdChange):
    """A set of thresholds from a day on."""

    class Meta(LightThresholdChange.Meta):
        fields: ClassVar[list[str]] = ["valid_from", *light_actions.THRESHOLD_FIELDS]


class _RuleViewSet(Updates[Any]):
    """One kind of rule: everybody reads it, the city office changes it."""

    def change(self, record: Any, values: dict[str, Any], version: int) -> Any:
        """Save it, unless somebody else has in between."""
        return rule_actions.edit(record, values, expected_version=version, actor=self.person)


class StageDefinitionViewSet(_RuleViewSet):
    """What the steps mean."""

    queryset = StageDefinition.objects.all()
    serializer_class = StageDefinitionAnswer
    update_serializer = StageDefinitionChange
    ordering_fields: ClassVar[dict[str, str]] = {"stage": "stage"}


class InfrastructureTypeViewSet(_RuleViewSet, Creates[Any]):
    """Kinds of infrastructure. One that is no longer to be chosen is changed to be out of use."""

    queryset = InfrastructureType.objects.all()
    serializer_class = InfrastructureTypeAnswer
    create_serializer = InfrastructureTypeCreate
    update_serializer = InfrastructureTypeChange
    ordering_fields: ClassVar[dict[str, str]] = {"order": "order"}

    def add(self, values: dict[str, Any]) -> InfrastructureType:
        """Add it."""
        return rule_actions.add_infrastructure(**values, actor=self.person)


class OrderingRuleViewSet(Creates[OrderingRule], _RuleViewSet):
    """Rules of what comes first."""

    queryset = OrderingRule.objects.all()
    serializer_class = OrderingRuleAnswer
    create_serializer = OrderingRuleBody
    update_serializer = OrderingRuleChange
    ordering_fields: ClassVar[dict[str, str]] = {"code": "code"}

    def add(self, values: dict[str, Any]) -> OrderingRule:
        """Add one."""
        return rule_actions.add_rule(**values, actor=self.person)

    @deed("anew", _("换新口径"), NewReadingBody, versioned=True)
    def anew(self, record: OrderingRule, values: dict[str, Any], version: int) -> OrderingRule:
        """End this reading on a day and begin another; the answer is the new one."""
        return rule_actions.read_anew(record, expected_version=version, actor=self.person, **values)


class LightThresholdViewSet(Creates[LightThreshold], Updates[LightThreshold]):
    """Thresholds of lights."""

    queryset = LightThreshold.objects.all()
    serializer_class = LightThresholdAnswer
    create_serializer = LightThresholdCreate
    update_serializer = LightThresholdChange
    ordering_fields: ClassVar[dict[str, str]] = {"valid_from": "valid_from"}

    def add(self, values: dict[str, Any]) -> LightThreshold:
        """A set from a day on."""
        return light_actions.set_thresholds(**values, actor=self.person)

    def change(self, record: LightThreshold, values: dict[str, Any], version: int) -> LightThreshold:
        """Save it, unless somebody else has in between."""
        return light_actions.edit_thresholds(record, values, expected_version=version, actor=self.person)


class PlanAnswer(Answer[PlannedStage]):
    """A step of a project was planned for a day."""

    class Meta:
        model = PlannedStage
        fields = [
            "id",
            "project",
            "stage",
            "planned_on",
            "planned_before",
            "holds_from",
            "reason",
            "recorded_at",
            "is_sample",
        ]


class PlanFilter(django_filters.FilterSet):
    """By project and step."""

    project = KeyFilter(label=_("项目编号"), field_name="project")

    class Meta:
        model = PlannedStage
        fields = ["stage"]


class PlanViewSet(ResourceViewSet[PlannedStage]):
    """Plans of steps, each with those that it replaced. They are added by the project's `plan`."""

    queryset = PlannedStage.objects.all()
    serializer_class = PlanAnswer
    filterset_class = PlanFilter
    ordering_fields: ClassVar[dict[str, str]] = {"planned_on": "planned_on"}


class RedMarkAnswer(Answer[RedMark]):
    """A project's light was red."""

    class Meta:
        model = RedMark
        fields = ["id", "project", "red_on", "sentence", "recorded_at", "is_sample"]


class RedMarkFilter(django_filters.FilterSet):
    """By project and unit."""

    project = KeyFilter(label=_("项目编号"), field_name="project")
    unit = UnitFilter(field_name="placed__unit")

    class Meta:
        model = RedMark
        fields: tuple[str, ...] = ()


class RedMarkViewSet(ResourceViewSet[RedMark]):
    """Marks that red lights leave."""

    queryset = RedMark.objects.with_place()
    serializer_class = RedMarkAnswer
    filterset_class = RedMarkFilter
    ordering_fields: ClassVar[dict[str, str]] = {"red_on": "red_on"}


class ExemptionAnswer(Answer[OrderingExemption]):
    """A project may go before what should be first."""

    class Meta:
        model = OrderingExemption
        fields = [
            "id",
            "rule",
            "project",
            "reason",
            "granted_at",
            "withdrawn_at",
            "withdrawn_reason",
            "is_sample",
        ]


class ExemptionWithdrawBody(Body):
    """Why the project may not go first after all."""

    reason = serializers.CharField(max_length=200)


class ExemptionFilter(django_filters.FilterSet):
    """By project and rule."""

    project = KeyFilter(label=_("项目编号"), field_name="project")
    rule = KeyFilter(label=_("规则编号"), field_name="rule")

    class Meta:
        model = OrderingExemption
        fields: tuple[str, ...] = ()


class ExemptionViewSet(ResourceViewSet[OrderingExemption]):
    """Exemptions from the ordering rules. They are granted by the project's `exempt`, and can be taken back."""

    queryset = OrderingExemption.objects.all()
    serializer_class = ExemptionAnswer
    filterset_class = ExemptionFilter
    ordering_fields: ClassVar[dict[str, str]] = {"granted_at": "granted_at"}

    @deed("withdraw", _("撤回豁免"), ExemptionWithdrawBody)
    def withdraw(self, record: OrderingExemption, values: dict[str, Any]) -> OrderingExemption:
        """Take it back."""
        return rule_actions.withdraw_exemption(record, reason=values["reason"], actor=self.person)
