"""One team for one pilot: by action, by page, and by raw SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.models import Community, ReportingUnit
from coordination import actions
from coordination.models import Pairing, SupportTeam
from core.errors import NotAllowed, RuleViolation, WrongState

pytestmark = pytest.mark.django_db
MARCH, JULY, OCTOBER = dt.date(2013, 3, 15), dt.date(2013, 7, 1), dt.date(2013, 10, 1)


@pytest.fixture
def office(make_user: Callable[..., User]) -> User:
    """Somebody of the city office."""
    return make_user("city_office")


@pytest.fixture
def pilots(units: dict[str, ReportingUnit], make_community: Any) -> list[Community]:
    """A pilot of 孝昌 and one of 大悟."""
    return [make_community(units[code], name=f"{code}社区", pilot_from=MARCH) for code in ("XC", "DW")]


@pytest.fixture
def teams(office: User) -> list[SupportTeam]:
    """Two teams."""
    return [actions.create_team(name=f"市{n}局工作队", department=f"市{n}局", actor=office) for n in ("住建", "民政")]


def test_neither_side_has_two_at_a_time(teams: list[SupportTeam], pilots: list[Community], office: User) -> None:
    """The sentence names what is in the way; after its end both sides are free."""
    first = actions.create_pairing(team=teams[0], community=pilots[0], valid_from=MARCH, actor=office)
    with pytest.raises(RuleViolation, match="XC社区.*2013-07-01") as refusal:
        actions.create_pairing(team=teams[0], community=pilots[1], valid_from=JULY, actor=office)
    assert refusal.value.field == "team"
    with pytest.raises(RuleViolation, match="市住建局工作队") as refusal:
        actions.create_pairing(team=teams[1], community=pilots[0], valid_from=JULY, actor=office)
    assert refusal.value.field == "community"
    actions.end_pairing(first, on=JULY, actor=office)
    actions.create_pairing(team=teams[1], community=pilots[0], valid_from=JULY, actor=office)
    assert Pairing.objects.on_day(dt.date(2013, 6, 30)).get() == first


def test_only_pilots_are_paired(
    teams: list[SupportTeam], pilots: list[Community], office: User, units: Any, make_community: Any
) -> None:
    """Not a community that is none, and not before it became one."""
    for community, day in ((make_community(units["XC"]), JULY), (pilots[0], dt.date(2013, 3, 14))):
        with pytest.raises(RuleViolation, match="不是试点"):
            actions.create_pairing(team=teams[0], community=community, valid_from=day, actor=office)
    assert not Pairing.objects.exists()


def test_an_end_comes_once_and_after_the_start(teams: list[SupportTeam], pilots: list[Community], office: User) -> None:
    """Both values in the sentence."""
    pairing = actions.create_pairing(team=teams[0], community=pilots[0], valid_from=JULY, actor=office)
    with pytest.raises(RuleViolation, match="2013-07-01.*2013-03-15"):
        actions.end_pairing(pairing, on=MARCH, actor=office)
    actions.end_pairing(pairing, on=OCTOBER, actor=office)
    with pytest.raises(WrongState, match="2013-10-01"):
        actions.end_pairing(pairing, on=dt.date(2013, 12, 1), actor=office)


def test_a_pairing_that_ends_before_it_begins_is_said(
    teams: list[SupportTeam], pilots: list[Community], office: User, as_user: Callable[[User], Client]
) -> None:
    """By the page too: the form again with the sentence, no crash."""
    sent = {"team": teams[0].pk, "community": pilots[0].code, "valid_from": "2013-07-01", "valid_until": "2013-06-30"}
    page = as_user(office).post(reverse("coordination:pairing_create"), sent)
    assert page.status_code == 400 and "截止日期应在起始日期之后" in page.content.decode()
    assert not Pairing.objects.exists()


def test_only_the_city_office_arranges(
    teams: list[SupportTeam],
    pilots: list[Community],
    office: User,
    units: dict[str, ReportingUnit],
    make_user: Callable[..., User],
) -> None:
    """A leader, a county and the team itself are refused."""
    pairing = actions.create_pairing(team=teams[0], community=pilots[0], valid_from=MARCH, actor=office)
    people = [make_user("leader"), make_user("county_entry", unit=units["XC"])]
    people.append(make_user("work_team", community=pilots[0]))
    for person in people:
        with pytest.raises(NotAllowed):
            actions.create_pairing(team=teams[1], community=pilots[1], valid_from=MARCH, actor=person)
        with pytest.raises(NotAllowed):
            actions.end_pairing(pairing, on=JULY, actor=person)
        with pytest.raises(NotAllowed):
            actions.create_team(name="别的队", department="别的", actor=person)
    assert Pairing.objects.get().valid_until is None


@pytest.mark.parametrize(("team", "pilot"), [(0, 1), (1, 0)])
def test_the_database_refuses_an_overlap_on_either_side(
    team: int, pilot: int, teams: list[SupportTeam], pilots: list[Community], office: User
) -> None:
    """Raw SQL, past every action."""
    actions.create_pairing(team=teams[0], community=pilots[0], valid_from=MARCH, valid_until=OCTOBER, actor=office)
    insert = (
        "INSERT INTO coordination_pairing (team_id, community_id, valid_from, valid_until, is_sample)"
        " VALUES (%s, %s, %s, NULL, false)"
    )
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(insert, [teams[team].pk, pilots[pilot].pk, JULY])
        cursor.execute(insert, [teams[team].pk, pilots[pilot].pk, OCTOBER])
    assert Pairing.objects.count() == 2


def test_a_county_sees_the_pairings_of_its_own_pilots(
    teams: list[SupportTeam],
    pilots: list[Community],
    office: User,
    units: dict[str, ReportingUnit],
    make_user: Callable[..., User],
    as_user: Callable[[User], Client],
) -> None:
    """In the list, on a team's page and by address; it ends none."""
    own = actions.create_pairing(team=teams[0], community=pilots[0], valid_from=MARCH, actor=office)
    foreign = actions.create_pairing(team=teams[1], community=pilots[1], valid_from=MARCH, actor=office)
    county = as_user(make_user("county_entry", unit=units["XC"]))
    for address in (reverse("coordination:pairings"), reverse("coordination:teams")):
        text = county.get(address).content.decode()
        assert "XC社区" in text and "DW社区" not in text
    assert "DW社区" not in county.get(reverse("coordination:team", args=[teams[1].pk])).content.decode()
    answers = [
        county.get(reverse(f"coordination:{name}", args=[pairing.pk])).status_code
        for name in ("pairing_history", "pairing_end")
        for pairing in (own, foreign)
    ]
    assert answers == [200, 404, 403, 404]
    assert county.get(reverse("coordination:pairing_create")).status_code == 403


