"""The forms of sign-in and of one's own account: allauth's, with the portal's labels."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base import forms as mfa_base
from allauth.mfa.totp import forms as mfa_totp
from django import forms
from django.utils.translation import gettext_lazy as _

_SHOWN_TYPING = {"autocapitalize": "none", "spellcheck": "false"}


def _tune(field: forms.Field, label: Any, **attributes: str) -> None:
    """Give a field the portal's label; what repeats the label or leads to pages that are not there goes."""
    field.label = label
    field.help_text = ""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class SignInForm(LoginForm):  # type: ignore[misc]
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune(self.fields["login"], _("用户名"), autofocus="autofocus", **_SHOWN_TYPING)
        _tune(self.fields["password"], _("密码"))


class ConfirmPasswordForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something delicate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune(self.fields["password"], _("密码"), autofocus="autofocus")


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune(self.fields["oldpassword"], _("现在的密码"), autofocus="autofocus")
        _tune(self.fields["password1"], _("新密码"))
        _tune(self.fields["password2"], _("再填一次新密码"))

    def clean_oldpassword(self) -> str:
        """Checked on the one way on which wrong guesses are counted."""
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean(self) -> dict[str, Any]:
        """The two must be equal."""
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("两次填的新密码不一样。"))
        return cleaned


def _tune_code(field: forms.Field, label: Any) -> None:
    _tune(field, label, inputmode="numeric", autofocus="autofocus", **_SHOWN_TYPING)


class CodeForm(mfa_base.AuthenticateForm):  # type: ignore[misc]
    """The code of the second step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune_code(self.fields["code"], _("动态验证码"))


class ConfirmCodeForm(mfa_base.ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something delicate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune_code(self.fields["code"], _("动态验证码"))


class ActivateCodeForm(mfa_totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tune_code(self.fields["code"], _("显示的 6 位数字"))
