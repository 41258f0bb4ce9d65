"""What Django, allauth and axes announce becomes audit entries, and starts or refreshes the session's rules."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import lockout, sessions
from accounts.audit import record
from accounts.models import AuditVerb, User
from core.exports import exported


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody is in, after every step."""
    sessions.start(request, user)
    record(AuditVerb.SIGN_IN, actor=user, request=request)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Somebody left, or the session came to its end."""
    if user is not None:
        reason = "timeout" if getattr(request, "session_ended", False) else "asked"
        record(AuditVerb.SIGN_OUT, actor=user, request=request, detail={"reason": reason})


@receiver(user_login_failed)
def guessed_wrong(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A wrong guess, or one refused because the account is locked. Comes after axes has counted it."""
    record(
        AuditVerb.SIGN_IN_FAILED,
        actor=_signed_in_person(request),
        request=request,
        username=str(credentials.get("username") or ""),
        succeeded=False,
        target=request.path if request is not None else "",
        detail={"locked": bool(getattr(request, "axes_locked_out", False))},
    )


@receiver(user_locked_out)
def locked(request: HttpRequest, username: str, **_: Any) -> None:
    """The guess that locks. axes says the same again for each refused one, which is no second lock."""
    if lockout.guesses_left(request) is None:
        return
    lockout.hold_for_whole_period(username, timezone.now())
    detail = {"minutes": lockout.lock_minutes()}
    person = _signed_in_person(request)
    record(AuditVerb.LOCKED, actor=person, request=request, username=username, succeeded=False, detail=detail)


@receiver(mfa.authentication_failed)
def guessed_wrong_code(request: HttpRequest, user: User, **_: Any) -> None:
    """A wrong second-factor code counts like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


@receiver([mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset])
def second_factor_changed(signal: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    """A second factor came, went or was renewed."""
    acts = {id(mfa.authenticator_added): "added", id(mfa.authenticator_removed): "removed"}
    detail = {"act": acts.get(id(signal), "renewed"), "type": str(authenticator.type)}
    record(AuditVerb.SECOND_FACTOR, actor=user, request=request, target=user.username, detail=detail)
    sessions.refresh(request, user)


@receiver(exported)
def took_out(request: HttpRequest, title: str, filters: list[str], rows: int, **_: Any) -> None:
    """Somebody took a list out as a file. Written before the file leaves: what cannot be recorded is not handed out."""
    detail = {"list": title, "filters": filters, "rows": rows}
    record(AuditVerb.EXPORTED, actor=_signed_in_person(request), request=request, target=request.path, detail=detail)


def _signed_in_person(request: HttpRequest | None) -> User | None:
    person = getattr(request, "user", None)
    return person if isinstance(person, User) else None
