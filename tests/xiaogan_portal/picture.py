"""A whole database in one comparable value: what its tables hold, and everything that guards them."""

from __future__ import annotations

import re
from typing import Any

QUERIES = {
    "columns": "select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns"
    " where table_schema = 'public'",
    "constraints": "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
    " where connamespace = 'public'::regnamespace",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "triggers": "select tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) from pg_trigger"
    " where not tgisinternal",
    "functions": "select proname, prosrc, prosecdef, proconfig::text from pg_proc p"
    " where pronamespace = 'public'::regnamespace and not exists"
    " (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')",
    "privileges": "select table_name, privilege_type from information_schema.role_table_grants"
    " where grantee = 'portal' and table_schema = 'public'",
    "sequences": "select sequencename, last_value::text from pg_sequences where schemaname = 'public'",
    "sequence rights": "select sequencename, has_sequence_privilege('portal', quote_ident(sequencename), 'USAGE')"
    " from pg_sequences where schemaname = 'public'",
    "owners": "select tablename, tableowner from pg_tables where schemaname = 'public'",
    "extensions": "select extname from pg_extension",
}


def picture_of(cursor: Any) -> dict[str, list[Any]]:
    """Rows of every table as text, and every definition, each list in an order of its own."""
    found: dict[str, list[Any]] = {}
    cursor.execute("set timezone to 'UTC'")
    for name, query in QUERIES.items():
        cursor.execute(query)
        found[name] = sorted((_plain(row) for row in cursor.fetchall()), key=repr)
    for table, _owner in found["owners"]:
        cursor.execute(f'select t::text from public."{table}" t')
        found[f"rows of {table}"] = sorted(row for (row,) in cursor.fetchall())
    return found


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Definitions without casts between kinds of text and brackets: PostgreSQL moves these when it reads them again."""
    return tuple(re.sub(r"::(?:text|character varying)(?:\[\])?|[()]", "", str(value)) for value in row)


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, Any]:
    """What is not the same, by name; empty where all is."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        gone, come = (set(map(repr, rows.get(name, []))) for rows in (before, after))
        if before.get(name) != after.get(name):
            found[name] = sorted(f"- {row}" for row in gone - come) + sorted(f"+ {row}" for row in come - gone)
    return found
