"""Ranking, which the city office may switch off for everybody: the act, the pages that follow, who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from dashboards.actions import show_ranking
from dashboards.models import Display
from tests.dashboards.pages import LEADER, source
from tests.dashboards.scene import inspect, settle
from tests.factories import make_community, make_round, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
SETTING, WALL = "/dashboards/ranking/", "/dashboards/wall/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def office(units: Units) -> User:
    """Somebody of the city office."""
    return make_user(Role.CITY_OFFICE)


@pytest.fixture
def leader(units: Units, half_year: Quarters, as_user: Any) -> Client:
    """The leader of a city in which 大悟 and 孝昌 share the first place this quarter, before 孝南."""
    for name, lost in (("2013Q3", (0, 10, 20)), ("2013Q4", (30, 10, 10))):
        round_ = make_round(half_year[name])
        for code, deduction in zip(("XN", "XC", "DW"), lost, strict=True):
            inspect(round_, make_community(units[code]), deduction)
    settle()
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


def test_switched_off_for_everybody(leader: Client, office: User) -> None:
    assert [row.name for row in leader.get(LEADER).context["leader"].scores.rows][:3] == ["孝昌", "大悟", "孝南"]
    show_ranking(False, reason="按减负要求不排名", actor=office)
    for address in (LEADER, f"{LEADER}?rank=yes", f"{LEADER}?quarter=2013Q3", WALL):
        card = leader.get(address).context["leader"].scores
        assert [row.name for row in card.rows][:4] == ["孝南", "孝昌", "大悟", "云梦"], address
        assert {row.place for row in card.rows} == {row.moved for row in card.rows} == {None}
        assert not card.may_rank
        page = source(leader, address)
        for word in ("名次变化", "按名次", "并列", "上升 ", "下降 "):
            assert word not in page, (address, word)
    show_ranking(True, reason="恢复", actor=office)
    assert "名次变化" in source(leader)


def test_open_pages_learn_of_it(leader: Client, office: User) -> None:
    for address in (LEADER, WALL):
        seen = leader.get(address).context["state"]
        assert leader.get(address, {"seen": seen}, headers=HTMX).status_code == 204
    show_ranking(False, reason="按减负要求不排名", actor=office)
    for address in (LEADER, WALL):
        assert leader.get(address, {"seen": seen}, headers=HTMX).status_code == 200


def test_each_may_do_without_for_themselves(leader: Client) -> None:
    assert not leader.get(f"{LEADER}?rank=no").context["leader"].scores.ranked
    assert leader.get(LEADER).context["leader"].scores.ranked


def test_the_act_keeps_who_when_and_why(office: User) -> None:
    show_ranking(False, reason=" 按减负要求不排名 ", actor=office)
    show_ranking(True, reason="恢复", actor=office)
    kept = [(event.ranking, event.reason) for event in events_of(Display.objects.get())]
    assert kept[-2:] == [(False, "按减负要求不排名"), (True, "恢复")]


def test_what_the_act_refuses(office: User) -> None:
    with pytest.raises(WrongState):
        show_ranking(True, reason="本来就是", actor=office)
    assert not Display.objects.exists()
    with pytest.raises(RuleViolation):
        show_ranking(False, reason=" ", actor=office)
    for role in (Role.LEADER, Role.DEPUTY):
        with pytest.raises(NotAllowed):
            show_ranking(False, reason="试试", actor=make_user(role, community=make_community(_unit())))
    show_ranking(False, reason="不排名", actor=office)
    with pytest.raises(WrongState):
        show_ranking(False, reason="不排名", actor=office)


def _unit() -> ReportingUnit:
    return ReportingUnit.objects.get(code="XN")


def test_there_is_one_row_and_it_has_a_reason(db: None) -> None:
    for wrong in ({"pk": 2, "reason": "x"}, {"pk": 1, "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Display.objects.create(**wrong)


def test_the_city_office_sets_it_on_a_page(leader: Client, office: User, as_user: Any) -> None:
    client = as_user(office)
    assert SETTING in source(client)
    assert SETTING not in source(leader)
    assert leader.get(SETTING).status_code == leader.post(SETTING, {"ranking": "no"}).status_code == 403
    assert client.post(SETTING, {"ranking": "no", "reason": ""}).status_code == 422
    assert client.post(SETTING, {"ranking": "no", "reason": "按减负要求"}, follow=True).status_code == 200
    page = source(client, SETTING)
    assert "按减负要求" in page and str(office) in page
    assert client.post(SETTING, {"ranking": "no", "reason": "再来"}).status_code == 409
    assert "恢复排名" in source(client)
