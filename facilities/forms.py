"""Forms and filters of construction: parsing and field checks, choices narrowed to what the person may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.calendar import working_day
from communities.form_fields import CommunityField
from communities.models import Community
from communities.place_filters import PopulationFilterSet
from facilities.calendar import present_day
from facilities.models import FacilityKind, Priority, Project, StageEvent
from facilities.workflow import Stage

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
    """What a project builds, is called and plans."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields = ["kind", "name", "priority", "planned_start", "planned_finish"]
        widgets = {"planned_start": DayInput, "planned_finish": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.instance.version)
        name_empty_choices(self)


class NewProjectForm(forms.ModelForm[Project]):
    """The same, with the community it is built for."""

    community = CommunityField(label=_("社区"), help_text=_("写编号或全称，如 XC-P-003。"))

    class Meta(ProjectForm.Meta):
        fields = ["community", *ProjectForm.Meta.fields]

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_empty_choices(self)
        field = self.fields["community"]
        assert isinstance(field, CommunityField)
        field.narrow(Community.objects.editable_by(actor))


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
    """Projects by place, kind, stage, focus, and how they stand against their plan on a day."""

    kind = django_filters.ChoiceFilter(label=_("设施"), choices=FacilityKind.choices, empty_label=_("全部"))
    stage = django_filters.ChoiceFilter(label=_("阶段"), choices=Stage.choices, empty_label=_("全部"))
    priority = django_filters.ChoiceFilter(label=_("重点"), choices=Priority.choices, empty_label=_("全部"))
    late = django_filters.ChoiceFilter(label=_("进度"), choices=LATE, empty_label=_("全部"), method="behind")
    # Against which day; says nothing by itself.
    on = django_filters.DateFilter(label=_("截至"), method="unchanged", widget=forms.HiddenInput)
    q = django_filters.CharFilter(label=_("查找"), method="search")

    @property
    def late_on(self) -> dt.date | None:
        """The day by which the list asks who is late: the one in the address, or the present; None if it asks not."""
        cleaned = self.form.cleaned_data if self.is_valid() else {}
        return (cleaned["on"] or present_day()) if cleaned.get("late") else None

    def behind(self, rows: Any, name: str, kind: str) -> Any:
        """Behind the plan: should have been built, should have begun, or either."""
        return rows.late(self.form.cleaned_data["on"] or present_day(), "" if kind == "any" else kind)

    def unchanged(self, rows: Any, name: str, value: Any) -> Any:
        """A filter that only another one reads."""
        return rows

    def search(self, rows: Any, name: str, text: str) -> Any:
        """Part of a name, beginning of a code, pinyin initials."""
        return rows.search(text)
