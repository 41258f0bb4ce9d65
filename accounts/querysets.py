"""Reads of accounts and of the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.apps import apps
from django.db import models


class AuditEntryQuerySet(models.QuerySet[Any]):
    """The audit log, read."""

    def by(self, user: models.Model) -> Self:
        """What one person did."""
        return self.filter(actor=user)

    def of(self, *verbs: str) -> Self:
        """Acts of these kinds."""
        return self.filter(verb__in=verbs)

    def since(self, moment: dt.datetime) -> Self:
        """From an instant on."""
        return self.filter(at__gte=moment)


class ApiTokenQuerySet(models.QuerySet[Any]):
    """Tokens of programs."""

    def of(self, user: models.Model) -> Self:
        """One person's tokens, dead ones too."""
        return self.filter(user=user)

    def living(self, moment: dt.datetime) -> Self:
        """Tokens that open the door at an instant: neither expired nor revoked, of an account that was not ended."""
        return self.filter(expires_at__gt=moment, revoked_at__isnull=True, user__is_active=True)


def superusers_exist() -> bool:
    """Whether any active account is a superuser. In production there must be none: the three administrators act."""
    return apps.get_model("accounts", "User")._default_manager.filter(is_superuser=True, is_active=True).exists()


def administrator_kind(user: Any) -> str | None:
    """Which of the three administrators somebody is, or None. One query."""
    model = apps.get_model("accounts", "Administrator")
    return model._default_manager.filter(user_id=user.pk).values_list("kind", flat=True).first()
