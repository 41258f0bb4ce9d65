"""Old lines leave the database by the owner's hand alone, after their export, and never before their time."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts import audit_archive, audit_check, audit_export, signing
from accounts.audit import record
from accounts.models import AuditEntry, AuditVerb
from core.periods import today

DAY = dt.timedelta(days=1)
KEPT = 20


@pytest.fixture(autouse=True)
def old_line(transactional_db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of 23 days ago and one of today, where a log may be as young as that."""
    monkeypatch.setattr(audit_archive, "LEAST_KEPT_DAYS", 1)
    settings.AUDIT_SIGNING_KEY, settings.AUDIT_KEEP_DAYS = signing.new_key(), KEPT
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(dt.datetime.now(dt.UTC) - 23 * DAY):
        record(AuditVerb.SIGN_IN, actor=None, target="old")
    record(AuditVerb.SIGN_IN, actor=None, target="new")


def archive(before: dt.date) -> str:
    out = io.StringIO()
    call_command("archive_audit", "--before", str(before), stdout=out)
    return out.getvalue()


def test_what_is_exported_and_old_enough_goes_and_the_chain_holds() -> None:
    audit_export.export_until(today() - DAY)
    assert archive(today() - KEPT * DAY).startswith("1 lines")
    assert list(AuditEntry.objects.order_by("pk").values_list("target", "verb")) == [
        ("new", "sign_in"),
        ("", "archived"),
    ]
    assert audit_check.check() == (23, [])


def test_no_setting_lets_a_log_go_before_184_days(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of deployments says so, too; the act does not trust that anybody ran it."""
    monkeypatch.undo()
    settings.AUDIT_KEEP_DAYS = KEPT
    with pytest.raises(CommandError, match="至少留 184 天"):
        archive(today() - 183 * DAY)
    with pytest.raises(CommandError, match="还没有全部导出"):
        record_long_ago()
        archive(today() - 184 * DAY)
    settings.AUDIT_KEEP_DAYS = 400
    with pytest.raises(CommandError, match="至少留 400 天"):
        archive(today() - 399 * DAY)


def record_long_ago() -> None:
    """A line of 190 days ago."""
    with time_machine.travel(dt.datetime.now(dt.UTC) - 190 * DAY):
        record(AuditVerb.SIGN_IN, actor=None, target="oldest")


def test_refused_too_young_without_an_export_or_without_the_owner(settings: Any, monkeypatch: Any) -> None:
    with pytest.raises(CommandError, match="还没有全部导出"):
        archive(today() - KEPT * DAY)
    audit_export.export_until(today() - DAY)
    with pytest.raises(CommandError, match="至少留 20 天"):
        archive(today() - (KEPT - 1) * DAY)
    with monkeypatch.context() as stranger:
        stranger.setattr(audit_archive, "OWNER", "nobody")
        with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
            archive(today() - KEPT * DAY)
    settings.AUDIT_PUBLIC_KEYS, settings.AUDIT_SIGNING_KEY = [], signing.new_key()
    with pytest.raises(CommandError, match="不能归档"):
        archive(today() - KEPT * DAY)
    assert AuditEntry.objects.count() == 2
