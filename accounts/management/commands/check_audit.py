"""Check the signed exports of the log."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import audit_check


class Command(BaseCommand):
    """`manage.py check_audit [--from DAY] [--to DAY]`: exit code 1 where anything is wrong."""

    help = "Check files, signatures and the chain of the daily exports, and that the database still holds the same."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which days; all of them unless said otherwise."""
        day = dt.date.fromisoformat
        parser.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD", help="the first day")
        parser.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD", help="the last day")

    def handle(self, *args: Any, first: dt.date | None, last: dt.date | None, **options: Any) -> None:
        """A line for each finding, and a line for the whole."""
        number, found = audit_check.check(first, last)
        for finding in found:
            self.stdout.write(f"{finding.day} {finding.level:<5} {finding.text}")
        wrong = sum(finding.level == audit_check.ERROR for finding in found)
        self.stdout.write(f"{number} exports checked, {wrong} errors.")
        if wrong:
            sys.exit(1)
