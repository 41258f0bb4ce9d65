"""Three administrators, nobody two of them; accounts are opened and ended by one of them alone."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from accounts import actions
from accounts.models import Administrator, User
from accounts.querysets import superusers_exist
from core.errors import NotAllowed, RuleViolation, WrongState
from tests.accounts.conftest import LOGIN


def run(*options: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("create_administrators", *options, stdout=out)
    return out.getvalue()


def insert(user: User, kind: str) -> None:
    """By raw SQL, past every rule in Python."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_administrator (user_id, kind) VALUES (%s, %s)", [user.pk, kind])


def test_the_database_refuses_two_of_three(make_user: Any) -> None:
    user = make_user()
    insert(user, "system")
    for kind in ("security", "audit", "system"):
        with pytest.raises(IntegrityError):
            insert(user, kind)
    assert Administrator.objects.get(user=user).kind == "system"


def test_the_database_knows_three_kinds(make_user: Any) -> None:
    with pytest.raises(IntegrityError):
        insert(make_user(), "super")


def test_the_command_makes_three_who_must_change_their_passwords(db: None) -> None:
    printed = run()
    found = re.findall(r"^(system|security|audit)\s+(\S+)\s+(\S+)$", printed, re.M)
    assert [(kind, name) for kind, name, _ in found] == [
        ("system", "sysadmin"),
        ("security", "secadmin"),
        ("audit", "auditadmin"),
    ]
    assert len({password for *_, password in found}) == 3
    assert not superusers_exist()
    for kind, name, password in found:
        assert Administrator.objects.get(user__username=name).kind == kind
        client = Client()
        assert client.post(LOGIN, {"login": name, "password": password}).status_code == 302
        assert client.get("/")["Location"] == "/accounts/password/change/"


def test_names_may_be_chosen(db: None) -> None:
    run("--system", "wang.wei", "--audit", "zhao.lei")
    assert set(User.objects.values_list("username", flat=True)) == {"wang.wei", "secadmin", "zhao.lei"}


@pytest.mark.parametrize("options", [("--system", "same", "--audit", "same"), ("--audit", "Taken")])
def test_all_three_or_none(make_user: Any, options: tuple[str, ...]) -> None:
    make_user(username="taken")
    with pytest.raises(CommandError):
        run(*options)
    assert User.objects.count() == 1


def test_the_command_refuses_a_second_time(db: None) -> None:
    run()
    with pytest.raises(CommandError, match="已经有了"):
        run("--system", "a", "--security", "b", "--audit", "c")
    assert User.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_three() -> None:
    def attempt(number: int) -> bool:
        try:
            run("--system", f"a{number}", "--security", f"b{number}", "--audit", f"c{number}")
        except CommandError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    assert Administrator.objects.count() == User.objects.count() == 3


@pytest.mark.parametrize("kind", ["security", "audit", None])
def test_only_the_system_administrator_opens_and_ends(make_user: Any, kind: str | None) -> None:
    actor, user = make_user(administrator=kind), make_user()
    with pytest.raises(NotAllowed):
        actions.create_user(actor=actor, username="new", full_name="新")
    for act in (actions.end_account, actions.issue_one_time_password, actions.unlock):
        with pytest.raises(NotAllowed):
            act(user, actor=actor)
    user.refresh_from_db()
    assert user.is_active


def test_nobody_ends_themselves(make_user: Any) -> None:
    administrator = make_user(administrator="system")
    with pytest.raises(WrongState):
        actions.end_account(administrator, actor=administrator)


def test_a_new_account_must_change_its_password(make_user: Any) -> None:
    user, password = actions.create_user(actor=make_user(administrator="system"), username="li.na", full_name="李娜")
    assert user.must_change_password
    assert User.objects.get(username="li.na").check_password(password)


@pytest.mark.parametrize("name", ["li.na", "LI.NA", "with space", "", "x" * 151])
def test_a_bad_name_is_refused_in_words(make_user: Any, name: str) -> None:
    make_user(username="li.na")
    with pytest.raises(RuleViolation) as refusal:
        actions.create_user(actor=None, username=name, full_name="李娜")
    assert refusal.value.message
    assert User.objects.count() == 1


def test_the_database_refuses_names_that_differ_by_capitals(make_user: Any) -> None:
    make_user(username="li.na")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(username="Li.Na")


def test_a_one_time_password_from_the_command_line_lifts_the_lock(person: User, try_password: Any) -> None:
    for _ in range(5):
        try_password("wrong")
    out = io.StringIO()
    call_command("issue_password", "zhou.min", stdout=out)
    answer = try_password(out.getvalue().split()[1])
    assert answer.status_code == 302


def test_no_password_for_nobody_or_an_ended_account(person: User) -> None:
    with pytest.raises(CommandError, match="no account"):
        call_command("issue_password", "nobody")
    actions.end_account(person, actor=None)
    with pytest.raises(CommandError, match="停用"):
        call_command("issue_password", "zhou.min")


def test_superusers_are_found(make_user: Any) -> None:
    make_user(is_superuser=True, is_active=False)
    assert not superusers_exist()
    make_user(is_superuser=True)
    assert superusers_exist()
