"""How long a session lasts. What the rules need is kept in the session, so that a page costs no query for them."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts import second_factor
from accounts.models import User
from accounts.querysets import administrator_kind

_STARTED, _SEEN, _ADMINISTRATOR, _FACTOR_MISSING = "started_at", "seen_at", "administrator", "factor_missing"
# A session is written at most this often: not every request may cost a write.
_TOUCH_SECONDS = 60


def start(request: HttpRequest, user: User) -> None:
    """Begin to count, at sign-in."""
    request.session[_STARTED] = request.session[_SEEN] = time.time()
    refresh(request, user)


def refresh(request: HttpRequest, user: Any) -> None:
    """Look again whether the person is an administrator and lacks a second factor."""
    request.session[_ADMINISTRATOR] = administrator_kind(user) is not None
    request.session[_FACTOR_MISSING] = second_factor.missing(user)


def touch(request: HttpRequest) -> None:
    """Note that the person is active, at most once a minute."""
    now = time.time()
    if now - request.session.get(_SEEN, 0) >= _TOUCH_SECONDS:
        request.session[_SEEN] = now
        request.session.setdefault(_STARTED, now)
        refresh(request, request.user)


def is_over(request: HttpRequest, *, on_a_wall: bool = False) -> bool:
    """Whether the session was idle too long (30 minutes, 15 for administrators) or is older than any may be.

    A screen `on_a_wall` is idle by its nature: for its own refreshes only the age counts.
    """
    session, now = request.session, time.time()
    if _SEEN not in session:
        return False
    minutes = settings.IDLE_MINUTES_ADMINISTRATORS if session.get(_ADMINISTRATOR) else settings.IDLE_MINUTES
    idle: bool = not on_a_wall and now - session[_SEEN] >= minutes * 60
    return idle or now - session.get(_STARTED, now) >= settings.SESSION_COOKIE_AGE


def factor_missing(request: HttpRequest) -> bool:
    """Whether the person must activate a second factor first. Asked anew as long as the answer is yes."""
    if request.session.get(_FACTOR_MISSING):
        request.session[_FACTOR_MISSING] = second_factor.missing(request.user)
    return bool(request.session.get(_FACTOR_MISSING))


def end_all(user: User) -> int:
    """Remove every session of a person, who is signed out everywhere with this transaction; how many there were.

    Sessions do not name their person outside, so all that live are looked into: a few thousand at most.
    """
    living = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    keys = [session.pk for session in living if str(session.get_decoded().get(SESSION_KEY)) == str(user.pk)]
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)
