"""Writing reference data: only what differs is written, so that loading twice leaves no trace in history."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models

M = TypeVar("M", bound=models.Model)
# Two loads at once wait for each other on this key; the number itself means nothing.
_LOCK = 4209_2014


@dataclass(frozen=True)
class Loaded:
    """What became of one kind of record: its name, how many stand now, how many were added and changed."""

    kind: str
    total: int
    added: int
    changed: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.total} ({self.added} added, {self.changed} changed)"


def lock() -> None:
    """Wait for another load and keep the next one waiting, until the present transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the project's `data/` folder, by column name."""
    path = Path(settings.BASE_DIR) / "data" / file
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def upsert(
    model: type[M],
    rows: Iterable[dict[str, Any]],
    *,
    key: Sequence[str],
    keep: Callable[[M], bool] = lambda record: False,
) -> Loaded:
    """Add the rows that are missing and correct those that differ, in two statements.

    `key` names the fields that identify a row. Records for which `keep` is true are left as they are
    (somebody has edited them since). Records that `rows` no longer names stay: others may refer to them.
    """
    stored = {tuple(_stored(record, name) for name in key): record for record in model._default_manager.all()}
    missing: list[M] = []
    different: list[M] = []
    for row in rows:
        record = stored.get(tuple(_plain(row[name]) for name in key))
        if record is None:
            missing.append(model(**row))
        elif not keep(record) and _differs(record, row):
            different.append(record)
            for name, value in row.items():
                setattr(record, name, value)
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.bulk_create(missing, batch_size=1000)
    if different:
        model._default_manager.bulk_update(different, fields, batch_size=500)
    return Loaded(str(model._meta.verbose_name), len(stored) + len(missing), len(missing), len(different))


def _differs(record: models.Model, row: dict[str, Any]) -> bool:
    return any(_stored(record, name) != _plain(value) for name, value in row.items())


def _stored(record: models.Model, name: str) -> Any:
    field = record._meta.get_field(name)
    return getattr(record, getattr(field, "attname", name))


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
