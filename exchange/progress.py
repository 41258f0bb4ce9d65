"""How far a batch is while its job holds everything back until the end.

The job is one transaction, so no row that it writes can be seen yet. The name of its database session can: it is
set for the transaction, seen by every session of the portal's role, and gone with the transaction, whatever
becomes of the worker (docs/decisions/0011-excel-in.md).
"""

from __future__ import annotations

from django.db import connection

_NAME = "import"


def report(batch: int, done: int, total: int) -> None:
    """Say how far it is. Also a word to the database, which takes a silent job from its worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [f"{_NAME}:{batch}:{done}/{total}"])


def read(batch: int) -> tuple[int, int] | None:
    """Done and total, None while no worker has begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name LIKE %s LIMIT 1",
            [f"{_NAME}:{batch}:%"],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    done, _slash, total = found[0].rpartition(":")[2].partition("/")
    return int(done), int(total)
