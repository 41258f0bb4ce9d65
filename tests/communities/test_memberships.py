"""Granting and ending: who may, to whom, where, and from when the right is gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import AuditEntry, AuditVerb, User
from communities import actions
from communities.models import Membership, ReportingUnit
from communities.roles import Role
from communities.scoping import reach_of
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
MakeUser = Callable[..., User]
LATER = dt.date(2013, 9, 1)


@pytest.fixture
def security(make_user: MakeUser) -> User:
    """The security administrator."""
    return make_user(administrator="security")


def test_a_grant_gives_the_right_at_once_and_is_audited(units: Units, make_user: MakeUser, security: User) -> None:
    """Also to somebody whose rights have been looked up before."""
    person = make_user()
    assert not reach_of(person).roles
    made = actions.grant_membership(actor=security, user=person, role="county_entry", unit=units["XC"], reason="抽调")
    assert reach_of(person).units == {units["XC"].pk: frozenset({Role.COUNTY_ENTRY})}
    assert (made.granted_by, made.valid_from) == (security, today())
    entry = AuditEntry.objects.get(verb=AuditVerb.GRANTED)
    assert (entry.actor, entry.target, entry.detail["role"]) == (security, person.username, "county_entry")


def test_the_machine_may_grant(units: Units, make_user: MakeUser) -> None:
    """A command has no actor."""
    made = actions.grant_membership(actor=None, user=make_user(), role="city_office", is_sample=True)
    assert made.granted_by is None and made.is_sample


def test_the_city_office_grants_what_is_held_in_a_community(
    units: Units, make_user: MakeUser, make_community: Any
) -> None:
    """What a round or a visit needs; no role of a unit or of the city."""
    office, person, community = make_user("city_office"), make_user(), make_community(units["XC"])
    actions.grant_membership(actor=office, user=person, role="inspector", community=community)
    with pytest.raises(NotAllowed):
        actions.grant_membership(actor=office, user=person, role="leader")
    with pytest.raises(NotAllowed):
        actions.grant_membership(actor=office, user=person, role="county_entry", unit=units["XC"])


@pytest.mark.parametrize("kind", ["system", "audit"])
def test_the_other_two_administrators_grant_nothing(kind: str, make_user: MakeUser) -> None:
    """Grants are the security administrator's."""
    with pytest.raises(NotAllowed):
        actions.grant_membership(actor=make_user(administrator=kind), user=make_user(), role="leader")
    assert not Membership.objects.exists()


def test_nobody_grants_to_oneself_or_to_an_administrator(make_user: MakeUser, security: User) -> None:
    """The three administrators have no part in the business."""
    with pytest.raises(NotAllowed):
        actions.grant_membership(actor=security, user=security, role="leader")
    with pytest.raises(RuleViolation, match="三员"):
        actions.grant_membership(actor=security, user=make_user(administrator="audit"), role="leader")


@pytest.mark.parametrize("place", [{}, {"unit": "XC", "community": True}, {"community": True}])
def test_the_place_must_fit_the_role(
    place: dict[str, Any], units: Units, make_user: MakeUser, security: User, make_community: Any
) -> None:
    """County entry is held in a unit and nowhere else."""
    where: dict[str, Any] = {
        "unit": units.get(place.get("unit", "")),
        "community": make_community(units["XC"]) if place else None,
    }
    with pytest.raises(RuleViolation, match="县专班填单位"):
        actions.grant_membership(actor=security, user=make_user(), role="county_entry", **where)


def test_the_same_role_twice_at_a_time_is_refused(units: Units, make_user: MakeUser, security: User) -> None:
    """After the first has ended it may be granted again."""
    person = make_user()
    grant: dict[str, Any] = {"actor": security, "user": person, "role": "county_entry", "unit": units["XC"]}
    actions.grant_membership(**grant, valid_from=dt.date(2013, 1, 1), valid_until=LATER)
    with pytest.raises(RuleViolation, match="2013-01-01"):
        actions.grant_membership(**grant, valid_from=dt.date(2013, 8, 1))
    actions.grant_membership(**grant, valid_from=LATER)
    assert person.memberships.count() == 2


def test_access_ends_on_the_day(units: Units, make_user: MakeUser, security: User) -> None:
    """Today's end takes the right today; the row stays, with the reason."""
    person = make_user("county_entry", unit=units["XC"])
    assert reach_of(person).roles
    ended = actions.end_membership(person.memberships.get(), actor=security, reason="调离")
    assert ended is not None and (ended.valid_until, ended.reason) == (today(), "调离")
    assert not reach_of(User.objects.get(pk=person.pk)).roles
    with pytest.raises(WrongState):
        actions.end_membership(ended, actor=security, reason="再来")


def test_a_mistaken_grant_of_today_is_taken_back_at_once(make_user: MakeUser, security: User) -> None:
    """It would not have lasted a day: the row goes, history and the audit log keep it."""
    person = make_user()
    made = actions.grant_membership(actor=security, user=person, role="leader")
    assert actions.end_membership(made, actor=security, reason="授错") is None
    assert not reach_of(User.objects.get(pk=person.pk)).roles
    acts = [entry.detail["act"] for entry in AuditEntry.objects.order_by("pk")]
    assert acts == ["granted", "withdrawn"]


def test_others_do_not_end_it(units: Units, make_user: MakeUser) -> None:
    """Nor without a reason."""
    person = make_user("county_entry", unit=units["XC"])
    with pytest.raises(NotAllowed):
        actions.end_membership(person.memberships.get(), actor=make_user("city_office"), reason="调离")
    with pytest.raises(RuleViolation):
        actions.end_membership(person.memberships.get(), actor=None, reason="")
    assert reach_of(User.objects.get(pk=person.pk)).roles
