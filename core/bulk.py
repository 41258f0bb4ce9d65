"""One UPDATE for many records, each with values of its own.

Django's `bulk_update` builds an expression for every value of every record, which takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

AT_A_TIME = 500


def update_rows(records: Sequence[models.Model], fields: Iterable[str]) -> None:
    """Write `fields` of records of one model as they stand in memory. Triggers see each row, as with any UPDATE."""
    if not records:
        return
    meta, quote = records[0]._meta, connection.ops.quote_name
    every: list[Any] = [meta.pk, *map(meta.get_field, fields)]
    columns = [quote(field.column) for field in every]
    casts = ", ".join(f"%s::{_cast_of(field)}" for field in every)
    changes = ", ".join(f"{column} = sent.{column}" for column in columns[1:])
    for first in range(0, len(records), AT_A_TIME):
        piece = records[first : first + AT_A_TIME]
        rows = ", ".join([f"({casts})"] * len(piece))
        sql = (
            f"UPDATE {quote(meta.db_table)} AS stored SET {changes}"  # noqa: S608  names of the model's own
            f" FROM (VALUES {rows}) AS sent ({', '.join(columns)}) WHERE stored.{columns[0]} = sent.{columns[0]}"
        )
        values = [
            field.get_db_prep_save(getattr(record, field.attname), connection) for record in piece for field in every
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)


def _cast_of(field: models.Field[Any, Any]) -> str:
    """The type of a value on its way. A text keeps its length: cast to the column's it would be cut, not refused."""
    return "text" if isinstance(field, models.CharField) else str(field.cast_db_type(connection))
