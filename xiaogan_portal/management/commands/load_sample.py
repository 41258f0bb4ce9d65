"""`manage.py load_sample`: the sample city."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from communities.models import ReportingUnit
from xiaogan_portal.sample import loader
from xiaogan_portal.sample.plan import DEFAULT_SIZE


class Command(BaseCommand):
    """Loads a made-up city whose totals are the published ones."""

    help = "Load the sample city into an empty register. Every record is marked as sample."

    def add_arguments(self, parser: CommandParser) -> None:
        """The size and the seed."""
        parser.add_argument("--communities", type=int, default=DEFAULT_SIZE, help="how many communities in all")
        parser.add_argument("--seed", type=int, default=2014, help="the same seed gives the same city")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where communities exist")

    def handle(self, *args: Any, communities: int, seed: int, if_empty: bool, **options: Any) -> None:
        """Refuses to mix sample records with real ones."""
        if not loader.is_empty():
            if if_empty:
                self.stdout.write("The register is not empty: no sample loaded.")
                return
            raise CommandError("The register is not empty. Sample records are never mixed with others.")
        if communities < 20:
            raise CommandError("A sample city needs at least 20 communities.")
        if not ReportingUnit.objects.exists():
            raise CommandError("Load the reference data first: manage.py load_reference")
        loader.load(communities, seed, self.stdout.write)
