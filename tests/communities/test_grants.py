"""The security administrator's work, by the pages: grant, extend, hand over, end, reset; who may not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import AuditEntry, AuditVerb, User
from communities import actions
from communities.models import Membership
from communities.roles import Role
from communities.scoping import reach_of
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LIST, PEOPLE, GRANT = "/communities/memberships/", "/communities/memberships/people/", "/communities/memberships/new/"


@pytest.fixture
def security(make_user: Any) -> Any:
    return make_user(administrator="security", username="secadmin", full_name="安全员")


@pytest.fixture
def office(security: User, as_user: Any) -> Any:
    return as_user(security)


@pytest.fixture
def held(units: Any, make_user: Any) -> Membership:
    """Somebody lent to 孝昌 until in ten days."""
    person = make_user(username="lent", full_name="借调人")
    return factories.grant(person, "county_entry", unit=units["XC"], valid_until=today() + 10 * DAY)


def grants() -> list[tuple[str, str]]:
    """Act and person of each grant in the log."""
    entries = AuditEntry.objects.of(AuditVerb.GRANTED).order_by("pk")
    return [(entry.detail["act"], entry.target) for entry in entries]


def test_a_grant_by_the_form_works_at_once_and_is_in_the_log(office: Client, units: Any, make_user: Any) -> None:
    person = make_user(username="li.na")
    page = office.get(GRANT, {"user": "li.na"}).content.decode()
    assert 'value="li.na"' in page and "secadmin" not in page.split("<datalist")[1].split("</datalist>")[0]
    form = {
        "user": "LI.NA 李娜",
        "role": "county_entry",
        "unit": units["XC"].pk,
        "valid_from": str(today()),
        "valid_until": str(today() + DAY),
        "reason": "借调通知",
    }
    assert office.post(GRANT, form)["Location"] == f"{PEOPLE}{person.pk}/"
    assert reach_of(User.objects.get(pk=person.pk)).roles == {Role.COUNTY_ENTRY}
    assert grants() == [("granted", "li.na")]
    assert "县专班填报" in office.get(f"{PEOPLE}{person.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"user": "nobody"}, "没有用户名是“nobody”的账号"),
        ({"user": "secadmin"}, ""),
        ({"user": "auditor"}, "三员"),
        ({"user": "ended"}, "已停用"),
        ({"reason": " "}, "field-note is-error"),
        ({"valid_until": str(today())}, "截止日期应在起始日期之后"),
        ({"unit": ""}, "县专班填单位"),
        ({"valid_from": "1900-01-01"}, "太早"),
        ({"user": "a\0b"}, ""),
    ],
)
def test_what_cannot_be_granted_says_why(
    office: Client, units: Any, make_user: Any, change: dict[str, str], sentence: str
) -> None:
    make_user(username="li.na")
    make_user(username="auditor", administrator="audit")
    make_user(username="ended", is_active=False)
    form = {"user": "li.na", "role": "county_entry", "unit": units["XC"].pk, "valid_from": str(today()), "reason": "x"}
    answer = office.post(GRANT, form | change)
    assert answer.status_code in (400, 403, 422)
    assert sentence in answer.content.decode()
    assert not Membership.objects.exists()


def test_extending_adds_a_row_where_the_other_ends(office: Client, held: Membership) -> None:
    until = today() + 40 * DAY
    assert office.post(f"{LIST}{held.pk}/extend/", {"until": str(until), "reason": "延长"}).status_code == 302
    old, new = held.user.memberships.order_by("valid_from")
    assert (old.valid_until, new.valid_from, new.valid_until) == (held.valid_until, held.valid_until, until)
    assert (new.role, new.unit, str(new.granted_by)) == (old.role, old.unit, "安全员")


def test_what_has_no_end_needs_no_extension(security: User, make_user: Any) -> None:
    membership = make_user("leader").memberships.get()
    with pytest.raises(WrongState):
        actions.extend_membership(membership, actor=security, until=None, reason="x")


def test_a_successor_takes_over_on_the_day(office: Client, held: Membership, make_user: Any, as_user: Any) -> None:
    """Two rows that meet, each shown with the other; the right moves at once, and the predecessor is signed out."""
    successor = make_user(username="next", full_name="接班人")
    as_user(held.user)
    sessions = Session.objects.count()
    form = {"user": "next", "on": str(today()), "until": "", "reason": "期满轮换"}
    assert office.post(f"{LIST}{held.pk}/hand-over/", form)["Location"] == f"{PEOPLE}{successor.pk}/"
    held.refresh_from_db()
    new = successor.memberships.get()
    assert (held.valid_until, new.valid_from, new.valid_until, new.predecessor) == (today(), today(), None, held)
    assert not reach_of(User.objects.get(pk=held.user_id)).roles
    assert reach_of(User.objects.get(pk=successor.pk)).roles == {Role.COUNTY_ENTRY}
    assert Session.objects.count() == sessions - 1
    assert grants() == [("ended", "lent"), ("granted", "next")]
    assert "由接班人接替" in office.get(f"{PEOPLE}{held.user_id}/").content.decode()
    assert "接替借调人" in office.get(f"{PEOPLE}{successor.pk}/").content.decode()


def test_a_handover_to_come_changes_nothing_today(security: User, held: Membership, make_user: Any) -> None:
    new = actions.hand_over(held, actor=security, user=make_user(), on=today() + 5 * DAY, reason="轮换")
    held.refresh_from_db()
    assert held.valid_until == new.valid_from == today() + 5 * DAY
    assert reach_of(User.objects.get(pk=held.user_id)).roles and not reach_of(new.user).roles


def test_refused_handovers_change_nothing(security: User, held: Membership, make_user: Any) -> None:
    other = make_user()
    refused: list[tuple[User, dt.date, type[Exception]]] = [
        (held.user, today(), RuleViolation),
        (other, held.valid_from, RuleViolation),
        (other, today() + 11 * DAY, WrongState),
        (make_user(administrator="audit"), today(), RuleViolation),
        (security, today(), NotAllowed),
    ]
    for user, on, refusal in refused:
        with pytest.raises(refusal):
            actions.hand_over(held, actor=security, user=user, on=on, reason="轮换")
    before = held.valid_until
    held.refresh_from_db()
    assert held.valid_until == before and Membership.objects.count() == 1


def test_ending_today_signs_out(office: Client, held: Membership, as_user: Any) -> None:
    client = as_user(held.user)
    assert office.post(f"{LIST}{held.pk}/end/", {"on": str(today()), "reason": "调离"}).status_code == 302
    assert client.get("/communities/").status_code == 302
    assert office.post(f"{LIST}{held.pk}/end/", {"on": str(today()), "reason": "再来"}).status_code == 409


def test_a_term_is_not_ended_in_the_past(office: Client, units: Any, make_user: Any) -> None:
    """Neither shortened nor, before its own beginning, made never to have been: who could act then, could."""
    factories.grant(make_user(), "county_reviewer", unit=units["XC"], valid_from=today() - 300 * DAY)
    row = Membership.objects.get()
    for day in (today() - DAY, row.valid_from, row.valid_from - DAY):
        answer = office.post(f"{LIST}{row.pk}/end/", {"on": str(day), "reason": "x"})
        assert (answer.status_code, "不能早于今天" in answer.content.decode()) == (400, True)
    make_user(username="next")
    form = {"user": "next", "on": str(today() - DAY), "reason": "x"}
    assert office.post(f"{LIST}{row.pk}/hand-over/", form).status_code == 400
    assert Membership.objects.get().valid_until is None


def test_a_term_until_the_last_day_there_is_can_be_looked_at(office: Client, held: Membership) -> None:
    Membership.objects.update(valid_until=dt.date.max)
    assert office.get(f"{LIST}{held.pk}/extend/").status_code == 200


def test_a_lost_second_factor_is_reset_with_a_reason(office: Client, security: User, make_user: Any) -> None:
    person = make_user("leader")
    Authenticator.objects.create(user=person, type="totp", data={})
    address = f"{PEOPLE}{person.pk}/factor/"
    assert office.post(address, {"reason": ""}).status_code == 422
    assert office.post(address, {"reason": "换手机"}).status_code == 302
    assert not Authenticator.objects.exists()
    entry = AuditEntry.objects.of(AuditVerb.SECOND_FACTOR).get()
    assert (entry.actor, entry.target, entry.detail["reason"]) == (security, person.username, "换手机")
    assert office.post(address, {"reason": "再来"}).status_code == 409


def test_nobody_resets_their_own_second_factor(office: Client, security: User) -> None:
    Authenticator.objects.create(user=security, type="totp", data={})
    assert office.post(f"{PEOPLE}{security.pk}/factor/", {"reason": "x"}).status_code == 403
    assert Authenticator.objects.exists()


def test_the_lists_narrow(office: Client, held: Membership, units: Any, make_user: Any) -> None:
    make_user("leader", full_name="没期限")
    make_user("leader", full_name="过去", valid_until=today())
    make_user("leader", full_name="将来", valid_from=today() + DAY)
    make_user(full_name="无岗")
    factories.grant(held.user, "county_reviewer", unit=units["XC"])

    def names(address: str, **query: str) -> set[str]:
        page = office.get(address, query).content.decode().partition("<tbody>")[2]
        return {name for name in ("借调人", "没期限", "过去", "将来", "无岗") if name in page}

    assert names(LIST) == {"借调人", "没期限", "过去", "将来"}
    assert names(LIST, state="ending") == names(LIST, state="together") == {"借调人"}
    assert names(LIST, state="now") == {"借调人", "没期限"}
    assert (names(LIST, state="ended"), names(LIST, state="to_come")) == ({"过去"}, {"将来"})
    assert names(LIST, unit="XC") == names(LIST, q="lent") == {"借调人"}
    assert names(PEOPLE, state="several") == names(PEOPLE, unit="XC") == {"借调人"}
    assert names(PEOPLE, state="none") == {"过去", "将来", "无岗"}
    assert names(PEOPLE, role="leader") == {"没期限"}
    assert names(PEOPLE, q="%00") == set()


def test_the_city_office_sees_the_terms_and_changes_none(held: Membership, make_user: Any, as_user: Any) -> None:
    client = as_user(make_user("city_office"))
    assert "借调人" in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{held.pk}/end/").status_code == 403
    assert client.get(PEOPLE).status_code == 403
