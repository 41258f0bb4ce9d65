"""Forms and filters of construction: parsing and field checks, choices narrowed to what the person may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.calendar import working_day
from communities.form_fields import CommunityField
from communities.models import Community
from communities.place_filters import PopulationFilterSet
from facilities.actions import EDITABLE
from facilities.calendar import present_day
from facilities.form_fields import AmountField
from facilities.lights import RED, WORDS, with_light, with_red_mark
from facilities.models import FacilityKind, InfrastructureType, Priority, Project, StageEvent
from facilities.models.projects import WITHIN_PLAN_DAYS, kinds_of
from facilities.money import FUNDS
from facilities.workflow import Stage

LIGHT_CHOICES = [*WORDS.items(), ("was_red", _("曾亮红灯"))]
LATE = [("any", _("逾期")), ("finish", _("逾期没有建成")), ("start", _("逾期没有动工"))]


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


def name_empty_choices(form: forms.BaseForm) -> None:
    """Say what the empty choice of a select means, instead of dashes."""
    for field in form.fields.values():
        word = _("选一个") if field.required else _("没有")
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = str(word) if field.empty_label is not None else None
        elif isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
            shown: Any = field.choices
            field.choices = [(value, label if value != "" else word) for value, label in shown]


class ProjectForm(forms.ModelForm[Project]):
    """What a project builds, is called and costs. Planned days change with a reason, on a form of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = list(EDITABLE)
        field_classes: ClassVar[dict[str, Any]] = dict.fromkeys((*FUNDS, "invested_before"), AmountField)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.instance.version)
        _offer_infrastructure(self, self.instance.infrastructure_id)
        name_empty_choices(self)


class NewProjectForm(forms.ModelForm[Project]):
    """The same, with the community it is built for. Traits may be left to what the project is."""

    community = CommunityField(label=_("社区"), help_text=_("写编号或全称，如 XC-P-003。"))
    is_platform = forms.TypedChoiceField(
        label=_("服务平台"),
        required=False,
        choices=[("", _("按设施")), ("yes", _("是")), ("no", _("不是"))],
        coerce=lambda chosen: chosen == "yes",
        empty_value=None,
        help_text=_("“先建平台后建房”里的平台。按设施：综合服务中心是，其他不是。"),
    )

    class Meta(ProjectForm.Meta):
        fields: ClassVar[list[str]] = ["community", "kind", "name", "planned_start", "planned_finish", *EDITABLE[2:]]
        widgets = {"planned_start": DayInput, "planned_finish": DayInput}

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_infrastructure(self, None)
        name_empty_choices(self)
        _name_default(self, "position", _("按类别"))
        self.fields["position"].help_text = _(
            "“先地下后地上”按它判断。按类别：基础设施照所选类别，没有选类别的算不清楚；其他项目算地上。"
        )
        _name_default(self, "is_platform", _("按设施"))
        field = self.fields["community"]
        assert isinstance(field, CommunityField)
        field.narrow(Community.objects.editable_by(actor))


