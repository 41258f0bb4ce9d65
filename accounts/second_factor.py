"""Who must use a second factor, and who lacks it. Roles come through a hook: this app knows no domain model."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.querysets import administrator_kind

ADMINISTRATOR = "administrator"


def role_codes_of(user: Any) -> Collection[str]:
    """The role codes that the function named by `settings.ACCOUNT_ROLES_OF` gives for the user; none without it."""
    if not settings.ACCOUNT_ROLES_OF:
        return frozenset()
    hook: Callable[[Any], Collection[str]] = import_string(settings.ACCOUNT_ROLES_OF)
    return hook(user)


def required(user: Any) -> bool:
    """Whether `settings.SECOND_FACTOR_REQUIRED` names what the user is. At most two queries."""
    named = set(settings.SECOND_FACTOR_REQUIRED)
    if ADMINISTRATOR in named and administrator_kind(user) is not None:
        return True
    return bool(named - {ADMINISTRATOR}) and not named.isdisjoint(role_codes_of(user))


def missing(user: Any) -> bool:
    """Whether the user must activate a second factor before doing anything else."""
    return required(user) and not is_mfa_enabled(user, [Authenticator.Type.TOTP])
