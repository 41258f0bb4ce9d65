"""`manage.py sample_accounts`: people to try the portal with. Embedded mode only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from xiaogan_portal.sample.people import make_accounts


class Command(BaseCommand):
    """Makes one account for each role, with random passwords, and writes them to a file only the owner can read."""

    help = "Make the sample accounts and write their passwords to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write."""
        parser.add_argument("--out", type=Path, default=settings.DATA_DIR / "sample-accounts.json")
        parser.add_argument("--if-missing", action="store_true", help="do nothing where the file exists")

    def handle(self, *args: Any, out: Path, if_missing: bool, **options: Any) -> None:
        """Refuses outside the embedded mode: shared passwords have no place on a real server."""
        if not settings.EMBEDDED:
            raise CommandError("Sample accounts exist in the embedded mode only.")
        if if_missing and out.exists():
            return
        text = json.dumps(make_accounts(), ensure_ascii=False, indent=2)
        with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        self.stdout.write(f"Sample accounts: {out}")
