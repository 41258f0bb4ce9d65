"""The daily signed export: complete, chained, signed, and nothing can be altered, taken away or slipped in unseen."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections, transaction

from accounts import audit_check, audit_export, log_days, signing
from accounts.audit import record
from accounts.models import AuditEntry, AuditExport, AuditVerb
from core.periods import today
from tests import factories

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Path) -> str:
    """A key and a store of this test's own."""
    settings.AUDIT_SIGNING_KEY, settings.AUDIT_PUBLIC_KEYS = signing.new_key(), []
    settings.MEDIA_ROOT = tmp_path
    return str(settings.AUDIT_SIGNING_KEY)


def export_today(days: int = 1) -> list[AuditExport]:
    """Export today from a day on which it is over: history is stamped by the database's own clock."""
    day = today()
    with time_machine.travel(dt.datetime.now(dt.UTC) + days * DAY, tick=False):
        return audit_export.export_until(day + (days - 1) * DAY)


def found() -> list[str]:
    return [finding.text for finding in audit_check.check()[1] if finding.level == audit_check.ERROR]


def owner(statement: str, *values: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def test_the_file_holds_the_days_log_and_history_and_nothing_else(db: None) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) - 3 * DAY):
        record(AuditVerb.SIGN_OUT, actor=None, target="earlier")
    person = factories.make_user(username="zhou.min", full_name="周敏\n第二行")
    record(AuditVerb.SIGN_IN, actor=person, target="<&> '\"")
    *_before, export = export_today()
    with default_storage.open(export.file) as file:
        packed = file.read()
    assert hashlib.sha256(packed).hexdigest() == export.digest
    assert Path(default_storage.path(export.file)).stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
    assert len(lines) == export.entries == sum(table["rows"] for table in export.tables.values())
    assert [line["row"]["target"] for line in lines if line["table"] == "accounts_auditentry"] == ["<&> '\""]
    event = next(line["row"] for line in lines if line["table"] == "accounts_userevent")
    assert (event["full_name"], "password" in event) == ("周敏\n第二行", False)
    assert found() == []


def test_every_history_table_is_in_it(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND a.attname = 'pgh_id' AND NOT a.attisdropped"
        )
        histories = {name for (name,) in cursor.fetchall()}
    assert {table.name for table in log_days.tables()} == histories | {"accounts_auditentry"}


def test_days_form_a_chain_without_gaps_also_where_nothing_happened(db: None) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) - 3 * DAY):
        record(AuditVerb.SIGN_IN, actor=None)
    made = export_today()
    assert [export.day for export in made] == [today() - number * DAY for number in (3, 2, 1, 0)]
    assert [export.previous_digest for export in made] == ["", *(export.digest for export in made[:-1])]
    assert made[1].entries == 0 and len({export.digest for export in made[1:3]}) == 1
    assert export_today() == [] and found() == []


def test_midnight_is_shanghais(db: None) -> None:
    for hour, minute in ((15, 59), (16, 0)):
        with time_machine.travel(dt.datetime(2014, 1, 5, hour, minute, 59, tzinfo=dt.UTC), tick=False):
            record(AuditVerb.SIGN_IN, actor=None, target=f"{hour}")
    with time_machine.travel(dt.datetime(2014, 1, 7, 4, tzinfo=dt.UTC)):
        assert [(export.day.day, export.entries) for export in audit_export.export_until(today() - DAY)] == [
            (5, 1),
            (6, 1),
        ]


def test_a_day_that_is_not_over_is_not_exported(db: None, settings: Any) -> None:
    with pytest.raises(audit_export.DayNotOver):
        audit_export.export_until(today())
    settings.AUDIT_SIGNING_KEY = ""
    with pytest.raises(signing.NoSigningKey):
        audit_export.export_until(today() - DAY)
    assert not AuditExport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_began_within_the_day_is_waited_for() -> None:
    """A transaction's history carries the time of its beginning, and may be committed after midnight."""
    other = connection.copy()
    try:
        with transaction.atomic():
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT 1")
            with pytest.raises(audit_export.DayNotOver):
                export_today()
        other.rollback()
        other.set_autocommit(True)
        assert export_today()
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_every_way_of_tampering_is_found(settings: Any, tmp_path: Path) -> None:
    person = factories.make_user()
    for verb in (AuditVerb.SIGN_IN, AuditVerb.SIGN_OUT):
        record(verb, actor=person)
    first, second = export_today(2)
    assert found() == []
    entry = AuditEntry.objects.earliest("pk")
    owner("UPDATE accounts_auditentry SET address = '10.0.0.9' WHERE id = %s", entry.pk)
    assert found() == ["表 accounts_auditentry 的内容和导出时不一样。"]
    owner("UPDATE accounts_auditentry SET address = NULL WHERE id = %s", entry.pk)
    assert found() == []
    # A line slipped in afterwards, which the portal's own role may do.
    late = AuditEntry.objects.create(verb=AuditVerb.SIGN_IN, at=entry.at)
    assert found() == ["表 accounts_auditentry 现在有这一天的 3 条，导出时是 2 条。"]
    owner("DELETE FROM accounts_auditentry WHERE id = %s", late.pk)
    owner("UPDATE accounts_userevent SET full_name = 'x'")
    assert found() == ["表 accounts_userevent 的内容和导出时不一样。"]
    owner("UPDATE accounts_userevent SET full_name = %s", person.full_name)
    owner("UPDATE accounts_auditexport SET entries = 9 WHERE id = %s", first.pk)
    assert len(found()) == 2 and "签名不对：导出记录被改过。" in found()
    owner("UPDATE accounts_auditexport SET entries = %s WHERE id = %s", first.entries, first.pk)
    path = tmp_path / first.file
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    assert found() == ["文件被改过：散列不对。"]
    path.unlink()
    assert found() == [f"文件不见了：{first.file}。"]
    path.write_bytes(whole)
    own, settings.AUDIT_SIGNING_KEY = signing.own_key().public_key(), signing.new_key()
    assert len(found()) == 2 and "不在可信之列" in found()[0]
    settings.AUDIT_PUBLIC_KEYS = [signing.public_text(own)]
    assert found() == []
    owner("DELETE FROM accounts_auditexport WHERE id = %s", first.pk)
    assert found() == ["前一天的导出记录不见了。"]
    assert second.previous_digest == first.digest


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditexport SET entries = 0", "DELETE FROM accounts_auditexport"]
)
def test_the_portals_role_changes_no_export(db: None, statement: str) -> None:
    export_today()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_command_says_what_is_wrong_and_fails(db: None, tmp_path: Path) -> None:
    record(AuditVerb.SIGN_IN, actor=None)
    (export,) = export_today()
    out = io.StringIO()
    call_command("check_audit", stdout=out)
    assert out.getvalue() == "1 exports checked, 0 errors.\n"
    (tmp_path / export.file).write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        call_command("check_audit", "--from", str(export.day), "--to", str(export.day), stdout=out)
    assert ended.value.code == 1 and "散列不对" in out.getvalue()


def test_a_chain_that_stopped_is_found(db: None) -> None:
    record(AuditVerb.SIGN_IN, actor=None)
    export_today()
    with time_machine.travel(dt.datetime.now(dt.UTC) + 5 * DAY):
        assert found() == ["这一天以后再没有导出。看看后台作业是不是停了。"]


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("make_audit_key", tmp_path / "key", stdout=out)
    text = (tmp_path / "key").read_text().strip()
    assert len(signing.key_bytes(text)) == 32 and text not in out.getvalue()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="never written over"):
        call_command("make_audit_key", tmp_path / "key")
