"""Who a request is: tokens, sessions, and what neither may get round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, User
from communities.models import Community, Membership
from core.history import events_of
from tests import factories
from tests.api.conftest import Caller
from tests.conftest import BACKEND

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db: None) -> User:
    return factories.make_user("city_office")


@pytest.fixture
def community(units: Any) -> Community:
    return factories.make_community(units["XC"])


def test_a_token_has_its_owners_scope(call_with_token: Callable[..., Caller], units: Any, community: Community) -> None:
    foreign = factories.make_community(units["DW"])
    caller = call_with_token(factories.make_user("county_entry", unit=units["XC"]))
    assert caller.get(f"communities/{community.pk}/").status_code == 200
    assert caller.get(f"communities/{foreign.pk}/").status_code == 404
    assert caller.get("me/").json()["roles"] == ["county_entry"]


def test_history_names_the_owner(call_with_token: Callable[..., Caller], office: User, community: Community) -> None:
    answer = call_with_token(office).patch(f"communities/{community.pk}/", {"households": 7}, version=1)
    assert answer.status_code == 200
    event = events_of(community).last()
    assert event is not None
    assert event.pgh_context["user"] == office.pk


def test_a_read_only_token_writes_nothing(
    call_with_token: Callable[..., Caller], office: User, community: Community
) -> None:
    caller = call_with_token(office, read_only=True)
    assert caller.get("me/").json()["read_only"] is True
    for answer in (
        caller.patch(f"communities/{community.pk}/", {"households": 7}, version=1),
        caller.post("teams/", {"name": "队", "department": "局"}),
    ):
        assert answer.status_code == 403
        assert "只读" in answer.json()["detail"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer abc", "Bearer \u00e9", "bearer x y", "Bearer a,b"])
def test_what_is_no_token_is_401(header: str) -> None:
    answer = Caller(headers={"Authorization": header}).get("me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json().keys() == {"detail", "field"}


@pytest.mark.parametrize(
    "end",
    [
        lambda token: ApiToken.objects.update(revoked_at=timezone.now()),
        lambda token: ApiToken.objects.update(
            created_at=timezone.now() - dt.timedelta(days=3), expires_at=timezone.now() - dt.timedelta(seconds=1)
        ),
        lambda token: User.objects.update(is_active=False),
    ],
    ids=["revoked", "expired", "account ended"],
)
def test_a_dead_token_is_401_and_audited_once(
    call_with_token: Callable[..., Caller], office: User, end: Callable[[Any], object]
) -> None:
    caller = call_with_token(office)
    end(None)
    assert {caller.get("communities/").status_code for _ in range(3)} == {401}
    assert AuditEntry.objects.filter(verb="token", succeeded=False, username=office.username).count() == 1


def test_a_wrong_token_is_not_saved_by_a_session(office: User) -> None:
    client = Client()
    client.force_login(office, backend=BACKEND)
    assert client.get("/api/v1/me/", headers={"Authorization": "Bearer xgp_wrong"}).status_code == 401


def test_a_due_password_stops_token_and_session(
    call_with_token: Callable[..., Caller], call_as: Callable[[User], Caller], office: User
) -> None:
    callers = [call_with_token(office), call_as(office)]
    User.objects.update(must_change_password=True)
    for caller in callers:
        answer = caller.get("communities/")
        assert answer.status_code == 403
        assert "密码" in answer.json()["detail"]


def test_a_missing_second_factor_stops_token_and_session(
    call_with_token: Callable[..., Caller], call_as: Callable[[User], Caller], office: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["city_office"]
    for caller in (call_with_token(office), call_as(office)):
        answer = caller.get("communities/")
        assert answer.status_code == 403
        assert "验证码" in answer.json()["detail"]


def test_rights_end_with_the_term(call_with_token: Callable[..., Caller], office: User, community: Community) -> None:
    caller = call_with_token(office)
    assert caller.get("communities/").status_code == 200
    Membership.objects.update(valid_until=timezone.localdate())
    assert caller.get("communities/").status_code == 403
    assert caller.get(f"communities/{community.pk}/").status_code == 404


def test_a_refusal_to_a_token_is_in_the_audit_log(call_with_token: Callable[..., Caller], office: User) -> None:
    call_with_token(office).get("jobs/")
    assert AuditEntry.objects.filter(verb="refused", actor=office, target="/api/v1/jobs/").count() == 1


def test_a_session_needs_the_token_of_the_page_to_write(office: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(office, backend=BACKEND)
    headers = {"Idempotency-Key": "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"}
    answer = client.post("/api/v1/teams/", {"name": "队", "department": "局"}, "application/json", headers=headers)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/json"


def test_answers_are_kept_by_nobody(call_with_token: Callable[..., Caller], office: User) -> None:
    assert "no-store" in call_with_token(office).get("me/")["Cache-Control"]


def test_the_token_is_told_of_in_me(call_with_token: Callable[..., Caller], office: User) -> None:
    answer = call_with_token(office).get("me/").json()
    assert answer["username"] == office.username
    assert answer["token_expires_at"].endswith("+08:00")
    assert [each["role"] for each in answer["memberships"]] == ["city_office"]
