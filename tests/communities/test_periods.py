"""Reporting months and quarters: opened, closed and moved by the city office alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from communities import actions
from communities.models import PeriodState, ReportingMonth, ReportingQuarter, ReportingUnit
from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from core.periods import Month, Quarter
from tests import factories

pytestmark = pytest.mark.django_db
DAYS = {"opens_on": dt.date(2014, 1, 26), "due_on": dt.date(2014, 2, 6)}
JANUARY = Month(2014, 1)


@pytest.fixture
def office(make_user: Callable[..., User]) -> User:
    """Somebody of the city office."""
    return make_user("city_office")


def test_a_month_is_opened_closed_and_opened_again(office: User) -> None:
    """It is current while it is open; the second opening needs no dates."""
    month = actions.open_month(JANUARY, actor=office, **DAYS)
    assert ReportingMonth.objects.current() == month
    with pytest.raises(WrongState):
        actions.open_month(JANUARY, actor=office, **DAYS)
    assert actions.close_month(month, actor=office).state == PeriodState.CLOSED
    assert ReportingMonth.objects.current() is None
    with pytest.raises(WrongState):
        actions.close_month(month, actor=office)
    assert actions.open_month(JANUARY, actor=office).state == PeriodState.OPEN


def test_a_published_quarter_stays_closed(office: User) -> None:
    """Its figures have been told to everybody."""
    quarter = factories.make_quarter(2013, 4, state="closed", published_on=dt.date(2014, 2, 26))
    with pytest.raises(WrongState, match="2014-02-26"):
        actions.open_quarter(Quarter(2013, 4), actor=office)
    quarter.refresh_from_db()
    assert quarter.state == PeriodState.CLOSED


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({}, "opens_on"),
        ({"opens_on": DAYS["opens_on"]}, "due_on"),
        ({"opens_on": DAYS["due_on"], "due_on": DAYS["opens_on"]}, "due_on"),
    ],
)
def test_a_new_month_needs_days_in_order(days: dict[str, Any], field: str, office: User) -> None:
    """And no row is made without."""
    with pytest.raises(RuleViolation) as refusal:
        actions.open_month(JANUARY, actor=office, **days)
    assert refusal.value.field == field and not ReportingMonth.objects.exists()


def test_a_due_date_moves_with_a_reason(office: User) -> None:
    """The reason stands in the row; the version of the form is checked."""
    month = actions.open_month(JANUARY, actor=office, **DAYS)
    later = dt.date(2014, 2, 10)
    moved = actions.move_due_date(month, later, reason="春节放假", expected_version=1, actor=office)
    assert (moved.due_on, moved.due_reason, moved.version) == (later, "春节放假", 2)
    with pytest.raises(StaleVersion):
        actions.move_due_date(month, dt.date(2014, 2, 20), reason="再推", expected_version=1, actor=office)


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        (dt.date(2014, 1, 1), "放假", "due_on"),
        (DAYS["due_on"], "放假", "due_on"),
        (dt.date(2014, 2, 10), " ", "reason"),
    ],
)
def test_a_due_date_that_does_not_fit(day: dt.date, reason: str, field: str, office: User) -> None:
    """Before the opening, the same as before, or without a reason."""
    month = actions.open_month(JANUARY, actor=office, **DAYS)
    with pytest.raises(RuleViolation) as refusal:
        actions.move_due_date(month, day, reason=reason, expected_version=1, actor=office)
    assert refusal.value.field == field
    month.refresh_from_db()
    assert month.due_on == DAYS["due_on"]


def test_a_closed_period_is_not_moved(office: User) -> None:
    """What is late there is settled."""
    quarter = factories.make_quarter(2013, 4, state="closed")
    with pytest.raises(WrongState):
        actions.move_due_date(quarter, dt.date(2014, 3, 1), reason="补报", expected_version=1, actor=office)


def test_others_are_refused(make_user: Callable[..., User], units: dict[str, ReportingUnit]) -> None:
    """A leader and a county neither open, nor close, nor move."""
    quarter = factories.make_quarter(2013, 4)
    month = ReportingMonth.objects.create(year=2013, number=12, state="open", **DAYS)
    for person in (make_user("leader"), make_user("county_entry", unit=units["XC"])):
        with pytest.raises(NotAllowed):
            actions.open_month(JANUARY, actor=person, **DAYS)
        with pytest.raises(NotAllowed):
            actions.close_month(month, actor=person)
        with pytest.raises(NotAllowed):
            actions.move_due_date(quarter, dt.date(2014, 3, 1), reason="x", expected_version=1, actor=person)


def test_the_page_and_its_buttons(
    office: User, make_user: Callable[..., User], units: dict[str, ReportingUnit], as_user: Callable[[User], Client]
) -> None:
    """The city office opens the month that the form suggests, moves and closes it; a county reads only."""
    actions.open_month(JANUARY, actor=office, **DAYS)
    city, county = as_user(office), as_user(make_user("county_entry", unit=units["XC"]))
    assert 'value="2"' in city.get(reverse("communities:month_open")).content.decode()
    february = {"year": 2014, "number": 2, "opens_on": "2014-02-20", "due_on": "2014-03-06"}
    assert county.post(reverse("communities:month_open"), february).status_code == 403
    assert city.post(reverse("communities:month_open"), february).status_code == 302
    month = ReportingMonth.objects.get(number=2)
    due = {"due_on": "2014-03-10", "due_reason": "开会", "version": 1}
    assert county.post(reverse("communities:month_due", args=[month.pk]), due).status_code == 403
    assert city.post(reverse("communities:month_due", args=[month.pk]), due).status_code == 302
    assert county.post(reverse("communities:month_close", args=[month.pk])).status_code == 403
    assert city.post(reverse("communities:month_close", args=[month.pk])).status_code == 302
    assert city.post(reverse("communities:month_close", args=[month.pk])).status_code == 409
    page = county.get(reverse("communities:periods")).content.decode()
    assert "2014-03-10" in page and "开会" in page and "关闭</button>" not in page
    history = county.get(reverse("communities:month_history", args=[month.pk])).content.decode()
    assert str(office) in history and "改期原因" in history
    month.refresh_from_db()
    assert month.state == PeriodState.CLOSED


def test_a_quarter_is_opened_and_never_closed(office: User, as_user: Callable[[User], Client]) -> None:
    """Neither a button nor an address nor an action: closing one would lose what still waits to be computed."""
    quarter = actions.open_quarter(Quarter(2013, 4), actor=office, **DAYS)
    page = as_user(office).get(reverse("communities:periods")).content.decode()
    assert "改截止日期" in page and "关闭</button>" not in page and "开放</button>" not in page
    for name in ("close", "reopen"):
        with pytest.raises(NoReverseMatch):
            reverse(f"communities:quarter_{name}", args=[quarter.pk])
    closed = factories.make_quarter(2013, 3, state="closed")
    with pytest.raises(WrongState, match="已关闭"):
        actions.open_quarter(Quarter(2013, 3), actor=office)
    closed.refresh_from_db()
    assert closed.state == PeriodState.CLOSED


def test_nothing_is_opened_before_it_begins(office: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a month nor a quarter, also where the row is there already; on its first day it may be."""
    monkeypatch.setattr("communities.actions.periods.today", lambda: dt.date(2014, 1, 31))
    factories.make_quarter(2014, 2, state="planned")
    february, spring = Month(2014, 2), Quarter(2014, 2)
    with pytest.raises(RuleViolation, match="2014-02-01.*2014-01-31") as refusal:
        actions.open_month(february, actor=office, **DAYS)
    assert refusal.value.field == "number"
    with pytest.raises(RuleViolation, match="2014-04-01"):
        actions.open_quarter(spring, actor=office)
    assert not ReportingMonth.objects.exists() and not ReportingQuarter.objects.open().exists()
    monkeypatch.setattr("communities.actions.periods.today", lambda: dt.date(2014, 2, 1))
    assert actions.open_month(february, actor=office, **DAYS).state == PeriodState.OPEN
