"""Tokens of programs: issue, revoke, recognise."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.addresses import client_address
from accounts.audit import record
from accounts.models import TOKEN_MAX_DAYS, AdministratorKind, ApiToken, AuditVerb, User
from accounts.querysets import administrator_kind
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today

# So that a secret that leaked into a log or a repository can be searched for.
_BEGINNING = "xgp_"
_SHOWN = 12
# One line in the audit log for an address that keeps knocking, not thousands.
_KNOCK_SECONDS = 3600


@transaction.atomic
def issue_token(*, actor: User, name: str, days: int = TOKEN_MAX_DAYS, read_only: bool = True) -> tuple[ApiToken, str]:
    """Give a person a token of their own. Returns it with its secret, which is stored nowhere in clear.

    `days` it lives, 1 to 90. Raises RuleViolation for a missing purpose or another number of days.
    """
    if not 1 <= days <= TOKEN_MAX_DAYS:
        raise RuleViolation(_("令牌的有效期是 1 至 90 天。"), field="days")
    secret = _BEGINNING + secrets.token_urlsafe(32)
    now = timezone.now()
    token = ApiToken(
        user=actor,
        name=name.strip(),
        prefix=secret[:_SHOWN],
        digest=digest_of(secret),
        read_only=read_only,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    require_valid(token)
    with rules_as_sentences(ApiToken):
        token.save(force_insert=True)
    record(AuditVerb.TOKEN, actor=actor, target=str(token), detail={"act": "issued", "read_only": read_only})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User) -> None:
    """Make a token worthless at once. Raises NotAllowed unless it is the actor's own or the actor is the security
    administrator, WrongState where it was revoked before.
    """
    locked = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    if locked.user_id != actor.pk and administrator_kind(actor) != AdministratorKind.SECURITY:
        raise NotAllowed(_("只能吊销自己的令牌。"))
    if locked.revoked_at is not None:
        raise WrongState(_("这个令牌已经吊销。"))
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    record(AuditVerb.TOKEN, actor=actor, target=str(locked), detail={"act": "revoked", "of": locked.user.username})


def recognise(secret: str) -> ApiToken | None:
    """The living token with this secret, or None. Notes the day of use, once a day."""
    token: ApiToken | None = (
        ApiToken.objects.living(timezone.now()).select_related("user").filter(digest=digest_of(secret)).first()
    )
    if token is not None and token.last_used_on != today():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today())
    return token


def note_refused(secret: str, request: HttpRequest) -> None:
    """Put a token that opened nothing into the audit log: once an hour for an address."""
    if cache.add(f"token-refused:{client_address(request)}", 1, _KNOCK_SECONDS):
        known = ApiToken.objects.filter(digest=digest_of(secret)).select_related("user").first()
        record(
            AuditVerb.TOKEN,
            actor=None,
            request=request,
            username=known.user.username if known is not None else "",
            succeeded=False,
            target=request.path,
            detail={"act": "refused", "token": str(known) if known is not None else ""},
        )


def digest_of(secret: str) -> str:
    """SHA-256 of a secret. Without a salt: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
