"""The audit log: one function writes it, nothing changes it."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django.http import HttpRequest

from accounts.addresses import client_address
from accounts.models import AuditEntry, AuditVerb, User


def record(
    verb: AuditVerb,
    *,
    actor: User | None,
    request: HttpRequest | None = None,
    username: str = "",
    succeeded: bool = True,
    target: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one line to the audit log, in the caller's transaction.

    `actor` is None where nobody is signed in (a failed sign-in, a command). `request` is where it came from;
    without it the request being served is taken, if there is one. `username` is what was typed, or the actor's.
    `target` is an address or a record in words. `detail` holds plain JSON values, never a secret.
    """
    source = request if request is not None else context.request
    return AuditEntry.objects.create(
        actor=actor,
        username=_clean(username or (actor.username if actor is not None else ""), 150),
        verb=verb,
        succeeded=succeeded,
        address=client_address(source) if source is not None else None,
        target=_clean(target, 300),
        detail=detail or {},
    )


def _clean(text: str, length: int) -> str:
    # PostgreSQL stores no NUL; an address may carry one (%00).
    return text.replace("\0", "")[:length]
