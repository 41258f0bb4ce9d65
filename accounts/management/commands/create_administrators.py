"""Make the three administrators once, and print their one-time passwords once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import create_administrators
from accounts.models import AdministratorKind
from core.errors import RuleViolation

DEFAULT_NAMES = {
    AdministratorKind.SYSTEM: "sysadmin",
    AdministratorKind.SECURITY: "secadmin",
    AdministratorKind.AUDIT: "auditadmin",
}


class Command(BaseCommand):
    """`manage.py create_administrators [--system NAME] [--security NAME] [--audit NAME]`."""

    help = "Make the system, security and audit administrator. Refuses when any administrator exists."

    def add_arguments(self, parser: CommandParser) -> None:
        """A user name for each kind."""
        for kind, name in DEFAULT_NAMES.items():
            parser.add_argument(f"--{kind.value}", default=name, metavar="NAME", help=f"user name (default: {name})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make all three or none."""
        try:
            made = create_administrators({kind: options[kind.value] for kind in AdministratorKind})
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("One-time passwords, shown only now. Each must be changed at the first sign-in:")
        for administrator, password in made:
            self.stdout.write(f"{administrator.kind:<9} {administrator.user.username:<16} {password}")
