"""The two database roles: the owner migrates; the portal's role owns nothing and can only add to history."""

from __future__ import annotations

from typing import Any

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.db import connections, models
from psycopg2 import sql


class OwnerMigratesRouter:
    """Lets schema changes through on the owner's connection alone."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """False on the portal's own connection wherever the owner's is configured."""
        return False if db == "default" and "owner" in settings.DATABASES else None


def portal_privileges(model: type[models.Model]) -> str:
    """What the portal's role may do with a model's table, as SQL privileges.

    History is written by triggers that run as the owner, so the portal needs no INSERT there and can
    forge nothing. A model with `append_only = True` can be added to and never changed.
    """
    if issubclass(model, pghistory.models.Event):
        return "SELECT"
    if getattr(model, "append_only", False):
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"


def apply_privileges(using: str) -> None:
    """Grant the portal's role what it needs on the database behind `using`, and no more. Safe to repeat."""
    portal = settings.DATABASES["default"]["USER"]
    if connections[using].settings_dict["USER"] == portal:
        return
    models_by_table = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}
    with connections[using].cursor() as cursor:
        statements = [
            "GRANT USAGE ON SCHEMA public TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        ]
        _run(cursor, statements, role=sql.Identifier(portal))
        for table in connections[using].introspection.table_names(cursor):
            rights = portal_privileges(models_by_table.get(table, models.Model))
            rights = "SELECT" if table == "django_migrations" else rights
            grant = "GRANT " + rights + " ON {table} TO {role}"
            _run(cursor, [grant], role=sql.Identifier(portal), table=sql.Identifier(table))
        _harden_triggers(cursor)


def _run(cursor: Any, statements: list[str], **names: sql.Identifier) -> None:
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**names))


def _harden_triggers(cursor: Any) -> None:
    """Make triggers run as the owner, and take away the session switch that would silence them.

    `pgtrigger.ignore` is a setting that any role may set; without this, history could be switched off
    from the portal's own connection. Migrations that add triggers bring the switch back, hence here.
    """
    cursor.execute("SELECT to_regproc('public._pgtrigger_should_ignore') IS NOT NULL")
    if cursor.fetchone()[0]:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME)"
            " RETURNS BOOLEAN AS 'SELECT FALSE' LANGUAGE SQL IMMUTABLE"
        )
    cursor.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.prorettype = 'trigger'::regtype AND NOT p.prosecdef"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp")
