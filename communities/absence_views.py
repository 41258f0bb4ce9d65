"""Pages of who is away: kept by the city office and by the people of each unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities import actions
from communities.forms import fields_of, say_blanks
from communities.models import Absence, Membership
from communities.roles import UNIT_ROLES, Role
from communities.scoping import reach_of
from core.components import Action, Column, Tab
from core.history_views import ScopedHistoryView
from core.periods import today
from core.views import ScopedActionView, ScopedCreateView, ScopedListView
from core.xlsx import ExportColumn, Kind


class AbsenceForm(forms.Form):
    """Who is away, and from when to when. Offers the people of the units that the person may speak for."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("人员"), help_text=_("谁不在岗。"))

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(Absence, "first_day", "last_day", "reason")
        reach, held = reach_of(actor), Membership.objects.in_term(today()).filter(role__in=UNIT_ROLES)
        if Role.CITY_OFFICE not in reach.city:
            held = held.filter(unit__in=reach.units_as(UNIT_ROLES))
        self.fields["user"].queryset = User.objects.filter(pk__in=held.values("user")).order_by("username")  # type: ignore[attr-defined]
        say_blanks(self)


class AbsenceListView(ScopedListView[Absence]):
    """Who is, was and will be away, the newest first."""

    queryset = Absence.objects.select_related("user", "recorded_by")
    template_name = "communities/absences.html"
    export_title = _("不在岗")
    export_rule = _("每登记一次不在岗算一条；提前返岗的，从返岗日期起不再算不在岗。")
    export_columns = (
        ExportColumn(_("人员"), "user", width=16),
        ExportColumn(_("第一天"), "first_day", Kind.DAY),
        ExportColumn(_("最后一天"), "last_day", Kind.DAY),
        ExportColumn(_("返岗日期"), "ended_on", Kind.DAY),
        ExportColumn(_("事由"), "reason", width=30),
        ExportColumn(_("登记人"), "recorded_by", width=16),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads, today, and the one action."""
        labels = [_t("人员"), _t("第一天"), _t("最后一天"), _t("状态"), _t("事由"), _t("登记人")]
        columns = [*map(Column, labels), Column(_t("操作"), hidden_label=True)]
        context = super().get_context_data(columns=columns, today=today(), **kwargs)
        if context["may_create"]:
            context["actions"] = [Action(_t("登记不在岗"), reverse("communities:absence_create"), "plus", primary=True)]
        return context


class AbsenceCreateView(ScopedCreateView[AbsenceForm]):
    """Somebody will be away."""

    queryset = Absence.objects.all()
    template_name = "communities/absence_form.html"
    form_class = AbsenceForm
    success_message = _("已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose units' people may be chosen."""
        return {**super().get_form_kwargs(), "actor": cast(User, self.request.user)}

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("communities:absences")

    def perform(self, form: AbsenceForm) -> Absence:
        """Record it."""
        return actions.record_absence(**form.cleaned_data, actor=cast(User, self.request.user))


class AbsenceEndView(ScopedActionView):
    """Somebody is back before the day."""

    queryset = Absence.objects.all()
    success_message = _("已登记返岗。")

    def get_success_url(self, record: Any) -> str:
        """Back to the list."""
        return reverse("communities:absences")

    def act(self, record: Any) -> Any:
        """End it today."""
        return actions.end_absence(record, actor=cast(User, self.request.user))


class AbsenceHistoryView(ScopedHistoryView[Absence]):
    """Who recorded and ended an absence."""

    queryset = Absence.objects.select_related("user")
    shows = (Absence,)

    def crumbs(self) -> Sequence[Tab]:
        """The list."""
        return [Tab(_t("不在岗"), reverse("communities:absences"))]
