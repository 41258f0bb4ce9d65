"""Reads of accounts, of the audit log and of tokens, and who of the three administrators reads which."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)


def superusers_exist() -> bool:
    """Whether any active account is a superuser. In production there must be none: the three administrators act."""
    users: models.Manager[Any] = apps.get_model("accounts", "User")._default_manager
    return users.filter(is_superuser=True, is_active=True).exists()


def administrator_kind(user: Any) -> str | None:
    """Which of the three administrators somebody is, or None. One query."""
    model = apps.get_model("accounts", "Administrator")
    return model._default_manager.filter(user_id=user.pk).values_list("kind", flat=True).first()


class AdministratorsQuerySet(models.QuerySet[M]):
    """Rows that concern administrators alone: all of them or none, by the post that the person holds.

    The scope of the business stands in `communities.scoping`; this app knows no place and no role.
    """

    # Kinds of administrators; the words are those of `AdministratorKind`.
    readers: ClassVar[frozenset[str]] = frozenset()
    writers: ClassVar[frozenset[str]] = frozenset()

    def visible_to(self, user: Any) -> Self:
        """All rows for a reader, none for anybody else."""
        return self if self.enterable_by(user) else self.none()

    def editable_by(self, user: Any) -> Self:
        """All rows for a writer, none for anybody else."""
        return self if self.creatable_by(user) else self.none()

    def enterable_by(self, user: Any) -> bool:
        """Whether the person holds a post that reads these rows."""
        return bool(user.is_active) and administrator_kind(user) in self.readers

    def creatable_by(self, user: Any) -> bool:
        """Whether the person holds a post that writes these rows."""
        return bool(user.is_active) and administrator_kind(user) in self.writers


class UserQuerySet(AdministratorsQuerySet[Any]):
    """Accounts, as the system administrator keeps them. The security administrator sees people through their grants."""

    readers = frozenset({"system"})
    writers = readers

    def search(self, text: str) -> Self:
        """By part of the user name, of the name or of the telephone number."""
        word = text.strip().replace("\0", "")
        if not word:
            return self
        return self.filter(Q(username__icontains=word) | Q(full_name__icontains=word) | Q(phone__icontains=word))

    def active(self) -> Self:
        """Accounts that were not ended."""
        return self.filter(is_active=True)

    def idle_since(self, moment: dt.datetime) -> Self:
        """Accounts in force that were opened before `moment` and by which nobody has signed in since."""
        return self.active().filter(Q(last_login__isnull=True) | Q(last_login__lt=moment), date_joined__lt=moment)


class AuditEntryQuerySet(AdministratorsQuerySet[Any]):
    """The audit log, read by the audit administrator. Nobody writes it by hand."""

    readers = frozenset({"audit"})

    def by(self, user: models.Model) -> Self:
        """What one person did."""
        return self.filter(actor=user)

    def of(self, *verbs: str) -> Self:
        """Acts of these kinds."""
        return self.filter(verb__in=verbs)

    def since(self, moment: dt.datetime) -> Self:
        """From an instant on."""
        return self.filter(at__gte=moment)


class AuditExportQuerySet(AdministratorsQuerySet[Any]):
    """Signed exports of the log, a day each."""

    readers = frozenset({"audit"})

    def chronological(self) -> Self:
        """Oldest first, as the chain goes."""
        return self.order_by("day")


class ApiTokenQuerySet(models.QuerySet[Any]):
    """Tokens of programs. Everybody sees and revokes their own, the security administrator all."""

    def visible_to(self, user: Any) -> Self:
        """The person's own; all for the security administrator."""
        return self if self._keeps_all(user) else self.filter(user_id=user.pk)

    def editable_by(self, user: Any) -> Self:
        """What one sees one may revoke."""
        return self.visible_to(user)

    def enterable_by(self, user: Any) -> bool:
        """Everybody with an account may have tokens."""
        return bool(user.is_active)

    def creatable_by(self, user: Any) -> bool:
        """Everybody, for themselves."""
        return bool(user.is_active)

    def of(self, user: models.Model) -> Self:
        """One person's tokens, dead ones too."""
        return self.filter(user=user)

    def living(self, moment: dt.datetime) -> Self:
        """Tokens that open the door at an instant: neither expired nor revoked, of an account that was not ended."""
        return self.filter(expires_at__gt=moment, revoked_at__isnull=True, user__is_active=True)

    @staticmethod
    def _keeps_all(user: Any) -> bool:
        return bool(user.is_active) and administrator_kind(user) == "security"
