"""Forms of the ground floor: fields, choices narrowed to what the person may use; no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.form_fields import CommunityField
from communities.models import Community, Division, DivisionLevel, Placement, ReportingUnit, Succession
from communities.querysets import DivisionQuerySet
from communities.roles import Role
from communities.scoping import reach_of

_DATES = ("pilot_from", "pilot_until")


def date_input() -> forms.DateInput:
    """A day, chosen with the browser's own calendar."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def fields_of(model: type[models.Model], *names: str, required: tuple[str, ...] = ()) -> dict[str, forms.Field]:
    """Form fields with the labels, help and limits of a model's fields; `required` ones may not be left empty."""
    widgets: dict[str, Any] = {
        name: date_input() for name in names if isinstance(model._meta.get_field(name), models.DateField)
    }
    fields: dict[str, forms.Field] = forms.fields_for_model(model, fields=names, widgets=widgets)
    for name in required:
        fields[name].required = True
    return fields


def say_blanks(form: forms.BaseForm) -> None:
    """Let an empty choice say what it means: still to be chosen, or not known."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = str(_("请选") if field.required else _("不清楚"))
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            blank = _("请选") if field.required else _("未定或不清楚")
            field.choices = [(code, label if code else blank) for code, label in choices]


class DivisionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A township or village, said with the division above it: there are many of the same name."""

    def label_from_instance(self, obj: models.Model) -> str:
        """孝南区 · 丹阳街道"""
        assert isinstance(obj, Division)
        return f"{obj.parent} · {obj}" if obj.parent is not None else str(obj)


class CommunityForm(forms.ModelForm[Community]):
    """What is known of a community. Carries the version it was opened with."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    division = DivisionField(
        queryset=Division.objects.none(), required=False, label=_("乡镇街道"), help_text=_("不清楚的留空。")
    )

    class Meta:
        model = Community
        fields = [
            "name",
            "area_kind",
            "households",
            "residents",
            "division",
            "longitude",
            "latitude",
            "pilot_from",
            "pilot_until",
        ]
        widgets = {name: date_input() for name in _DATES}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        division = self.fields["division"]
        assert isinstance(division, DivisionField)
        division.queryset = _townships(user, self.instance)
        if Role.CITY_OFFICE not in reach_of(user).city:  # which communities are pilots, the city decides
            for name in _DATES:
                del self.fields[name]
        say_blanks(self)

    def values(self) -> dict[str, Any]:
        """What was entered, for the action; the version is not a value."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _townships(user: User, community: Community) -> DivisionQuerySet:
    """The townships of the units where the person may write, and the division that the community has now."""
    units = ReportingUnit.objects.writable_by(user)
    if community.pk is not None:
        units = units.filter(placements__community=community, placements__valid_until__isnull=True)
    found = Division.objects.none().values("pk")
    for unit in units:
        found = found.union(Division.objects.of_unit(unit).filter(level=DivisionLevel.TOWN).values("pk"))
    wanted = Q(pk__in=list(found.values_list("pk", flat=True)))
    return Division.objects.filter(wanted | Q(pk=community.division_id)).select_related("parent").order_by("code")


class CommunityCreateForm(CommunityForm):
    """A new community, with where and as what it counts."""

    class Meta(CommunityForm.Meta):
        fields = ["name", "code", *CommunityForm.Meta.fields[1:]]

    field_order = ["name", "unit", "type", "population", "category", "valid_from", "code"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        del self.fields["version"]
        self.fields |= fields_of(Placement, "unit", "type", "population", "category", "valid_from")
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = ReportingUnit.objects.writable_by(user)
        unit.initial = unit.queryset.first() if unit.queryset.count() == 1 else None
        self.fields["code"].required = False
        self.fields["code"].help_text = _("留空则自动编，如 XC-P-003。")
        self.order_fields(self.field_order)
        say_blanks(self)


class MoveForm(forms.Form):
    """A new placement. Opens with the present one; `version` is its key."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ("unit", "type", "population", "category", "valid_from", "reason")
        self.fields |= fields_of(Placement, *names, required=("reason",))
        self.fields["reason"].help_text = _("为什么调整，依据什么文件。")
        say_blanks(self)


class SuccessionForm(forms.Form):
    """One step in what became of a community."""

    def __init__(self, *args: Any, user: User, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(Succession, "kind", "effective_on")
        others = Community.objects.visible_to(user).with_placement().standing().exclude(pk=community.pk)
        successor = CommunityField(
            label=_("新社区"),
            required=False,
            help_text=_("并入、分出时填编号或全称；更名、撤销留空。分成几个的，一个登记一次。"),
        )
        successor.narrow(others)
        self.fields["successor"] = successor
        self.fields["new_name"] = forms.CharField(
            label=_("新名称"), required=False, max_length=50, help_text=_("更名时填，原名会留在沿革里。")
        )
        self.fields |= fields_of(Succession, "reason")
        say_blanks(self)


class PeriodForm(forms.Form):
    """A month or quarter to be opened."""

    def __init__(self, *args: Any, model: type[models.Model], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(model, "year", "number", "opens_on", "due_on")
        last = 12 if model.__name__ == "ReportingMonth" else 4
        self.fields["year"] = forms.IntegerField(label=_("年"), min_value=2010, max_value=2099)
        self.fields["number"] = forms.IntegerField(
            label=self.fields["number"].label,
            min_value=1,
            max_value=last,
            help_text=_("1 到 %(last)d。") % {"last": last},
        )
        self.order_fields(["year", "number"])


class DueDateForm(forms.Form):
    """A new due date and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, model: type[models.Model], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(model, "due_on", "due_reason", required=("due_reason",))
        self.fields["due_reason"].help_text = _("为什么改期，各单位都会看到。")
