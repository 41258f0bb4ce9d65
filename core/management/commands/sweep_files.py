"""Compare stored files and rows: `manage.py sweep_files [--dry-run]`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.attachments import sweep


class Command(BaseCommand):
    """Removes files that no row names and that are older than a day; tells of rows whose file is gone."""

    help = "Remove stored files older than a day that no row names; list rows whose file is gone (exit status 1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run` only tells."""
        parser.add_argument("--dry-run", action="store_true", help="remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each, then the counts."""
        swept = sweep(remove=not options["dry_run"])
        for name in swept.removed:
            self.stdout.write(f"no row: {name}")
        for name in swept.missing:
            self.stdout.write(f"no file: {name}")
        verb = "would be removed" if options["dry_run"] else "removed"
        self.stdout.write(f"{len(swept.removed)} files without a row {verb}, {len(swept.missing)} rows without a file")
        if swept.missing:
            raise SystemExit(1)
