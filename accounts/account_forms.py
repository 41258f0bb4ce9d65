"""Forms of the system and the security administrator, and of one's own tokens: fields, no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import TOKEN_MAX_DAYS, ApiToken, User

_SHOWN_TYPING = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


_WIDGETS: dict[str, Any] = {
    "username": forms.TextInput(attrs=_SHOWN_TYPING),
    "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
}


def _fields(*names: str) -> dict[str, forms.Field]:
    """Form fields with the labels, help and limits of the account's; a fresh set for each form."""
    return forms.fields_for_model(User, fields=names, widgets=_WIDGETS)


class AccountEditForm(forms.Form):
    """Name and telephone number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _fields("full_name", "phone")


class AccountForm(AccountEditForm):
    """A new account: user name, name, telephone number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _fields("username")
        self.fields["username"].label = _("用户名")
        self.fields["username"].help_text = _("登录用，如 zhou.min；定了不能改。只用字母、数字和 @ . + - _。")
        self.order_fields(["username"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, help_text=_("记入审计日志，如“借调期满”“换了手机”。"), widget=forms.TextInput
    )


class TokenForm(forms.Form):
    """What a token is for, how long it lives, and whether it may write."""

    name = forms.CharField(label=_("用途"), max_length=60, help_text=ApiToken._meta.get_field("name").help_text)
    days = forms.IntegerField(
        label=_("有效天数"),
        min_value=1,
        max_value=TOKEN_MAX_DAYS,
        initial=TOKEN_MAX_DAYS,
        help_text=_("1 到 90 天；到期后另发。"),
    )
    write = forms.BooleanField(
        label=_("可以写入"), required=False, help_text=_("不勾就只能读。权限和你本人当天的一样，不会更多。")
    )

    def values(self) -> dict[str, Any]:
        """As the action takes them."""
        cleaned = self.cleaned_data
        return {"name": cleaned["name"], "days": cleaned["days"], "read_only": not cleaned["write"]}
