"""What the database refuses of months and quarters as the portal's role, whatever the code above it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from communities import actions
from communities.models import PeriodState, ReportingMonth, ReportingQuarter
from communities.roles import Role
from communities.workflow import MOVES, may_become
from core.errors import RuleViolation
from tests import factories

Period = ReportingMonth | ReportingQuarter
KINDS = ("month", "quarter")
PUBLISHED = dt.date(2014, 2, 26)
pytestmark = pytest.mark.django_db


def make(kind: str, state: str = "open", **fields: Any) -> Period:
    """December or the fourth quarter of 2013."""
    if kind == "month":
        return factories.make_month(2013, 12, state, due_on=dt.date(2014, 1, 6), **fields)
    return factories.make_quarter(2013, 4, state, due_on=dt.date(2014, 1, 15), **fields)


def run(period: Period, assignments: str) -> int:
    """Update its row by plain SQL; how many rows it touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {period._meta.db_table} SET {assignments} WHERE id = {period.pk}")
        return int(cursor.rowcount)


def refused(period: Period, assignments: str, match: str) -> None:
    """A rule refuses it, and nothing is different afterwards."""
    rows = type(period)._default_manager.order_by("pk")
    before = list(rows.values())
    with pytest.raises(IntegrityError, match=match):
        run(period, assignments)
    assert list(rows.values()) == before


@pytest.mark.parametrize("after", PeriodState.values)
@pytest.mark.parametrize("before", PeriodState.values)
@pytest.mark.parametrize("kind", KINDS)
def test_the_moves_of_the_table_are_the_databases(kind: str, before: str, after: str) -> None:
    """Those of a quarter end with its opening (docs/decisions/0007-quarters-are-not-closed-yet.md)."""
    period = make(kind, before)
    if before == after or may_become(before, after, closes=kind == "month"):
        assert run(period, f"state = '{after}'") == 1
    else:
        refused(period, f"state = '{after}'", "no such move")


def test_the_table_has_every_state() -> None:
    assert set(MOVES) == set(PeriodState.values)


@pytest.mark.parametrize("kind", KINDS)
def test_no_unknown_state(kind: str) -> None:
    refused(make(kind), "state = 'frozen'", "no such move")
    with pytest.raises(IntegrityError, match=f"{kind}_state_known"), transaction.atomic():
        factories.make_month(2013, 11, "frozen") if kind == "month" else factories.make_quarter(2013, 3, "frozen")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", ["", " ", "春节放假"])
def test_a_due_date_moves_with_a_reason_of_its_own(kind: str, reason: str) -> None:
    """Not without one, nor by the one of the time before."""
    period = make(kind, due_reason="春节放假")
    refused(period, f"due_on = '2014-03-01', due_reason = '{reason}'", "a reason of its own")
    refused(period, "due_on = '2014-03-01'", "a reason of its own")
    refused(period, "due_reason = '改过'", "a reason comes with its date")
    assert run(period, "due_on = '2014-03-01', due_reason = '雪灾'") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_one_keeps_its_due_date(kind: str) -> None:
    refused(make(kind, "closed"), "due_on = '2014-03-01', due_reason = '补报'", "closed period")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", ["year = 2012", "number = 1", "opens_on = '2013-01-01'"])
def test_a_period_keeps_its_time(kind: str, change: str) -> None:
    refused(make(kind), change, "keeps its time")


def test_nothing_is_opened_before_it_begins() -> None:
    late = dt.date(3001, 1, 1)
    for period in (
        factories.make_month(2999, 12, "planned", due_on=late),
        factories.make_quarter(2999, 4, "planned", due_on=late),
    ):
        refused(period, "state = 'open'", "has not begun")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", PeriodState.values)
def test_what_was_opened_is_never_deleted(kind: str, state: str) -> None:
    """Or a new row could begin in any state."""
    period = make(kind, state)
    if state == PeriodState.PLANNED:
        assert period.delete()[0] == 1
        return
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        period.delete()
    assert type(period)._default_manager.filter(pk=period.pk).exists()


def test_a_quarter_is_published_once() -> None:
    quarter = make("quarter")
    assert run(quarter, f"published_on = '{PUBLISHED}'") == 1
    refused(quarter, "published_on = NULL", "published once")
    refused(quarter, "published_on = '2014-03-01'", "published once")
    planned = factories.make_quarter(2013, 3, "planned", published_on=PUBLISHED)
    refused(planned, "state = 'open'", "published quarter")


def test_the_action_asks_for_a_new_reason_in_words() -> None:
    """On the field, before the database does."""
    month = make("month")
    office: User = factories.make_user(Role.CITY_OFFICE)
    assert isinstance(month, ReportingMonth)
    moved = actions.move_due_date(month, dt.date(2014, 1, 9), reason="放假", expected_version=1, actor=office)
    with pytest.raises(RuleViolation, match="上次改期写的也是“放假”") as refusal:
        actions.move_due_date(moved, dt.date(2014, 1, 10), reason="放假", expected_version=2, actor=office)
    assert refusal.value.field == "due_reason"
