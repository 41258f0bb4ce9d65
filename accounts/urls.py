"""The addresses of sign-in and of one's own account: allauth's names, and only those that are used.

There is no sign-up, no password reset by mail and no page for addresses of mail: what is not listed does not exist.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa_base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_required
from django.urls import path

from accounts import views
from accounts.lockout import guarded

urlpatterns = [
    path("", views.MyAccountView.as_view(), name="my_account"),
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/change/", views.PasswordView.as_view(), name="account_change_password"),
    path("reauthenticate/", views.ConfirmPasswordView.as_view(), name="account_reauthenticate"),
    path("2fa/", mfa_base.index, name="mfa_index"),
    path("2fa/authenticate/", guarded(views.CodeView.as_view()), name="mfa_authenticate"),
    path("2fa/reauthenticate/", guarded(views.ConfirmCodeView.as_view()), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", login_required(views.ActivateView.as_view()), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        login_required(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
