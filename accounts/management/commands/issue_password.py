"""Issue a one-time password from the machine's command line, for when no administrator can sign in any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import issue_one_time_password
from accounts.models import User
from core.errors import RuleViolation


class Command(BaseCommand):
    """`manage.py issue_password USERNAME`."""

    help = "Issue a one-time password, lift the lock, and print the password once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the password, or say why there is none."""
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account “{options['username']}”.")
        try:
            password = issue_one_time_password(user, actor=None)
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{user.username} {password}")
