"""`manage.py load_reference`: what the portal must know before anybody enters anything."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

import communities.reference
import coordination.reference
import dashboards.reference
import facilities.reference
import inspections.reference
import services.reference
from core import reference

_APPS = (
    communities.reference,
    coordination.reference,
    facilities.reference,
    services.reference,
    inspections.reference,
    dashboards.reference,
)


class Command(BaseCommand):
    """Loads divisions, units, documents, standards, the scoring sheet and published figures. Safe to repeat."""

    help = "Load reference data: divisions, units, policy documents, standards, scoring sheet, published figures."

    def handle(self, *args: Any, **options: Any) -> None:
        """All of it or nothing; two at once wait for each other. Prints a line for each kind."""
        with transaction.atomic():
            reference.lock()
            done = [loaded for app in _APPS for loaded in app.load()]
        for loaded in done:
            self.stdout.write(str(loaded))
