"""Rules of the session on every request, and the person behind every change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pghistory.middleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import sessions
from accounts.addresses import client_address
from accounts.audit import record
from accounts.models import AuditVerb, User
from core.incidents import error_page, is_for_programs

_STRANGER_SECONDS = 3600
# Where somebody may go who must change the password, or activate a second factor, before anything else.
_WITH_OLD_PASSWORD = frozenset({"account_change_password", "account_logout"})
_WITHOUT_FACTOR = _WITH_OLD_PASSWORD | {
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
}


def password_is_due(user: User) -> bool:
    """Whether the person must change the password now: a one-time one, or one that has grown too old.

    The sample accounts of the embedded mode are exempt.
    """
    if user.is_sample and settings.EMBEDDED:
        return False
    oldest = timezone.now() - dt.timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    return user.must_change_password or user.password_changed_at < oldest


class SessionRulesMiddleware:
    """Idle time-out, forced password change, second factor, no copies of signed-in pages, refusals in the audit log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.user.is_authenticated else None
        if user is not None and sessions.is_over(request, on_a_wall=_refreshes_a_wall(request)):
            # The request goes on as a stranger's: a page answers with the sign-in page, the interface with a refusal.
            request.session_ended = True  # type: ignore[attr-defined]
            logout(request)
            messages.info(request, _("很久没有操作，已自动退出。请重新登录。"))
        elif user is not None and "X-Background" not in request.headers:
            # A page that refreshes itself says so in that header: it does not keep anybody signed in.
            sessions.touch(request)
        response = self.get_response(request)
        if user is not None or request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        # The owner of a token is known only after the view has looked at it.
        person = request.user if request.user.is_authenticated else user
        if response.status_code == 403 if person is not None else _is_news(request, response):
            record(AuditVerb.REFUSED, actor=person, request=request, succeeded=False, **_asked(request))
        return _whole_page_sign_in(request, response)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Send the person first to what is due."""
        if not request.user.is_authenticated:
            return None
        match = request.resolver_match
        name = match.view_name if match is not None else ""
        if password_is_due(request.user):
            return None if name in _WITH_OLD_PASSWORD else _send(request, reverse("account_change_password"))
        if sessions.factor_missing(request) and name not in _WITHOUT_FACTOR:
            return _send(request, reverse("mfa_activate_totp"))
        return None


def _refreshes_a_wall(request: HttpRequest) -> bool:
    """Whether a screen on which nobody can be active asks for itself again; opening it anew by hand is no such thing.

    It gets its own page and nothing else: it does not count as activity, and any other address ends an idle session.
    """
    if "X-Background" not in request.headers or request.method != "GET":
        return False
    try:
        return resolve(request.path_info).view_name in settings.WALL_PAGES
    except Resolver404:
        return False


def _is_news(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a stranger's refusal is written down: the first of an address within an hour, or they could fill the log.

    A token that opens nothing has a line of its own.
    """
    if response.status_code not in (401, 403):
        return False
    if request.headers.get("Authorization", "").lower().startswith("bearer"):
        return False
    return cache.add(f"refused:{client_address(request)}", 1, _STRANGER_SECONDS)


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {
        "target": request.path,
        "detail": {"method": request.method, "incident": getattr(request, "incident", "")},
    }


def _send(request: HttpRequest, url: str) -> HttpResponse:
    if is_for_programs(request):
        return error_page(request, 403, _("先在网页上办完该办的（改密码或启用动态验证码），再用接口。"))
    htmx = bool(getattr(request, "htmx", False))
    return HttpResponseClientRedirect(url) if htmx else HttpResponseRedirect(url)


def _whole_page_sign_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part of a page that meets the end of the session must not show the sign-in page inside itself."""
    htmx: Any = getattr(request, "htmx", None)
    sign_in = resolve_url(settings.LOGIN_URL)
    if not htmx or response.status_code != 302 or not response["Location"].startswith(sign_in):
        return response
    return HttpResponseClientRedirect(f"{sign_in}?{urlencode({'next': htmx.current_url_abs_path or '/'})}")


class PersonHistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Puts user, url and address into the history row of every change made while a request is served."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """The context that each event row keeps."""
        return {**super().get_context(request), "address": client_address(request) or ""}
