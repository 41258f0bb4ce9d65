"""`manage.py messages`: the English catalogue follows the code."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xiaogan_portal import catalogue


class Command(BaseCommand):
    """Writes new messages into the catalogue and drops dead ones; with --check it only says what is wrong."""

    help = "Update the English catalogue from the code and the templates, or --check that it is complete."

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing but --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where it is incomplete")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Prints each fault. CommandError with --check where there is one."""
        report = catalogue.check() if check else catalogue.update()
        for kind in ("missing", "dead", "placeholders", "untranslated"):
            for text in getattr(report, kind):
                self.stdout.write(f"{kind}: {text}")
        if check and not report.complete:
            raise CommandError("The English catalogue is incomplete; run manage.py messages and translate.")
