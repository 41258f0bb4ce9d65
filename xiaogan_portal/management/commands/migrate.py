"""`manage.py migrate`: as the owner, whatever the portal's own role may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate


class Command(Migrate):
    """Django's command on the owner's connection, and the cache's table with it."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's own; the database is the owner's unless named."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses where the owner's address is not given."""
        if options["database"] not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL: only the owner of the schema may migrate.")
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            call_command("createcachetable", database=options["database"], verbosity=0)
