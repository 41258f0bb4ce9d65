"""Pages of sign-in and of one's own account: allauth's, with the portal's forms and words."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa_base
from allauth.mfa.totp import views as mfa_totp
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.password_validation import password_validators_help_texts
from django.views.generic import TemplateView

from accounts import forms, second_factor
from accounts.middleware import password_is_due
from accounts.models import AuditEntry, AuditVerb
from accounts.querysets import administrator_kind


class SignInView(account.LoginView):  # type: ignore[misc]
    """The first step: name and password."""

    form_class = forms.SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what the small print says."""
        small_print = {"idle_minutes": settings.IDLE_MINUTES, "help_phone": settings.HELP_PHONE}
        context: dict[str, Any] = super().get_context_data(**small_print, **kwargs)
        return context


class CodeView(mfa_base.AuthenticateView):  # type: ignore[misc]
    """The second step: a code."""

    form_class = forms.CodeForm


class ConfirmPasswordView(account.ReauthenticateView):  # type: ignore[misc]
    """The password once more."""

    form_class = forms.ConfirmPasswordForm


class ConfirmCodeView(mfa_base.ReauthenticateView):  # type: ignore[misc]
    """A code once more."""

    form_class = forms.ConfirmCodeForm


class PasswordView(account.PasswordChangeView):  # type: ignore[misc]
    """Change the password; afterwards one signs in again."""

    form_class = forms.PasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the rules in words and whether the change is due."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"rules": password_validators_help_texts(), "due": password_is_due(self.request.user)}


class ActivateView(mfa_totp.ActivateTOTPView):  # type: ignore[misc]
    """Set up the authenticator app."""

    form_class = forms.ActivateCodeForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the secret in groups of four, for typing, and whether the role demands a second factor."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        context["secret_groups"] = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        context["demanded"] = second_factor.required(self.request.user)
        return context


class MyAccountView(LoginRequiredMixin, TemplateView):
    """我的账号: who one is, the sign-in before this one, and the two things one can change."""

    template_name = "accounts/mine.html"
    scope = "own"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person, the kind of administrator if one, and the state of the second factor."""
        user: Any = self.request.user
        return super().get_context_data(
            account=user,
            administrator=administrator_kind(user) is not None,
            last_sign_in=AuditEntry.objects.by(user).of(AuditVerb.SIGN_IN)[1:2].first(),
            has_second_factor=is_mfa_enabled(user),
            password_max_age=settings.PASSWORD_MAX_AGE_DAYS,
            **kwargs,
        )
