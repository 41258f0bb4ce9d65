"""Fill one of the three posts again, when its holder has left."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import appoint_administrator
from accounts.models import AdministratorKind, User
from core.errors import RuleViolation


class Command(BaseCommand):
    """`manage.py appoint_administrator KIND USERNAME`."""

    help = "Make an account the system, security or audit administrator. Whose post it was has their account ended."

    def add_arguments(self, parser: CommandParser) -> None:
        """As what, and who."""
        parser.add_argument("kind", choices=AdministratorKind.values)
        parser.add_argument("username")

    def handle(self, *args: Any, kind: str, username: str, **options: Any) -> None:
        """Appoint, or say why not."""
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no account “{username}”.")
        try:
            administrator = appoint_administrator(user, AdministratorKind(kind))
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{administrator.user.username} is the {administrator.kind} administrator.")
