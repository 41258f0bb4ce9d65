"""The portal's own database role owns nothing and can alter nothing in history."""

from __future__ import annotations

import pghistory.models
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from communities.models import Community, ReportingUnit

pytestmark = pytest.mark.django_db

HISTORY = [m for m in apps.get_models() if issubclass(m, pghistory.models.Event)]
APPEND_ONLY = [m for m in apps.get_models() if getattr(m, "append_only", False)]


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


def test_tests_run_as_the_portal_and_the_portal_is_no_owner_and_no_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb,"
            " (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid)"
            " FROM pg_roles r WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("portal", False, False, False, 0)


def test_every_tracked_domain_model_has_a_history_table() -> None:
    assert len(HISTORY) >= 20


@pytest.mark.parametrize("model", HISTORY, ids=lambda m: m._meta.db_table)
def test_no_statement_changes_forges_or_removes_history(model: type[models.Model]) -> None:
    table = model._meta.db_table
    assert refused(f"UPDATE \"{table}\" SET pgh_label = 'x'")
    assert refused(f'DELETE FROM "{table}"')
    assert refused(f"INSERT INTO \"{table}\" (pgh_label, pgh_created_at) VALUES ('x', now())")
    assert refused(f'TRUNCATE "{table}"')
    assert refused(f'DROP TABLE "{table}"')
    assert refused(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda m: m._meta.db_table)
def test_what_is_append_only_can_neither_change_nor_go(model: type[models.Model]) -> None:
    table = model._meta.db_table
    column = model._meta.concrete_fields[-1].column
    assert refused(f'UPDATE "{table}" SET "{column}" = "{column}"')
    assert refused(f'DELETE FROM "{table}"')
    assert refused(f'TRUNCATE "{table}"')


def test_triggers_cannot_be_taken_away_or_silenced(units: dict[str, ReportingUnit]) -> None:
    assert refused("ALTER TABLE communities_community DISABLE TRIGGER ALL")
    assert refused("DROP FUNCTION _pgtrigger_should_ignore(name)")
    assert refused("SET session_replication_role = replica")
    community = Community.objects.create(code="A", name="甲", pinyin="jia", initials="j")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{communities_community:update_update}'")
        cursor.execute("UPDATE communities_community SET name = '乙' WHERE id = %s", [community.pk])
        cursor.execute("DELETE FROM communities_community WHERE id = %s", [community.pk])
        cursor.execute("SELECT pgh_label, name FROM communities_communityevent ORDER BY pgh_id")
        assert cursor.fetchall() == [("insert", "甲"), ("update", "乙"), ("delete", "乙")]


def test_bulk_writes_leave_one_event_for_each_row(units: dict[str, ReportingUnit]) -> None:
    Community.objects.bulk_create(
        Community(code=f"B{n}", name=f"社区{n}", pinyin=f"s{n}", initials="s") for n in range(5)
    )
    Community.objects.filter(code__startswith="B").update(households=7)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label, count(*) FROM communities_communityevent GROUP BY 1 ORDER BY 1")
        assert cursor.fetchall() == [("insert", 5), ("update", 5)]
