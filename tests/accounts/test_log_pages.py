"""The audit administrator's pages, and the tokens: what each shows, to whom, and that taking it out is written down."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import audit_export, signing, token_actions
from accounts.audit import record
from accounts.models import ApiToken, AuditEntry, AuditExport, AuditVerb
from core.periods import today

LOG, TOKENS = "/people/log/", "/people/tokens/"


@pytest.fixture(autouse=True)
def _own_urls() -> None:
    """The portal's own addresses here."""


@pytest.fixture
def office(make_user: Any, as_user: Any) -> Any:
    return as_user(make_user(administrator="audit", username="auditadmin"))


def targets(office: Client, **query: str) -> list[str]:
    """The objects on the page, in its order."""
    rows = office.get(LOG, query).content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"target-\w+", rows)


def test_the_log_narrows_by_everything_it_says(office: Client, make_user: Any) -> None:
    zhou = make_user(username="zhou.min", full_name="周敏")
    # 15:59 and 16:01 UTC are two days in Shanghai.
    with time_machine.travel(dt.datetime(2014, 1, 5, 15, 59, tzinfo=dt.UTC), tick=False) as clock:
        record(AuditVerb.SIGN_IN, actor=zhou, target="target-a")
        clock.shift(dt.timedelta(minutes=2))
        record(AuditVerb.REFUSED, actor=zhou, target="target-b", succeeded=False, detail={"reason": "换手机"})
    AuditEntry.objects.create(verb=AuditVerb.LOCKED, username="nobody", target="target-c", address="10.1.2.3")
    assert targets(office) == ["target-c", "target-b", "target-a"]
    assert targets(office, sort="at") == ["target-a", "target-b", "target-c"]
    assert targets(office, person="周") == targets(office, person="MIN") == ["target-b", "target-a"]
    assert targets(office, verb="locked") == targets(office, address="10.1") == ["target-c"]
    assert targets(office, outcome="no") == targets(office, q="换手机") == ["target-b"]
    assert targets(office, day_to="2014-01-05") == ["target-a"]
    assert targets(office, day_from="2014-01-06", day_to="2014-01-06") == ["target-b"]
    for query in ({"day_from": "abc"}, {"verb": "abc"}, {"person": "\0"}, {"page": "99"}, {"address": "'%"}):
        assert office.get(LOG, query).status_code == 200


def test_one_entry_says_all_of_it_in_words(office: Client, make_user: Any) -> None:
    actor = make_user(full_name="安全员")
    detail = {"act": "ended", "role": "leader", "reason": "<调离>", "until": ""}
    entry = record(AuditVerb.GRANTED, actor=actor, target="li.na", detail=detail)
    page = office.get(f"{LOG}{entry.pk}/").content.decode()
    assert "终止任职" in page and "安全员" in page and "&lt;调离&gt;" in page


def test_reading_out_the_log_is_in_the_log(office: Client) -> None:
    record(AuditVerb.SIGN_IN, actor=None)
    assert office.get(LOG, {"export": "xlsx"}).status_code == 200
    entry = AuditEntry.objects.of(AuditVerb.EXPORTED).get()
    assert (entry.username, entry.detail["list"]) == ("auditadmin", "审计日志")


def test_a_days_export_is_checked_and_taken_out(office: Client, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_SIGNING_KEY, settings.MEDIA_ROOT = signing.new_key(), tmp_path
    assert "还没有导出" in office.get(f"{LOG}exports/").content.decode()
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(days=1)):
        record(AuditVerb.SIGN_IN, actor=None)
    audit_export.export_until(today() - dt.timedelta(days=1))
    export = AuditExport.objects.get()
    address = f"{LOG}exports/{export.pk}/"
    assert "没有问题" in office.get(address).content.decode()
    taken = office.get(f"{address}file/")
    assert b"".join(taken.streaming_content) == (tmp_path / export.file).read_bytes()  # type: ignore[attr-defined]
    assert AuditEntry.objects.of(AuditVerb.EXPORTED).get().detail["day"] == str(export.day)
    (tmp_path / export.file).unlink()
    assert "文件不见了" in office.get(address).content.decode()
    assert office.get(f"{address}file/").status_code == 404


def test_a_token_is_shown_once_and_opens_until_it_is_revoked(make_user: Any, as_user: Any, units: Any) -> None:
    person = make_user("county_entry", unit=units["XC"])
    client = as_user(person)
    answer = client.post(f"{TOKENS}new/", {"name": "大屏", "days": "30"})
    found = re.search(r">(xgp_[\w-]+)</output>", answer.content.decode())
    assert found and answer.status_code == 200
    token = ApiToken.objects.get()
    assert token.read_only and (token.expires_at - token.created_at).days == 30
    page = client.get(TOKENS).content.decode()
    assert "大屏" in page and found[1] not in page
    program = Client(headers={"Authorization": f"Bearer {found[1]}"})
    assert program.get("/api/v1/communities/").status_code == 200
    assert client.post(f"{TOKENS}{token.pk}/revoke/").status_code == 302
    assert program.get("/api/v1/communities/").status_code == 401
    assert client.post(f"{TOKENS}{token.pk}/revoke/").status_code == 409


@pytest.mark.parametrize("days", ["0", "91", "abc", "", "99999999999999999999"])
def test_a_token_lives_ninety_days_at_most(make_user: Any, as_user: Any, days: str) -> None:
    assert as_user(make_user()).post(f"{TOKENS}new/", {"name": "x", "days": days}).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_security_administrator_sees_and_ends_every_token(make_user: Any, as_user: Any) -> None:
    token = token_actions.issue_token(actor=make_user(full_name="周敏"), name="对接")[0]
    stranger = as_user(make_user())
    assert "对接" not in stranger.get(TOKENS).content.decode()
    assert stranger.post(f"{TOKENS}{token.pk}/revoke/").status_code == 404
    office = as_user(make_user(administrator="security"))
    assert "周敏" in office.get(TOKENS).content.decode()
    assert office.post(f"{TOKENS}{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
