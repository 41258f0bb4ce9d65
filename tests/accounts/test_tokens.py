"""Tokens of programs: what is kept of them, how long they live, who ends them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts import token_actions
from accounts.models import ApiToken, AuditEntry, User
from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from tests import factories


def test_the_secret_is_stored_nowhere(person: User) -> None:
    token, secret = token_actions.issue_token(actor=person, name="数据交换")
    assert len(secret) >= 43 + 4
    stored = repr([*ApiToken.objects.values(), *AuditEntry.objects.values(), *events_of(token).values()])
    assert secret not in stored
    assert token.digest not in repr([*AuditEntry.objects.values(), *events_of(token).values()])
    assert token_actions.recognise(secret) == token


def test_what_is_no_living_token_opens_nothing(person: User) -> None:
    token, secret = token_actions.issue_token(actor=person, name="数据交换")
    assert token_actions.recognise(secret + "x") is None
    assert token_actions.recognise("\0") is None
    assert token_actions.recognise(token.digest) is None
    ApiToken.objects.update(created_at=timezone.now() - dt.timedelta(days=2), expires_at=timezone.now())
    assert token_actions.recognise(secret) is None


def test_a_token_dies_with_its_account(person: User) -> None:
    secret = token_actions.issue_token(actor=person, name="数据交换")[1]
    User.objects.update(is_active=False)
    assert token_actions.recognise(secret) is None


@pytest.mark.parametrize("days", [0, 91, -1])
def test_no_token_lives_longer_than_ninety_days(person: User, days: int) -> None:
    with pytest.raises(RuleViolation, match="1 至 90"):
        token_actions.issue_token(actor=person, name="数据交换", days=days)
    now = timezone.now()
    term = {"created_at": now, "expires_at": now + dt.timedelta(days=days)}
    with pytest.raises(IntegrityError, match="token_term"), transaction.atomic():
        ApiToken.objects.create(user=person, name="数据交换", digest="0" * 64, **term)


def test_a_token_needs_a_purpose(person: User) -> None:
    with pytest.raises(RuleViolation):
        token_actions.issue_token(actor=person, name=" ")


def test_one_revokes_ones_own_and_the_security_administrator_any(person: User) -> None:
    token, secret = token_actions.issue_token(actor=person, name="数据交换")
    with pytest.raises(NotAllowed):
        token_actions.revoke_token(token, actor=factories.make_user("city_office"))
    assert token_actions.recognise(secret) == token
    token_actions.revoke_token(token, actor=factories.make_user(administrator="security"))
    assert token_actions.recognise(secret) is None
    with pytest.raises(WrongState):
        token_actions.revoke_token(token, actor=person)
    assert AuditEntry.objects.filter(verb="token", succeeded=True).count() == 2


def test_the_day_of_use_is_noted_once_and_is_no_history(person: User) -> None:
    token, secret = token_actions.issue_token(actor=person, name="数据交换")
    for _ in range(3):
        token_actions.recognise(secret)
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()
    assert events_of(token).count() == 1


def test_a_refused_token_is_audited_once_an_hour_for_an_address(person: User) -> None:
    request = RequestFactory().get("/api/v1/communities/", REMOTE_ADDR="10.0.0.7")
    for number in range(5):
        token_actions.note_refused(f"xgp_{number}", request)
    token_actions.note_refused("xgp_x", RequestFactory().get("/", REMOTE_ADDR="10.0.0.8"))
    assert AuditEntry.objects.filter(verb="token", succeeded=False).count() == 2
