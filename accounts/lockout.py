"""Five wrong guesses lock an account for half an hour, over all addresses and on every path.

django-axes counts. It is asked about the user name alone, in small letters; guesses at a second-factor code
count like guesses at a password; and guesses at one account are made one after the other, so that a hundred
at the same moment are still five.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from allauth.account.internal.stagekit import get_pending_stage
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.db import connection, models, transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from core.incidents import error_page

# The first half of the advisory lock's key; the second is a hash of the user name.
_LOCK_SPACE = 4201


def attempted_username(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """The key under which axes counts: the name in small letters, since sign-in does not tell capitals apart."""
    name = (credentials or {}).get("username")
    return str(name).strip().lower() if name else None


def lock_minutes() -> int:
    """How long a lock lasts, in minutes."""
    period = get_cool_off()
    return int(period.total_seconds() // 60) if period else 0


def guesses_left(request: HttpRequest) -> int | None:
    """How many guesses remain after the failure that this request has just counted; None where it counted none."""
    failures = getattr(request, "axes_failures_since_start", None)
    return None if failures is None else max(get_failure_limit(request, None) - failures, 0)


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether the account of this name, existing or not, is locked now."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def locked_names() -> models.QuerySet[Any]:
    """The names, in small letters, at which so many wrong guesses were made that they are locked now: a subquery."""
    period, limit = get_cool_off() or dt.timedelta(), get_failure_limit(None, None)
    recent = AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - period).order_by()
    counted = recent.values("username").annotate(guesses=Sum("failures_since_start")).filter(guesses__gte=limit)
    names: models.QuerySet[Any] = counted.values("username")
    return names


def unlock(username: str) -> None:
    """Forget the wrong guesses at a name."""
    AxesProxyHandler.reset_attempts(username=username.lower())


def hold_for_whole_period(username: str, moment: dt.datetime) -> None:
    """Let every counted failure expire together, so that a lock built up slowly lasts as long as any other."""
    AccessAttempt.objects.filter(username=username).update(attempt_time=moment)


@contextmanager
def one_guess_at_a_time(username: str) -> Iterator[None]:
    """Make guesses at one name wait for each other: checked, tried and counted in one transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_SPACE, username.strip().lower()])
        yield


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """View decorator for the steps after the password: a locked account gets no guess at a code either."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        username = _guessed_at(request) if request.method == "POST" else ""
        if not username:
            return view(request, *args, **kwargs)
        with one_guess_at_a_time(username):
            if is_locked(request, username):
                return locked_out(request, None, {"username": username})
            return view(request, *args, **kwargs)

    return wrapper


def _guessed_at(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return request.user.get_username()
    stage = get_pending_stage(request)
    return stage.login.user.get_username() if stage is not None and stage.login.user is not None else ""


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page that a locked account gets (429), the same whether the account exists or not. Called by axes too."""
    name = attempted_username(request, credentials)
    last = AccessAttempt.objects.filter(username=name).order_by("-attempt_time").first()
    period = get_cool_off() or dt.timedelta()
    until = (last.attempt_time if last is not None else timezone.now()) + period
    context = {"until": until, "minutes": lock_minutes(), "limit": get_failure_limit(request, credentials)}
    response = render(request, "accounts/locked.html", context, status=429)
    response["Retry-After"] = str(max(int((until - timezone.now()).total_seconds()), 1))
    response["Cache-Control"] = "no-store"
    return response


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Too many requests from one address within a minute (handler429 of the URLconf, called by allauth)."""
    return error_page(request, 429)
