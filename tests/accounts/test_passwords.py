"""Password rules, and the changes that are forced."""

from __future__ import annotations

import datetime as dt
import runpy
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import AuditEntry, AuditVerb, User
from accounts.passwords import one_time_password
from core.errors import NotAllowed, RuleViolation
from tests.accounts.conftest import LOGIN, PASSWORD

CHANGE = "/accounts/password/change/"


def broken_rules(password: str, user: User) -> set[str]:
    """The codes of the rules that a password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {str(one.code) for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Ab3-xyq", {"password_too_short"}),
        ("Ab3-xyqw", set()),
        ("password1", {"password_too_common", "password_too_few_kinds"}),
        ("kqvwxmzh1", {"password_too_few_kinds"}),
        ("ABCDEFGH-", {"password_too_few_kinds"}),
        ("孝感新社区建设", {"password_too_few_kinds", "password_too_short"}),
        ("孝感新社区建a1", set()),
        ("Big-hou-7", {"password_holds_username"}),
        ("Big-MIN-7", {"password_holds_username"}),
        ("Big-mi-n-7", set()),
    ],
)
def test_rules(person: User, password: str, rules: set[str]) -> None:
    assert broken_rules(password, person) == rules


def test_none_of_the_last_five_is_taken_again(person: User) -> None:
    chosen = [PASSWORD, *(f"Tree-{n}-oak" for n in range(2, 7))]
    for password in chosen[1:]:
        actions.set_password(person, password, actor=person)
    person.refresh_from_db()
    assert [broken_rules(password, person) for password in chosen] == [set()] + [{"password_reused"}] * 5


def test_one_time_passwords_keep_the_rules_and_differ(person: User) -> None:
    made = {one_time_password("sysadmin") for _ in range(500)}
    assert len(made) == 500
    assert all(broken_rules(password, User(username="sysadmin")) == set() for password in made)


def test_hashes_are_argon2id(settings: Any) -> None:
    # The tests hash quickly (conftest); the settings file is what an installation runs with.
    source = runpy.run_path(str(settings.BASE_DIR / "xiaogan_portal" / "settings.py"))
    settings.PASSWORD_HASHERS = source["PASSWORD_HASHERS"]
    assert make_password(PASSWORD).startswith("argon2$argon2id$")


def test_the_change_page_changes_and_asks_to_sign_in_again(person: User, as_user: Any) -> None:
    client, elsewhere = as_user(person), as_user(person)
    form = {"oldpassword": PASSWORD, "password1": "Wide-9-river", "password2": "Wide-9-river"}
    assert client.post(CHANGE, form)["Location"] == LOGIN
    assert client.get("/")["Location"].startswith(LOGIN)
    assert elsewhere.get("/")["Location"].startswith(LOGIN)
    assert Client().post(LOGIN, {"login": "zhou.min", "password": PASSWORD}).status_code == 200
    assert Client().post(LOGIN, {"login": "zhou.min", "password": "Wide-9-river"}).status_code == 302
    assert AuditEntry.objects.of(AuditVerb.PASSWORD_CHANGED).get().actor == person


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Wide-9-river", "Wide-9-rivers", "两次填的新密码不一样。"),
        ("short", "short", "至少 8 个字符"),
        (PASSWORD, PASSWORD, "不能和最近 5 次用过的密码相同。"),
        ("zhou.min-A7", "zhou.min-A7", "不能含有用户名里连续的三个字符。"),
    ],
)
def test_the_change_page_says_what_is_wrong(person: User, as_user: Any, first: str, second: str, said: str) -> None:
    form = {"oldpassword": PASSWORD, "password1": first, "password2": second}
    answer = as_user(person).post(CHANGE, form)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_the_change_page_lists_the_rules(person: User, as_user: Any) -> None:
    page = as_user(person).get(CHANGE).content.decode()
    assert all(words in page for words in ("四类里", "连续的三个字符", "最近 5 次", "8 个字符"))


def test_a_one_time_password_must_be_changed_first(person: User, as_user: Any) -> None:
    person.must_change_password = True
    person.save()
    client = as_user(person)
    assert client.get("/")["Location"] == CHANGE
    assert client.post("/refused/")["Location"] == CHANGE
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == CHANGE
    assert client.get(CHANGE).status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_an_old_password_must_be_changed(person: User, as_user: Any) -> None:
    person.password_changed_at = timezone.now() - dt.timedelta(days=89)
    person.save()
    assert as_user(person).get("/").status_code == 200
    person.password_changed_at = timezone.now() - dt.timedelta(days=91)
    person.save()
    assert as_user(person).get("/")["Location"] == CHANGE


@pytest.mark.parametrize("embedded", [True, False])
def test_sample_accounts_are_exempt_in_the_embedded_mode_alone(
    person: User, as_user: Any, settings: Any, embedded: bool
) -> None:
    settings.EMBEDDED = embedded
    User.objects.filter(pk=person.pk).update(
        is_sample=True, must_change_password=True, password_changed_at=timezone.now() - dt.timedelta(days=400)
    )
    assert as_user(person).get("/").status_code == (200 if embedded else 302)


def test_set_password_is_for_oneself_and_keeps_the_rules(person: User, make_user: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.set_password(person, "Wide-9-river", actor=make_user())
    with pytest.raises(RuleViolation):
        actions.set_password(person, "short", actor=person)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
