"""Rounds: one a quarter, under a filed plan, opened and closed by the city office."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from inspections import actions
from inspections.models import Round, RoundState, ScoringSheet
from tests import factories

Quarters = dict[str, ReportingQuarter]


@pytest.fixture
def office(db: None) -> User:
    """The city office."""
    return factories.make_user(Role.CITY_OFFICE)


def open_round(quarter: ReportingQuarter, actor: User, **fields: Any) -> Round:
    """A round with everything it needs, unless said otherwise."""
    values = {
        "plan_number": "孝督检备〔2013〕12 号",
        "sheet": factories.make_sheet(),
        "starts_on": quarter.quarter.first_day,
        "ends_on": quarter.quarter.last_day,
        **fields,
    }
    return actions.open_round(quarter, actor=actor, **values)


def test_a_round_cites_its_filed_plan_and_is_named_after_its_quarter(quarters: Quarters, office: User) -> None:
    with pytest.raises(RuleViolation) as refusal:
        open_round(quarters["2013Q4"], office, plan_number=" ")
    assert refusal.value.field == "plan_number"
    opened = open_round(quarters["2013Q4"], office)
    assert (opened.state, opened.name) == (RoundState.OPEN, "2013 年第四季度拉练式检查督办")


def test_a_quarter_has_one_round(quarters: Quarters, office: User) -> None:
    open_round(quarters["2013Q4"], office)
    with pytest.raises(WrongState, match="2013Q4 已经有一轮检查"):
        open_round(quarters["2013Q4"], office)
    assert Round.objects.count() == 1


def test_a_planned_round_is_opened_not_doubled(quarters: Quarters, office: User) -> None:
    planned = factories.make_round(quarters["2013Q4"], state="planned")
    assert open_round(quarters["2013Q4"], office).pk == planned.pk


def test_a_closed_quarter_is_not_inspected(db: None, office: User) -> None:
    with pytest.raises(WrongState, match="2014Q1 已关闭"):
        open_round(factories.make_quarter(2014, 1, state="closed"), office)


def test_a_sheet_without_items_is_refused(quarters: Quarters, office: User) -> None:
    empty = ScoringSheet.objects.create(code="E", title="空表", full_marks=0, effective_from=factories.LONG_AGO)
    with pytest.raises(RuleViolation) as refusal:
        open_round(quarters["2013Q4"], office, sheet=empty)
    assert refusal.value.field == "sheet"


def test_a_closed_round_is_not_closed_or_opened_again(quarters: Quarters, office: User) -> None:
    opened = open_round(quarters["2013Q4"], office)
    actions.close_round(opened, actor=office)
    with pytest.raises(WrongState):
        actions.close_round(opened, actor=office)
    with pytest.raises(WrongState):
        open_round(quarters["2013Q4"], office)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.CITY_OFFICE])
def test_nobody_else_opens_or_closes(quarters: Quarters, units: dict[str, ReportingUnit], role: Role) -> None:
    county = role in (Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER)
    place = {"unit": units["XC"]} if county else {"community": factories.make_community(units["XC"])}
    person = factories.make_user(role, **place)
    with pytest.raises(NotAllowed):
        open_round(quarters["2013Q4"], person)
    with pytest.raises(NotAllowed):
        actions.close_round(factories.make_round(quarters["2013Q3"]), actor=person)
