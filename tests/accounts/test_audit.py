"""Every kind of act leaves its line, with who and from where; no line can be changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client, RequestFactory

from accounts import actions
from accounts.addresses import client_address
from accounts.audit import record
from accounts.models import AuditEntry, AuditVerb, User
from tests.accounts.conftest import LOGIN, PASSWORD


def lines(*verbs: str) -> list[tuple[Any, ...]]:
    """Verb, actor, name, success and address of the log, oldest first."""
    entries = AuditEntry.objects.order_by("id")
    chosen = entries.of(*verbs) if verbs else entries
    return [(e.verb, e.actor_id, e.username, e.succeeded, e.address) for e in chosen]


def test_sign_in_failure_and_sign_out(person: User) -> None:
    client = Client(REMOTE_ADDR="10.1.2.3")
    client.post(LOGIN, {"login": "nobody", "password": "wrong"})
    client.post(LOGIN, {"login": "zhou.min", "password": "wrong"})
    client.post(LOGIN, {"login": "zhou.min", "password": PASSWORD})
    client.post("/accounts/logout/")
    assert lines() == [
        ("sign_in_failed", None, "nobody", False, "10.1.2.3"),
        ("sign_in_failed", None, "zhou.min", False, "10.1.2.3"),
        ("sign_in", person.pk, "zhou.min", True, "10.1.2.3"),
        ("sign_out", person.pk, "zhou.min", True, "10.1.2.3"),
    ]


def test_a_refusal(person: User, as_user: Any) -> None:
    client = as_user(person)
    assert client.get("/refused/", REMOTE_ADDR="10.1.2.3").status_code == 403
    entry = AuditEntry.objects.of(AuditVerb.REFUSED).get()
    assert (entry.actor, entry.target, entry.succeeded, entry.address) == (person, "/refused/", False, "10.1.2.3")
    assert entry.detail["method"] == "GET"
    assert entry.detail["incident"]


def test_no_refusal_where_nobody_is_signed_in_or_all_is_well(person: User, as_user: Any) -> None:
    Client().get("/refused/")
    as_user(person).get("/")
    assert not AuditEntry.objects.of(AuditVerb.REFUSED).exists()


def test_account_changes(make_user: Any) -> None:
    administrator = make_user(administrator="system")
    user, _ = actions.create_user(actor=administrator, username="li.na", full_name="李娜")
    actions.issue_one_time_password(user, actor=administrator)
    actions.unlock(user, actor=administrator)
    actions.end_account(user, actor=administrator)
    entries = AuditEntry.objects.of(AuditVerb.ACCOUNT).order_by("id")
    assert [e.detail["act"] for e in entries] == ["created", "one_time_password", "unlocked", "ended"]
    assert {(e.actor, e.target) for e in entries} == {(administrator, "li.na")}


def test_an_act_within_a_request_knows_its_address(person: User, as_user: Any) -> None:
    form = {"oldpassword": PASSWORD, "password1": "Wide-9-river", "password2": "Wide-9-river"}
    as_user(person).post("/accounts/password/change/", form, REMOTE_ADDR="10.1.2.3")
    assert lines("password_changed") == [("password_changed", person.pk, "zhou.min", True, "10.1.2.3")]


def test_a_line_that_the_database_could_not_take_is_cleaned(db: None) -> None:
    entry = record(AuditVerb.REFUSED, actor=None, username="a\0b" * 100, target="/\0" * 300)
    assert entry.username.startswith("abab")
    assert (len(entry.username), len(entry.target)) == (150, 300)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9", "6.6.6.6"),
        (1, "", "10.0.0.1"),
        (1, "rubbish", None),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, address: str | None) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET username = 'x'",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "UPDATE accounts_pastpassword SET password = 'x'",
        "DELETE FROM accounts_pastpassword",
        "UPDATE accounts_userevent SET username = 'x'",
        "INSERT INTO accounts_administratorevent SELECT * FROM accounts_administratorevent",
        "ALTER TABLE accounts_auditentry DISABLE TRIGGER ALL",
        "DROP TABLE accounts_auditentry",
    ],
)
def test_the_portals_role_can_change_no_line(person: User, statement: str) -> None:
    record(AuditVerb.SIGN_IN, actor=person)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


def test_history_names_person_url_and_address(person: User, as_user: Any) -> None:
    from core.history import events_of

    form = {"oldpassword": PASSWORD, "password1": "Wide-9-river", "password2": "Wide-9-river"}
    as_user(person).post("/accounts/password/change/", form, REMOTE_ADDR="10.1.2.3")
    last = list(events_of(person))[-1]
    expected = {"user": person.pk, "url": "/accounts/password/change/", "address": "10.1.2.3", "roles": []}
    assert last.pgh_context == expected
    assert not hasattr(last, "password")
