"""One community's pages: who may open them, what they show, and what a form does with what was entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities import actions
from communities.models import Community, ReportingUnit

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
AsUser = Callable[[User], Client]
PAGES = ("detail", "edit", "move", "succeed", "history")


def url(name: str, community: Community) -> str:
    """The address of one of a community's pages."""
    return reverse(f"communities:{name}", args=[community.pk])


@pytest.fixture
def community(units: Units, make_community: Any) -> Community:
    """A town community of 孝昌."""
    made: Community = make_community(units["XC"], type="town", name="金桥社区", households=900)
    return made


@pytest.fixture
def office(make_user: Callable[..., User]) -> User:
    """Somebody of the city office."""
    return make_user("city_office", full_name="陈立")


@pytest.fixture
def entry(units: Units, make_user: Callable[..., User]) -> User:
    """County entry of 孝昌."""
    return make_user("county_entry", unit=units["XC"], full_name="胡军")


@pytest.mark.parametrize("name", PAGES)
def test_a_foreign_community_is_not_found(
    name: str, community: Community, units: Units, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """Read or written: 404, the same as one that does not exist."""
    stranger = as_user(make_user("county_entry", unit=units["DW"]))
    assert stranger.get(url(name, community)).status_code == 404
    assert stranger.post(url(name, community), {"name": "别的"}).status_code in (404, 405)
    assert Client().get(url(name, community)).status_code == 302


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("county_reviewer", {"edit", "move", "succeed"}),
        ("leader", {"edit", "move", "succeed"}),
        ("county_entry", {"move", "succeed"}),
        ("city_office", set()),
    ],
)
def test_who_may_change_what(
    role: str, refused: set[str], community: Community, units: Units, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """403 on an own community for what the role may not do, and no button that leads there."""
    client = as_user(make_user(role, unit=units["XC"]))
    answers = {name: client.get(url(name, community)).status_code for name in PAGES}
    assert answers == {name: 403 if name in refused else 200 for name in PAGES}
    text = client.get(url("detail", community)).content.decode()
    assert {name for name in ("edit", "move", "succeed") if url(name, community) not in text} == refused


def test_the_page_shows_placements_and_what_became_of_it(
    community: Community, units: Units, office: User, as_user: AsUser
) -> None:
    """The former unit with its end, the former name, and in the history who did it."""
    client = as_user(office)
    move = {"unit": units["SF"].pk, "type": "rural", "population": "programme", "category": "new"}
    version = community.placements.get().pk
    move |= {"valid_from": "2013-07-01", "reason": "区划调整", "version": version}
    assert client.post(url("move", community), move).status_code == 302
    rename = {"kind": "renamed", "effective_on": "2013-08-01", "new_name": "银桥社区", "reason": "批复 2 号"}
    assert client.post(url("succeed", community), rename).status_code == 302
    text = client.get(url("detail", community)).content.decode()
    for word in ("双峰山", "孝昌", "到 2013-07-01 前", "区划调整", "原名“金桥社区”", "批复 2 号", "陈立"):
        assert word in text
    history = client.get(url("history", community)).content.decode()
    for word in ("陈立", "名称", "银桥社区", "截止日期", "修改归属"):
        assert word in history
    assert "yinqiaoshequ" not in history


def test_the_successor_is_linked_only_for_those_who_see_it(
    community: Community, units: Units, make_community: Any, office: User, entry: User, as_user: AsUser
) -> None:
    """A county reads the name of the foreign community that came out of its own, and no dead link."""
    other = make_community(units["DW"], name="大悟山社区")
    actions.succeed(
        community, kind="split", effective_on=dt.date(2013, 7, 1), reason="批复", actor=office, successor=other
    )
    assert url("detail", other) in as_user(office).get(url("detail", community)).content.decode()
    text = as_user(entry).get(url("detail", community)).content.decode()
    assert "大悟山社区" in text and url("detail", other) not in text


def test_county_entry_registers_a_community(units: Units, entry: User, as_user: AsUser) -> None:
    """Its own unit is chosen already; a foreign one is no choice; pilots are not asked."""
    client, address = as_user(entry), reverse("communities:create")
    form = client.get(address).context["form"]
    assert list(form.fields["unit"].queryset) == [units["XC"]] and "pilot_from" not in form.fields
    sent = {"name": "新村社区", "type": "rural", "population": "programme", "valid_from": "2013-03-01"}
    refused = client.post(address, {**sent, "unit": units["DW"].pk})
    assert refused.status_code == 422 and 'value="新村社区"' in refused.content.decode()
    done = client.post(address, {**sent, "unit": units["XC"].pk}, follow=True)
    assert "XC-P-001" in done.content.decode() and "已登记" in done.content.decode()


def test_a_rule_that_forbids_keeps_what_was_entered(
    community: Community, units: Units, entry: User, as_user: AsUser
) -> None:
    """The sentence stands at its field, on the form."""
    sent = {"name": "金桥社区", "unit": units["XC"].pk, "type": "town", "population": "programme"}
    sent |= {"valid_from": "2013-03-01", "households": "812"}
    response = as_user(entry).post(reverse("communities:create"), sent)
    text = response.content.decode()
    assert response.status_code == 400 and community.code in text and 'value="812"' in text
    assert Community.objects.count() == 1


def test_the_edit_form_opens_with_what_is_known(community: Community, entry: User, as_user: AsUser) -> None:
    """Every value and the version."""
    text = as_user(entry).get(url("edit", community)).content.decode()
    assert 'value="金桥社区"' in text and 'value="900"' in text and 'name="version" value="1"' in text


def test_a_stale_form_shows_both_texts_and_can_then_be_saved(
    community: Community, entry: User, office: User, as_user: AsUser
) -> None:
    """409 with who changed it, both texts side by side and everything entered; the next press decides."""
    first, second = as_user(office), as_user(entry)
    sent = {"name": "金桥社区", "households": "950", "version": "1"}
    assert first.post(url("edit", community), sent).status_code == 302
    mine = {"name": "金桥社区", "households": "970", "residents": "3000", "version": "1"}
    clash = second.post(url("edit", community), mine)
    text = clash.content.decode()
    assert clash.status_code == 409
    assert "陈立" in text and '<td class="before">950</td><td class="after">970</td>' in text
    assert 'value="970"' in text and 'value="3000"' in text and 'name="version" value="2"' in text
    community.refresh_from_db()
    assert community.households == 950
    assert second.post(url("edit", community), {**mine, "version": "2"}).status_code == 302
    community.refresh_from_db()
    assert (community.households, community.residents, community.version) == (970, 3000, 3)


def test_the_page_keeps_the_stored_name_while_the_form_keeps_the_new(
    community: Community, entry: User, as_user: AsUser
) -> None:
    """A refused edit must not look saved."""
    response = as_user(entry).post(url("edit", community), {"name": "", "version": "1"})
    assert response.status_code == 422 and "修改“金桥社区”" in response.content.decode()
    assert response.context["object"].name == "金桥社区"


def test_a_stale_move_shows_both(community: Community, units: Units, office: User, as_user: AsUser) -> None:
    """The second of two movers is shown the first's placement."""
    client, shown = as_user(office), community.placements.get().pk
    move = {"type": "town", "population": "programme", "reason": "调整", "version": shown}
    client.post(url("move", community), {**move, "unit": units["DW"].pk, "valid_from": "2013-07-01"})
    clash = client.post(url("move", community), {**move, "unit": units["YM"].pk, "valid_from": "2013-08-01"})
    assert clash.status_code == 409
    assert '<td class="before">大悟</td><td class="after">云梦</td>' in clash.content.decode()


def test_access_ends_with_the_term(
    community: Community, units: Units, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """A membership whose last day has passed opens nothing."""
    person = make_user("county_entry", unit=units["XC"], valid_until=dt.date(2013, 12, 31))
    assert as_user(person).get(url("detail", community)).status_code == 404
