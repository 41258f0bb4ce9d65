"""Forms of the city office's data about construction, and of exemptions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from facilities.forms import DayInput, name_empty_choices
from facilities.light_actions import THRESHOLD_FIELDS
from facilities.models import InfrastructureType, LightThreshold, OrderingRule, StageDefinition
from facilities.rule_actions import EDITABLE


class _VersionedForm(forms.ModelForm[Any]):
    """A record with the version that it was opened with."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.instance.version)
        name_empty_choices(self)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class StageDefinitionForm(_VersionedForm):
    """What a step means."""

    class Meta:
        model = StageDefinition
        fields = EDITABLE[StageDefinition]
        widgets: ClassVar[dict[str, Any]] = {"definition": forms.Textarea(attrs={"rows": 3})}


class InfrastructureTypeForm(_VersionedForm):
    """A kind of infrastructure."""

    class Meta:
        model = InfrastructureType
        fields = EDITABLE[InfrastructureType]


class OrderingRuleForm(_VersionedForm):
    """A rule of what comes first."""

    class Meta:
        model = OrderingRule
        fields = EDITABLE[OrderingRule]
        widgets: ClassVar[dict[str, Any]] = {
            "statement": forms.Textarea(attrs={"rows": 3}),
            "valid_from": DayInput,
            "valid_until": DayInput,
        }


class NewOrderingRuleForm(forms.ModelForm[OrderingRule]):
    """A new rule of what comes first."""

    class Meta(OrderingRuleForm.Meta):
        fields = ("code", "family", *EDITABLE[OrderingRule])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_empty_choices(self)


class NewReadingForm(_VersionedForm):
    """Another reading of a rule, from a day on; opens with the present one."""

    class Meta(OrderingRuleForm.Meta):
        fields = tuple(name for name in EDITABLE[OrderingRule] if name != "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["valid_from"] = None


class LightThresholdForm(_VersionedForm):
    """A set of thresholds, corrected."""

    class Meta:
        model = LightThreshold
        fields = THRESHOLD_FIELDS


class NewThresholdForm(forms.ModelForm[LightThreshold]):
    """A set of thresholds from a day on."""

    class Meta:
        model = LightThreshold
        fields: ClassVar[list[str]] = ["valid_from", *THRESHOLD_FIELDS]
        widgets: ClassVar[dict[str, Any]] = {"valid_from": DayInput}


class NewInfrastructureForm(forms.ModelForm[InfrastructureType]):
    """A new kind of infrastructure."""

    class Meta:
        model = InfrastructureType
        fields: ClassVar[list[str]] = ["code", "name", "underground", "order"]


class ExemptionWithdrawForm(forms.Form):
    """Why a project may not go first after all."""

    reason = forms.CharField(
        label=_("撤回原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("为什么不再豁免，如“同意的文件已经作废”；记录在案。"),
    )


class ExemptionForm(forms.Form):
    """Why a project may go before what should be first."""

    reason = forms.CharField(
        label=_("豁免原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("为什么可以先动、依据是什么；所有看得到这个项目的人都会看到。"),
    )
