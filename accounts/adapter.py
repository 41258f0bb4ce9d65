"""What the portal wants otherwise than allauth: closed sign-up, its own words, one way to count wrong guesses."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import lockout, second_factor
from accounts.actions import set_password
from accounts.addresses import client_address
from accounts.models import User


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the system administrator; a wrong guess says how many remain."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: there are pages only."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address for allauth's limits; one for all where there is none."""
        return client_address(request) or "0.0.0.0"  # noqa: S104  a key, not an address to listen on

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user whose name and password these are, or None.

        allauth's own limit on failed sign-ins is left out, for axes counts them; and an account that was
        ended is answered like a wrong password.
        """
        with lockout.one_guess_at_a_time(credentials.get("username", "")):
            user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        return user if isinstance(user, User) else None

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Back to the sign-in page: the account was ended between two steps."""
        return HttpResponseRedirect(reverse("account_login"))

    def set_password(self, user: User, password: str) -> None:
        """The person changes their own password."""
        set_password(user, password, actor=user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """After the change one signs in again."""
        return reverse("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within five minutes of signing in: then the person has just proved who they are."""
        records = get_authentication_records(context.request, context.request.user)
        newest = max((record["at"] for record in records), default=0.0)
        return bool(time.time() - newest >= app_settings.REAUTHENTICATION_TIMEOUT)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The portal's own sentences for a wrong guess, and allauth's for the rest."""
        sentences = {
            "username_password_mismatch": _("用户名或密码不对。"),
            "incorrect_password": _("密码不对。"),
            "enter_current_password": _("现在的密码不对。"),
            "too_many_login_attempts": _("试得太勤了，请过几分钟再试。"),
            "rate_limited": _("试得太勤了，请过几分钟再试。"),
        }
        if code not in sentences:
            error: ValidationError = super().validation_error(code, *args)
            return error
        return ValidationError(str(sentences[code]) + warning(context.request), code=code)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor in the portal's words; whose role demands it cannot switch it off."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("你的岗位必须使用动态验证码，不能关闭。"),
        "cannot_generate_recovery_codes": _("先启用动态验证码，才能生成备用码。"),
    }

    def get_totp_label(self, user: User) -> str:
        """What the authenticator app shows: the user name."""
        return user.username

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Whether the person may go without."""
        return not second_factor.required(authenticator.user)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """A wrong code says how many guesses remain."""
        if code == "incorrect_code":
            return ValidationError(_t("验证码不对，请填现在显示的 6 位数字。") + warning(context.request), code=code)
        error: ValidationError = super().validation_error(code, *args)
        return error


def warning(request: HttpRequest) -> str:
    """How many guesses remain before the lock; empty where the request counted no failure."""
    left = lockout.guesses_left(request)
    if left is None:
        return ""
    return _t("再错 %(left)d 次将锁定 %(minutes)d 分钟。") % {"left": left, "minutes": lockout.lock_minutes()}
