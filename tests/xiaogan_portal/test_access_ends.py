"""Rights end when they are to end: a term at midnight in Shanghai, a session with the right, an account at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import token_actions
from accounts.actions import appoint_administrator, end_account, issue_one_time_password
from accounts.models import AdministratorKind, AuditEntry, AuditVerb, User
from communities.actions import end_membership, grant_membership
from communities.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db
PAGE, API = "/communities/", "/api/v1/communities/"
# The term ends on 6 January: 16:00 UTC on the 5th is midnight in Shanghai.
BEFORE = dt.datetime(2014, 1, 5, 15, 59, 30, tzinfo=dt.UTC)
AFTER = dt.datetime(2014, 1, 5, 16, 0, 0, tzinfo=dt.UTC)
ENDS = dt.date(2014, 1, 6)


def program(secret: str) -> Client:
    """A program with a token."""
    return Client(headers={"Authorization": f"Bearer {secret}"})


def county_person(units: Any, **fields: Any) -> User:
    return factories.make_user("county_entry", unit=units["XC"], **fields)


@pytest.mark.parametrize("by", ["session", "token"])
def test_a_term_ends_at_midnight_in_shanghai(units: Any, make_community: Any, as_user: Any, by: str) -> None:
    community = make_community(units["XC"], name="本县社区")
    with time_machine.travel(BEFORE, tick=False) as clock:
        person = county_person(units, valid_until=ENDS, password_changed_at=BEFORE)
        client = as_user(person) if by == "session" else program(token_actions.issue_token(actor=person, name="x")[1])
        address = PAGE if by == "session" else API
        one = f"{address}{community.pk}/"
        assert [client.get(each).status_code for each in (address, one)] == [200, 200]
        clock.move_to(AFTER)
        assert [client.get(each).status_code for each in (address, one)] == [403, 404]
        assert client.post(f"{PAGE}{community.pk}/edit/", {"name": "x"}).status_code in (302, 404)
        refused = AuditEntry.objects.of(AuditVerb.REFUSED).latest("pk")
        assert (refused.actor, refused.target) == (person, address)
    community.refresh_from_db()
    assert community.name == "本县社区"


def test_a_term_begins_at_midnight_in_shanghai(units: Any, as_user: Any) -> None:
    with time_machine.travel(BEFORE, tick=False) as clock:
        client = as_user(county_person(units, valid_from=ENDS, password_changed_at=BEFORE))
        assert client.get(PAGE).status_code == 403
        clock.move_to(AFTER)
        assert client.get(PAGE).status_code == 200


def test_an_ended_membership_signs_out_everywhere(units: Any, as_user: Any) -> None:
    person, other = county_person(units), county_person(units)
    clients, bystander = [as_user(person), as_user(person)], as_user(other)
    end_membership(Membership.objects.get(user=person), actor=None, reason="调离")
    assert Session.objects.count() == 1
    assert [client.get(PAGE).status_code for client in clients] == [302, 302]
    assert bystander.get(PAGE).status_code == 200


def test_a_role_that_asks_for_a_factor_opens_nothing_without_one(units: Any, as_user: Any, settings: Any) -> None:
    """Not even in the minute for which a session remembers that nothing was missing."""
    settings.SECOND_FACTOR_REQUIRED = ["leader"]
    person = county_person(units)
    client = as_user(person)
    assert client.get(PAGE).status_code == 200
    grant_membership(actor=None, user=person, role="county_reviewer", unit=units["XC"])
    assert client.get(PAGE).status_code == 200, "a role that asks for none signs nobody out"
    grant_membership(actor=None, user=person, role="leader")
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    assert as_user(person).get(PAGE)["Location"].endswith("/2fa/totp/activate/")


def test_who_has_the_factor_already_goes_on(units: Any, as_user: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["leader"]
    person = county_person(units)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = as_user(person)
    assert client.get(PAGE).status_code == 200
    grant_membership(actor=None, user=person, role="leader")
    assert client.get(PAGE).status_code == 200


def test_a_new_administrator_signs_in_again(as_user: Any) -> None:
    """With the administrators' second factor and idle time, not with those of before."""
    person = factories.make_user()
    as_user(person)
    appoint_administrator(person, AdministratorKind.AUDIT)
    assert not Session.objects.exists()


def test_a_membership_that_ends_later_signs_nobody_out(units: Any, as_user: Any) -> None:
    person = county_person(units)
    client = as_user(person)
    later = dt.date(2099, 1, 1)
    end_membership(Membership.objects.get(user=person), actor=None, reason="借调期满", on=later)
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("act", [end_account, issue_one_time_password])
def test_an_ended_account_and_a_new_password_remove_the_sessions(units: Any, as_user: Any, act: Any) -> None:
    person = county_person(units)
    client, secret = as_user(person), token_actions.issue_token(actor=person, name="x")[1]
    assert program(secret).get(API).status_code == 200
    act(person, actor=None)
    assert not Session.objects.exists()
    assert client.get(PAGE).status_code == 302
    # The token of an ended account opens nothing; that of one whose password is due waits until it is changed.
    assert program(secret).get(API).status_code == (401 if act is end_account else 403)


@pytest.mark.parametrize("path", [API, PAGE, "/admin/", "/people/"])
def test_a_password_opens_nothing_but_the_sign_in_page(units: Any, path: str) -> None:
    """HTTP's own sign-in is no path, so there is nothing to guess at: right and wrong passwords get the same answer."""
    person = county_person(units, username="zhou.min")
    person.set_password("Tall-7-trees")
    person.save()
    answers = {
        Client().get(path, headers={"Authorization": f"Basic {given}"}).status_code
        # zhou.min with the right password, and with a wrong one
        for given in ("emhvdS5taW46VGFsbC03LXRyZWVz", "emhvdS5taW46d3Jvbmc=")
    }
    assert answers <= {302, 401} and len(answers) == 1


def test_djangos_own_sign_in_counts_like_the_portals(units: Any) -> None:
    answer = Client().post("/admin/login/", {"username": "zhou.min", "password": "x"})
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_refusals_of_strangers_are_written_down_once_an_hour_for_an_address() -> None:
    moment = dt.datetime(2014, 1, 6, 1, tzinfo=dt.UTC)
    with time_machine.travel(moment, tick=False) as clock:
        for address in ("10.7.0.1", "10.7.0.1", "10.7.0.2"):
            assert Client(REMOTE_ADDR=address).get(API).status_code == 401
        refusals = AuditEntry.objects.of(AuditVerb.REFUSED)
        assert [(line.actor, line.address) for line in refusals.order_by("pk")] == [
            (None, "10.7.0.1"),
            (None, "10.7.0.2"),
        ]
        clock.shift(dt.timedelta(hours=1, seconds=1))
        Client(REMOTE_ADDR="10.7.0.1").get(API)
        assert refusals.count() == 3
