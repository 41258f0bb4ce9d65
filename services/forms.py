"""Forms and filters of the 1+X services: parsing and field checks, choices narrowed to what the person may see."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.calendar import working_day
from communities.form_fields import CommunityField
from communities.models import Community, ReportingUnit
from communities.place_filters import PlaceFilterSet, PopulationFilterSet
from facilities.forms import DayInput, name_empty_choices
from facilities.models import Project
from services.models import CountingRule, Organisation, OrganisationKind, ServiceCentre


class CentreForm(forms.ModelForm[ServiceCentre]):
    """Name, area, and the project that builds the centre."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ServiceCentre
        fields = ["name", "area", "project"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Project.objects.service_centres().filter(community=self.instance.community_id)
        project = self.fields["project"]
        assert isinstance(project, forms.ModelChoiceField)
        project.queryset = own.select_related("community")
        project.empty_label = str(_("没有（早已建成或不清楚）"))
        self.initial.setdefault("version", self.instance.version)


class NewCentreForm(forms.ModelForm[ServiceCentre]):
    """A centre of a community; its project, if the community has one, is found by itself."""

    community = CommunityField(label=_("社区"), help_text=_("写编号或全称。有服务中心项目的，自动对上。"))

    class Meta:
        model = ServiceCentre
        fields = ["community", "name", "area"]

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["community"]
        assert isinstance(field, CommunityField)
        field.narrow(Community.objects.editable_by(actor))


class AcceptForm(forms.Form):
    """A standardisation was accepted."""

    on = forms.DateField(
        label=_("验收日期"), widget=DayInput, initial=working_day, help_text=_("规范化建设验收通过之日。")
    )
    basis = forms.CharField(label=_("认定依据"), required=False, max_length=100, help_text=_("验收单、批复等。"))


class WithdrawForm(forms.Form):
    """An acceptance is withdrawn."""

    on = forms.DateField(
        label=_("撤销日期"), widget=DayInput, initial=working_day, help_text=_("从这一天起不再算规范化。")
    )
    reason = forms.CharField(label=_("撤销原因"), max_length=200, help_text=_("如复查不合格、中心停用。"))


class OrganisationForm(forms.ModelForm[Organisation]):
    """An organisation: in a community, or in a village of a unit."""

    community = CommunityField(label=_("社区"), required=False, help_text=_("在社区的写编号或全称；不在社区的留空。"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Organisation
        fields = ["kind", "counting_rule", "name", "valid_from", "community", "unit", "village_name"]
        widgets = {"valid_from": DayInput}

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_empty_choices(self)
        community, unit = self.fields["community"], self.fields["unit"]
        assert isinstance(community, CommunityField)
        assert isinstance(unit, forms.ModelChoiceField)
        community.narrow(Community.objects.editable_by(actor))
        unit.queryset = ReportingUnit.objects.writable_by(actor)
        self.initial["community"] = self.instance.community or self.initial.get("community")
        self.initial["version"] = self.instance.version or 1

    def clean(self) -> dict[str, Any]:
        """A village without a unit stands in the only unit that the person may choose, if there is only one."""
        cleaned: dict[str, Any] = super().clean() or {}
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        if cleaned.get("village_name") and not cleaned.get("unit") and not cleaned.get("community"):
            units = list(unit.queryset[:2]) if unit.queryset is not None else []
            if len(units) == 1:
                cleaned["unit"] = units[0]
        return cleaned


class EndForm(forms.Form):
    """An organisation exists no longer."""

    on = forms.DateField(label=_("撤销日期"), widget=DayInput, initial=working_day, help_text=_("从这一天起不再计入。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class CentreFilter(PopulationFilterSet):
    """Centres by place and by whether they are standardised."""

    standardised = django_filters.ChoiceFilter(
        label=_("规范化"),
        choices=[("yes", _("已规范化")), ("no", _("未规范化"))],
        empty_label=_("全部"),
        method="by_standardisation",
    )
    q = django_filters.CharFilter(label=_("查找"), method="search")

    def by_standardisation(self, rows: Any, name: str, answer: str) -> Any:
        """With an acceptance in force, or without."""
        return rows.filter(standardised_on__isnull=answer == "no")

    def search(self, rows: Any, name: str, text: str) -> Any:
        """Part of a name, beginning of a code, pinyin initials."""
        return rows.search(text)


class OrganisationFilter(PlaceFilterSet):
    """Organisations by kind, counting rule, place, and whether they still exist."""

    kind = django_filters.ChoiceFilter(label=_("类别"), choices=OrganisationKind.choices, empty_label=_("全部"))
    counting_rule = django_filters.ChoiceFilter(
        label=_("计数口径"), choices=CountingRule.choices, empty_label=_("全部")
    )
    state = django_filters.ChoiceFilter(
        label=_("状态"),
        choices=[("present", _("现有")), ("ended", _("已撤销"))],
        empty_label=_("全部"),
        method="by_state",
    )
    q = django_filters.CharFilter(label=_("查找"), method="search")

    def in_unit(self, rows: Any, name: str, unit: ReportingUnit) -> Any:
        """Organisations in the unit's communities and in its villages."""
        return rows.in_unit(unit)

    def by_state(self, rows: Any, name: str, answer: str) -> Any:
        """Still there, or ended."""
        return rows.filter(valid_until__isnull=answer == "present")

    def search(self, rows: Any, name: str, text: str) -> Any:
        """Part of its own, its community's or its village's name."""
        return rows.search(text)
