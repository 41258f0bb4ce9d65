"""The rows of a day: the audit log and the history of every table, as text that stays the same for as long as they do.

The database itself writes each row as JSON, in the order of its key. A day is one of Shanghai; a row belongs to the
day of its own time stamp, so that what is committed later does not change a day that is over, except by transactions
that began within it (`writers_since_before`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from accounts.models import AuditEntry


@dataclass(frozen=True)
class Table:
    """A table of events: its name, its key, the time stamp, and the columns that are written."""

    name: str
    key: str
    time: str
    columns: tuple[str, ...]


@dataclass
class Content:
    """What a table holds of a day: how many rows, the first and the last key, and a SHA-256 over the rows."""

    rows: int = 0
    first: int | None = None
    last: int | None = None
    sha256: Any = field(default_factory=hashlib.sha256)

    def add(self, key: int, text: str) -> None:
        """One more row."""
        self.rows += 1
        self.first = key if self.first is None else self.first
        self.last = key
        self.sha256.update(text.encode() + b"\n")

    def described(self, columns: Sequence[str]) -> dict[str, Any]:
        """As an export remembers it."""
        return {
            "rows": self.rows,
            "first": self.first,
            "last": self.last,
            "columns": list(columns),
            "sha256": self.sha256.hexdigest(),
        }


def tables() -> list[Table]:
    """The audit log and every history table there is, by name."""
    found = [_table(AuditEntry, "at")]
    for model in apps.get_models():
        if issubclass(model, pghistory.models.Event) and not model._meta.proxy and model._meta.managed:
            found.append(_table(model, "pgh_created_at"))
    return sorted(found, key=lambda table: table.name)


def _table(model: type[models.Model], time: str) -> Table:
    assert model._meta.pk is not None
    columns = tuple(str(column.column) for column in model._meta.concrete_fields)
    return Table(model._meta.db_table, str(model._meta.pk.column), time, columns)


def _quoted(*names: str) -> list[str]:
    """Names of tables and columns, which are the models' own, for SQL: as text, for history looks into each query."""
    return [connection.ops.quote_name(name) for name in names]


def start_of(day: dt.date) -> dt.datetime:
    """The first instant of a day in Shanghai."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def rows_between(table: Table, first: dt.date, last: dt.date) -> Iterator[tuple[int, dt.date, str]]:
    """Key, day and text of each row from the first to the last day, both included, in the order of the key."""
    key, time, name = _quoted(table.key, table.time, table.name)
    columns = ", ".join(f"t.{column}" for column in _quoted(*table.columns))
    query = (
        f"SELECT t.{key}, (t.{time} AT TIME ZONE %s)::date, (SELECT row_to_json(e)::text FROM (SELECT {columns}) e)"  # noqa: S608
        f" FROM {name} t WHERE t.{time} >= %s AND t.{time} < %s ORDER BY t.{key}"
    )
    zone = timezone.get_default_timezone_name()
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, [zone, start_of(first), start_of(last + dt.timedelta(days=1))])
        yield from cursor


def contents_between(table: Table, first: dt.date, last: dt.date) -> dict[dt.date, Content]:
    """What a table holds of each day that has any row, in one pass."""
    found: dict[dt.date, Content] = {}
    for key, day, text in rows_between(table, first, last):
        found.setdefault(day, Content()).add(key, text)
    return found


def first_day() -> dt.date | None:
    """The day of the oldest row of all; None where nothing ever happened."""
    oldest = []
    with connection.cursor() as cursor:
        for table in tables():
            time, name = _quoted(table.time, table.name)
            cursor.execute(f"SELECT MIN({time}) FROM {name}")  # noqa: S608
            oldest.append(cursor.fetchone()[0])
    moments = [moment for moment in oldest if moment is not None]
    return timezone.localtime(min(moments)).date() if moments else None


def writers_since_before(moment: dt.datetime) -> bool:
    """Whether a transaction of the portal that began before an instant is still open: it may yet add to that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid() AND xact_start < %s)",
            [moment],
        )
        found: bool = cursor.fetchone()[0]
    return found
