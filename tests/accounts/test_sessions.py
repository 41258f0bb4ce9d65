"""How a session ends, and what its pages carry."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import actions
from accounts.models import AuditEntry, AuditVerb, User
from tests.accounts.conftest import LOGIN, PASSWORD

START = dt.datetime(2014, 1, 6, 9, 0, tzinfo=dt.UTC)


def minutes(number: float) -> dt.timedelta:
    """A span."""
    return dt.timedelta(minutes=number)


@pytest.fixture
def now() -> Any:
    """A clock that the test moves."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.mark.parametrize(("administrator", "limit"), [(None, 30), ("audit", 15)])
def test_idle_sessions_end(now: Any, make_user: Any, as_user: Any, administrator: str | None, limit: int) -> None:
    user = make_user(administrator=administrator)
    client = as_user(user)
    now.shift(minutes(limit - 1))
    assert client.get("/").status_code == 200
    # Activity begins the span anew.
    now.shift(minutes(limit - 1))
    assert client.get("/").status_code == 200
    now.shift(minutes(limit))
    assert client.get("/")["Location"] == f"{LOGIN}?next=/"
    assert "已自动退出" in client.get(LOGIN).content.decode()
    assert AuditEntry.objects.of(AuditVerb.SIGN_OUT).get().detail == {"reason": "timeout"}


def test_no_session_lasts_longer_than_half_a_day(now: Any, person: User, as_user: Any) -> None:
    client = as_user(person)
    for _ in range(35):
        now.shift(minutes(20))
        assert client.get("/").status_code == 200
    now.shift(minutes(20))
    assert client.get("/").status_code == 302


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(now: Any, person: User, as_user: Any) -> None:
    client = as_user(person)
    answers = []
    for _ in range(4):
        now.shift(minutes(10))
        answers.append(client.get("/", headers={"X-Background": "1"}).status_code)
    assert answers == [200, 200, 302, 302]


def test_a_session_is_written_at_most_once_a_minute(now: Any, person: User, as_user: Any) -> None:
    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/")
        return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)

    client = as_user(person)
    seen = []
    for _ in range(5):
        seen.append(writes())
        now.shift(dt.timedelta(seconds=25))
    assert seen == [0, 0, 0, 1, 0]


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(now: Any, person: User, as_user: Any) -> None:
    client = as_user(person)
    now.shift(minutes(40))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/communities/?q=1"}
    answer = client.get("/", headers=headers)
    assert answer["HX-Redirect"] == f"{LOGIN}?next=%2Fcommunities%2F%3Fq%3D1"
    assert answer.content == b""


def test_the_session_key_rotates_at_sign_in(person: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["portal_session"] = planted
    client.post(LOGIN, {"login": "zhou.min", "password": PASSWORD})
    assert client.get("/").status_code == 200
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_ending_an_account_ends_its_sessions(person: User, as_user: Any) -> None:
    client = as_user(person)
    assert client.get("/").status_code == 200
    actions.end_account(person, actor=None)
    assert client.get("/").status_code == 302


def test_a_new_one_time_password_ends_the_sessions(person: User, as_user: Any) -> None:
    client = as_user(person)
    actions.issue_one_time_password(person, actor=None)
    assert client.get("/").status_code == 302


def test_an_account_ended_between_the_two_steps_does_not_get_in(with_second_factor: User) -> None:
    from tests.accounts.conftest import code_now

    client = Client()
    client.post(LOGIN, {"login": "zhou.min", "password": PASSWORD})
    actions.end_account(with_second_factor, actor=None)
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert client.get("/").status_code == 302


def test_signed_in_pages_are_not_kept(person: User, as_user: Any) -> None:
    for path in ("/", "/accounts/", "/accounts/password/change/"):
        assert "no-store" in as_user(person).get(path)["Cache-Control"]
    assert "no-store" in Client().get(LOGIN)["Cache-Control"]


def test_pages_carry_a_strict_policy(person: User, as_user: Any) -> None:
    for client, path in ((Client(), LOGIN), (as_user(person), "/accounts/")):
        policy = client.get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