def _name_default(form: forms.BaseForm, name: str, word: Any) -> None:
    """Say what a trait is where the person chooses nothing."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    shown: Any = field.choices
    field.choices = [(value, label if value != "" else word) for value, label in shown]


def _offer_infrastructure(form: forms.BaseForm, chosen: int | None) -> None:
    """Kinds in use, and the one that was chosen before it went out of use."""
    field = form.fields["infrastructure"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = InfrastructureType.objects.filter(Q(is_active=True) | Q(pk=chosen))


class VersionForm(forms.Form):
    """Something done to a project as it is shown, with nothing to fill in."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(forms.Form):
    """When each step is planned, with what stands now filled in; a change needs its reason."""

    reason = forms.CharField(
        label=_("调整原因"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("第一次写计划不用填；改原计划必填，如“征地推迟两个月”。"),
    )

    # The newest plan row that was there when the form was opened.
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, plan: Mapping[int, dt.date | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields.pop("reason")
        for stage in list(Stage)[1:]:
            self.fields[f"stage_{stage.value}"] = forms.DateField(
                label=stage.label, required=False, widget=DayInput, validators=WITHIN_PLAN_DAYS, initial=plan.get(stage)
            )
        self.fields["reason"] = reason

    def show_now(self, plan: Mapping[int, dt.date | None]) -> None:
        """Let the steps that the person left alone say what they say by now."""
        sent: Any = copy(self.data)
        for name in self.fields:
            if name.startswith("stage_") and name not in self.changed_data:
                day = plan.get(int(name.removeprefix("stage_")))
                sent[self.add_prefix(name)] = day.isoformat() if day else ""
        self.data = sent

    def days(self) -> dict[int, dt.date | None]:
        """The day of each step that was filled in, or emptied."""
        return {
            int(name.removeprefix("stage_")): self.cleaned_data[name]
            for name in self.cleaned_data
            if name.startswith("stage_") and name in self.changed_data
        }


class StageForm(forms.Form):
    """A stage that the project reached. Opens with the next one, today."""

    stage = forms.TypedChoiceField(label=_("到了哪一步"), choices=Stage.choices, coerce=int)
    occurred_on = forms.DateField(label=_("日期"), widget=DayInput, help_text=_("实际到达这一步的日期。"))
    basis = forms.CharField(
        label=_("认定依据"), required=False, max_length=100, help_text=_("如施工许可证、开工报告、验收单。")
    )
    reason = forms.CharField(
        label=_("退回原因"), required=False, max_length=200, help_text=_("阶段没有前进时必填；前进的不用写。")
    )

    def __init__(self, *args: Any, latest: StageEvent | None, **kwargs: Any) -> None:
        following = Stage.CONCEIVED if latest is None else min(latest.stage + 1, Stage.IN_USE)
        kwargs["initial"] = {"stage": int(following), "occurred_on": working_day(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class ProjectFilter(PopulationFilterSet):
    """Projects by place, kind, stage, focus, the city's hundred, and how they stand against their plan on a day."""

    kind = django_filters.ChoiceFilter(label=_("设施"), choices=FacilityKind.choices, empty_label=_("全部"))
    stage = django_filters.ChoiceFilter(label=_("阶段"), choices=Stage.choices, empty_label=_("全部"))
    priority = django_filters.ChoiceFilter(
        label=_("重点"), choices=Priority.choices, empty_label=_("全部"), method="of_priority"
    )
    late = django_filters.ChoiceFilter(label=_("进度"), choices=LATE, empty_label=_("全部"), method="behind")
    major = django_filters.ChoiceFilter(
        label=_("重大项目"), choices=[("yes", _("百个重大项目"))], empty_label=_("全部"), method="among_major"
    )
    light = django_filters.ChoiceFilter(label=_("亮灯"), choices=LIGHT_CHOICES, empty_label=_("全部"), method="lit")
    # Against which day; says nothing by itself.
    on = django_filters.DateFilter(label=_("截至"), method="unchanged", widget=forms.HiddenInput)
    q = django_filters.CharFilter(label=_("查找"), method="search")

    @property
    def late_on(self) -> dt.date | None:
        """The day by which the list asks who is late: the one in the address, or the present; None if it asks not."""
        cleaned = self.form.cleaned_data if self.is_valid() else {}
        return (cleaned["on"] or present_day()) if cleaned.get("late") else None

    def of_priority(self, rows: Any, name: str, value: str) -> Any:
        """Of the kinds that belong to one of the three focuses."""
        return rows.filter(kind__in=kinds_of(value))

    def behind(self, rows: Any, name: str, kind: str) -> Any:
        """Behind the plan: should have been built, should have begun, or either."""
        return rows.late(self.form.cleaned_data["on"] or present_day(), "" if kind == "any" else kind)

    def among_major(self, rows: Any, name: str, value: str) -> Any:
        """Those of the city's hundred major projects."""
        return rows.filter(major_number__isnull=False)

    def lit(self, rows: Any, name: str, light: str) -> Any:
        """By the light now; `was_red` those that were red once and are not now."""
        rows = with_light(rows, present_day())
        if light != "was_red":
            return rows.filter(light=light)
        return with_red_mark(rows).filter(was_red=True).exclude(light=RED)

    def unchanged(self, rows: Any, name: str, value: Any) -> Any:
        """A filter that only another one reads."""
        return rows

    def search(self, rows: Any, name: str, text: str) -> Any:
        """Part of a name, beginning of a code, pinyin initials."""
        return rows.search(text)
