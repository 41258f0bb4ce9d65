"""Take old lines of the log out of the database, once they stand in signed exports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit_archive import archive
from core.errors import RuleViolation


class Command(BaseCommand):
    """`manage.py archive_audit --before DAY`."""

    help = "Remove log lines of before a day from the database, as its owner. Their signed exports stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """The first day that stays."""
        parser.add_argument(
            "--before", type=dt.date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="first day that stays"
        )

    def handle(self, *args: Any, before: dt.date, **options: Any) -> None:
        """All of it or nothing; says why where it is refused."""
        try:
            removed = archive(before)
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{removed} lines of before {before} are in the signed exports alone now.")
