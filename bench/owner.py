"""What only the owner of the database may do: write past the portal's own rules, have statistics taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, models


@contextmanager
def past_the_rules(model: type[models.Model]) -> Iterator[Any]:
    """A cursor of the owner's, while the table has no triggers: neither rules nor history."""
    table = model._meta.db_table
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def analyse() -> None:
    """Tell the planner of the rows that were just made, as autovacuum would: that, too, only the owner may do."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
