"""Make the key that signs the daily export of the log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import signing


class Command(BaseCommand):
    """`manage.py make_audit_key FILE`."""

    help = "Write a new key to a file that only its owner can read, and print its public half."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Refuses to overwrite a key: what it signed could not be checked any more."""
        text = signing.new_key()
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
                written.write(f"{text}\n")
        except FileExistsError as error:
            raise CommandError(f"{file} is there already. A key is never written over.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        public = signing.public_text(Ed25519PrivateKey.from_private_bytes(signing.key_bytes(text)).public_key())
        self.stdout.write(f"AUDIT_SIGNING_KEY_FILE={file}")
        self.stdout.write(f"public key, for AUDIT_PUBLIC_KEYS after a change of keys: {public}")
