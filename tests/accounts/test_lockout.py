"""At most five guesses at an account in half an hour: over any number of addresses, and on every path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEntry, AuditVerb, User
from tests.accounts.conftest import PASSWORD, code_now, wrong_code

Try = Callable[..., HttpResponse]
WRONG = "用户名或密码不对。"
CHANGE, CONFIRM = "/accounts/password/change/", "/accounts/reauthenticate/"


def guesses_tried() -> int:
    """How many guesses axes has counted, which is how many were looked at."""
    return sum(AccessAttempt.objects.values_list("failures_since_start", flat=True))


@pytest.mark.parametrize("own_limits", [True, False])
def test_twenty_addresses_have_five_guesses_together(
    person: User, try_password: Try, settings: Any, own_limits: bool
) -> None:
    if not own_limits:
        settings.ACCOUNT_RATE_LIMITS = False
    answers = [try_password(f"guess-{n}", address=f"10.0.0.{n}").status_code for n in range(1, 21)]
    assert answers == [200] * 4 + [429] * 16
    assert guesses_tried() == 5
    assert try_password(PASSWORD, address="10.0.0.99").status_code == 429


def test_the_right_password_works_again_after_half_an_hour(person: User, try_password: Try) -> None:
    start = dt.datetime(2014, 1, 6, 9, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        for n in range(5):
            try_password("wrong", address=f"10.0.0.{n}")
            clock.shift(dt.timedelta(minutes=6))
        # Locked at the fifth guess, 24 minutes after the first: the whole half hour counts from there.
        clock.move_to(start + dt.timedelta(minutes=24 + 29))
        assert try_password(PASSWORD).status_code == 429
        clock.move_to(start + dt.timedelta(minutes=24 + 31))
        assert try_password(PASSWORD).status_code == 302


def test_the_page_says_how_many_guesses_remain(person: User, try_password: Try) -> None:
    said = [try_password("wrong").content.decode() for _ in range(5)]
    assert [
        WRONG + f"再错 {left} 次将锁定 30 分钟。" in page for left, page in zip((4, 3, 2, 1), said, strict=False)
    ] == [True] * 4
    assert "已锁定 30 分钟" in said[4]


def test_an_unknown_name_is_answered_in_the_same_words(person: User, try_password: Try) -> None:
    def words(username: str) -> list[str]:
        pages = [try_password("wrong", username=username).content.decode() for _ in range(6)]
        return [page.partition('<div class="plain-column">')[2].replace(username, "") for page in pages]

    known, unknown = words("zhou.min"), words("nobody.here")
    assert [w.count(WRONG) for w in known] == [w.count(WRONG) for w in unknown] == [1, 1, 1, 1, 0, 0]
    assert all("已锁定" in page for page in known[4:] + unknown[4:])


def test_an_ended_account_is_answered_like_a_wrong_password(person: User, try_password: Try) -> None:
    person.is_active = False
    person.save()
    assert WRONG in try_password(PASSWORD).content.decode()


def test_another_spelling_of_the_name_is_no_other_account(person: User, try_password: Try) -> None:
    for name in ("zhou.min", "Zhou.Min", "ZHOU.MIN", " zhou.min ", "zhoU.min"):
        try_password("wrong", username=name)
    assert try_password(PASSWORD).status_code == 429


def test_another_account_is_not_locked(person: User, try_password: Try, make_user: Callable[..., User]) -> None:
    for _ in range(6):
        try_password("wrong", username="somebody.else")
    assert try_password(PASSWORD).status_code == 302


def test_success_forgets_the_failures(person: User, try_password: Try) -> None:
    for _ in range(4):
        try_password("wrong")
    assert try_password(PASSWORD).status_code == 302
    assert try_password("wrong").status_code == 200


@pytest.mark.parametrize("own_limits", [True, False])
@pytest.mark.parametrize(
    ("path", "form"),
    [
        (CONFIRM, {"password": "wrong"}),
        (CHANGE, {"oldpassword": "wrong", "password1": "New-5-words", "password2": "New-5-words"}),
    ],
)
def test_guesses_behind_sign_in_count_too(
    person: User, as_user: Any, try_password: Try, settings: Any, path: str, form: dict[str, str], own_limits: bool
) -> None:
    if not own_limits:
        settings.ACCOUNT_RATE_LIMITS = False
    client = as_user(person)
    assert [client.post(path, form).status_code for _ in range(6)] == [200] * 4 + [429] * 2
    assert guesses_tried() == 5
    assert try_password(PASSWORD).status_code == 429


@pytest.mark.parametrize("own_limits", [True, False])
def test_guesses_at_the_second_factor_count_too(
    with_second_factor: User, try_password: Try, settings: Any, own_limits: bool
) -> None:
    if not own_limits:
        settings.ACCOUNT_RATE_LIMITS = False
    client = Client()
    assert try_password(PASSWORD, client=client)["Location"] == "/accounts/2fa/authenticate/"
    answers = [client.post("/accounts/2fa/authenticate/", {"code": wrong_code()}).status_code for _ in range(6)]
    assert answers == [200] * 4 + [429] * 2
    assert guesses_tried() == 5
    # Signing in anew gives no new guesses: neither at the password nor at the code.
    assert try_password(PASSWORD).status_code == 429


def test_guesses_at_a_code_behind_sign_in_count_too(with_second_factor: User, as_user: Any) -> None:
    client = as_user(with_second_factor)
    answers = [client.post("/accounts/2fa/reauthenticate/", {"code": wrong_code()}).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code_now()}).status_code == 429


def test_paths_share_one_count(with_second_factor: User, try_password: Try) -> None:
    client = Client()
    for _ in range(2):
        try_password("wrong")
    try_password(PASSWORD, client=client)
    answers = [client.post("/accounts/2fa/authenticate/", {"code": wrong_code()}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_still_five(try_password: Try) -> None:
    def guess(number: int) -> int:
        try:
            return try_password(f"guess-{number}", username="zhou.min", address=f"10.0.1.{number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))
    assert guesses_tried() == 5
    assert sorted(answers) == [200] * 4 + [429] * 12


def test_no_secret_is_kept_with_a_failed_attempt(person: User, as_user: Any) -> None:
    as_user(person).post(CHANGE, {"oldpassword": "OLD-secret", "password1": "NEW-secret", "password2": "NEW-secret"})
    kept = str(list(AccessAttempt.objects.values())) + str(list(AuditEntry.objects.values()))
    assert AccessAttempt.objects.count() == 1
    assert "secret" not in kept


def test_a_lock_is_audited_once(person: User, try_password: Try) -> None:
    for n in range(8):
        try_password("wrong", address=f"10.0.0.{n}")
    lock = AuditEntry.objects.of(AuditVerb.LOCKED).get()
    assert (lock.username, lock.address, lock.succeeded) == ("zhou.min", "10.0.0.4", False)
    failures = AuditEntry.objects.of(AuditVerb.SIGN_IN_FAILED)
    assert [entry.detail["locked"] for entry in failures.order_by("id")] == [False] * 4 + [True] * 4
