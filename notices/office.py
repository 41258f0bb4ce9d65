"""Who follows every notice. Roles come through a hook: this app knows no domain model."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.second_factor import role_codes_of


def follows_all(user: Any) -> bool:
    """Whether the person holds one of the roles of `settings.NOTICE_OFFICE_ROLES` today."""
    return bool(user.is_active) and not set(settings.NOTICE_OFFICE_ROLES).isdisjoint(role_codes_of(user))