def test_the_city_office_arranges_and_ends_by_the_pages(
    teams: list[SupportTeam], pilots: list[Community], office: User, as_user: Callable[[User], Client]
) -> None:
    """A second pairing of the same pilot is refused with what was entered kept; history says who."""
    client = as_user(office)
    sent = {"team": teams[0].pk, "community": pilots[0].code, "valid_from": "2013-03-15"}
    create = reverse("coordination:pairing_create")
    assert client.post(create, sent).status_code == 302
    refused = client.post(create, {**sent, "team": teams[1].pk, "valid_from": "2013-07-01"})
    assert refused.status_code == 400
    assert "市住建局工作队" in refused.content.decode() and 'value="2013-07-01"' in refused.content.decode()
    pairing = Pairing.objects.get()
    end = reverse("coordination:pairing_end", args=[pairing.pk])
    assert client.post(end, {"valid_until": "2013-10-01"}).status_code == 302
    pairing.refresh_from_db()
    assert pairing.valid_until == OCTOBER
    history = client.get(reverse("coordination:pairing_history", args=[pairing.pk])).content.decode()
    assert str(office) in history and "2013-10-01" in history
    shown = client.get(reverse("coordination:pairings"), {"now": "no"}).content.decode()
    assert "XC社区" in shown and "已截止" in shown
    assert "XC社区" not in client.get(reverse("coordination:pairings"), {"now": "yes"}).content.decode()
