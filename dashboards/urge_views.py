"""The page by which the city office urges units (催报): who is behind, whom it reaches, when they were urged last."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.formats import moment
from core.views import ScopedUpdateView
from dashboards.completeness import period_url
from facilities.duty import on_duty
from facilities.reminders import todo
from facilities.urging import LONGEST_WORDS, Urge, units_behind, urge, urges_of


class UrgeForm(forms.Form):
    """Which of the units that are behind, and a few words of one's own."""

    units = forms.MultipleChoiceField(
        label=_("催哪些单位"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("每个单位一天只能催一次。"),
        error_messages={"required": _("请至少选一个单位。")},
    )
    words = forms.CharField(
        label=_("附言"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可不填；缺几个、哪天截止会自动写上。"),
    )

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["units"]).choices = offered


class UrgeView(ScopedUpdateView[UrgeForm]):
    """Urge one unit (`?unit=XC`) or all that are behind."""

    queryset = ReportingMonth.objects.all()
    template_name = "dashboards/urge.html"
    form_class = UrgeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The units that are behind; what cannot be urged is not offered."""
        return {**super().get_form_kwargs(), "offered": self.offered()}

    def get_initial(self) -> dict[str, Any]:
        """The unit that the address names, or all of them."""
        codes = [code for code, _label in self.offered()]
        asked = self.request.GET.get("unit", "")
        return {"units": [asked] if asked in codes else codes}

    def offered(self) -> list[tuple[str, str]]:
        """Units that are behind, each with what is missing, whom it reaches and when it was urged last."""
        behind = units_behind(self.object)
        people, last = on_duty(Role.COUNTY_ENTRY, [row.unit for row in behind]), urges_of(self.object)
        return [(row.unit.code, _label(row, people.get(row.unit.pk, []), last.get(row.unit.code))) for row in behind]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the way back."""
        return super().get_context_data(back=period_url(month=str(self.object)), **kwargs)

    def get_success_url(self) -> str:
        """Back to the table."""
        return period_url(month=str(self.object))

    def perform(self, form: UrgeForm) -> ReportingMonth:
        """Each unit for itself: one that is refused stops no other. RuleViolation where none could be urged."""
        refused, urged = list[str](), list[str]()
        for unit in ReportingUnit.objects.filter(code__in=form.cleaned_data["units"]):
            try:
                urge(self.object, unit, actor=cast(User, self.request.user), words=form.cleaned_data["words"])
                urged.append(unit.short_name)
            except (NotAllowed, WrongState):
                raise
            except RuleViolation as refusal:
                refused.append(refusal.message)
        if not urged:
            raise RuleViolation(" ".join(refused))
        for message in refused:
            messages.warning(self.request, message)
        self.success_message = _t("已催报：%(units)s。") % {"units": "、".join(urged)}
        return cast(ReportingMonth, self.object)


def _label(row: Any, people: list[User], last: Urge | None) -> str:
    names = "、".join(map(str, people)) or _t("没有填报人")
    told = {"unit": row.unit.short_name, "todo": todo(row), "expected": row.expected, "people": names}
    words = _t("%(unit)s：还差 %(todo)d / %(expected)d，发给 %(people)s") % told
    return words if last is None else f"{words}；{urge_words(last)}"


def urge_words(last: Urge) -> str:
    """When the newest was, and who has signed: 12-20 09:12 催报，已签收 1/2."""
    told = {"when": moment(last.at), "signed": last.signed, "people": last.people, "times": last.times}
    if last.times > 1:
        return _t("%(when)s 第 %(times)d 次催报，已签收 %(signed)d/%(people)d") % told
    return _t("%(when)s 催报，已签收 %(signed)d/%(people)d") % told
