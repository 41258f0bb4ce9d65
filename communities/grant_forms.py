"""Forms of the security administrator: fields, no rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.form_fields import CommunityField, SuggestingInput
from communities.forms import date_input, fields_of, say_blanks
from communities.models import Community, Membership, ReportingUnit
from core.periods import today

SUGGESTIONS = 500
# Half a year is what people are usually lent for.
CUSTOMARY_TERM = dt.timedelta(days=183)


class PersonField(forms.CharField):
    """Takes a user name (the name may follow) and gives the account."""

    widget = SuggestingInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=kwargs.pop("label", _("人员")), **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

    def suggest(self) -> None:
        """Offer accounts in force that are none of the three administrators."""
        people = User.objects.filter(is_active=True, administrator=None).order_by("username")
        assert isinstance(self.widget, SuggestingInput)
        self.widget.suggestions = people.values_list("username", "full_name")[:SUGGESTIONS]

    def prepare_value(self, value: Any) -> Any:
        """User name, when the form is given an account."""
        return value.username if isinstance(value, User) else value

    def clean(self, value: Any) -> Any:
        """The account of that user name, capitals or not; a sentence where there is none."""
        text = super().clean(value)
        if not text:
            return None
        found = User.objects.filter(username__iexact=text.split()[0].replace("\0", "")).first()
        if found is None:
            raise ValidationError(_t("没有用户名是“%s”的账号。账号由系统管理员开通。") % text)
        return found


class GrantForm(forms.Form):
    """Who, as what, where, from when to when, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = PersonField(help_text=_("填用户名。三员和已停用的账号不能授予。"))
        person.suggest()
        self.fields["user"] = person
        self.fields |= fields_of(
            Membership, "role", "unit", "valid_from", "valid_until", "reason", required=("reason",)
        )
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = ReportingUnit.objects.order_by("order")
        community = CommunityField(
            label=_("社区"), required=False, help_text=_("检查组、工作队、代表委员填编号或全称。")
        )
        # Accepted, not offered: which communities there are is business, which this administrator does not read.
        community.communities = Community.objects.all()
        self.fields["community"] = community
        self.order_fields(["user", "role", "unit", "community", "valid_from", "valid_until", "reason"])
        say_blanks(self)
        unit.empty_label = str(_("不填"))
        self.fields["valid_until"].help_text = _("到这一天为止（不含），当天零点起不能再用。抽调的写抽调期满之日。")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=150, help_text=_("记入审计日志，以后查得到。"))


class ExtendForm(ReasonForm):
    """Until when, and why."""

    until = forms.DateField(label=_("新的截止日期"), widget=date_input(), help_text=_("到这一天为止（不含）。"))
    field_order = ["until", "reason"]


class EndForm(ReasonForm):
    """From which day on the right is gone, and why."""

    on = forms.DateField(
        label=_("截止日期"), widget=date_input(), initial=today, help_text=_("从这一天起没有权限；填今天就是马上。")
    )
    field_order = ["on", "reason"]


class HandOverForm(ReasonForm):
    """Who takes over, on which day, until when, and why."""

    on = forms.DateField(
        label=_("接替日期"), widget=date_input(), initial=today, help_text=_("前任到这一天截止，后任从这一天起任职。")
    )
    until = forms.DateField(
        label=_("后任的截止日期"),
        widget=date_input(),
        required=False,
        help_text=_("到这一天为止（不含）；没定的留空。"),
    )
    field_order = ["user", "on", "until", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = PersonField(label=_("接替的人"), help_text=_("填用户名。"))
        person.suggest()
        self.fields["user"] = person
        self.order_fields(self.field_order)
