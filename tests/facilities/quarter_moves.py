"""What the state machine of reports does to quarters: opened, their due dates moved, by action and by plain SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import hypothesis.strategies as st
from django.db import IntegrityError, connection, transaction
from hypothesis.stateful import invariant, rule

from accounts.models import User
from communities.actions import move_due_date, open_quarter
from communities.models import ReportingQuarter
from core.history import events_of
from tests import factories
from tests.facilities.report_oracle import LEGAL_QUARTER, Oracle

COUNTY = ("entry", "reviewer", "second")
PEOPLE = [*(f"{name}_{unit}" for unit in "ab" for name in COUNTY), "office"]
WHO = st.sampled_from(PEOPLE)
QUARTER, REASONS = st.integers(0, 1), ("春节放假", "雪灾", "")


def make_quarters() -> list[ReportingQuarter]:
    """One that is open and one that is not yet."""
    return [factories.make_quarter(2013, 4), factories.make_quarter(2013, 3, "planned")]


class QuarterMoves:
    """Rules for a machine that has an oracle, people, and `done`."""

    oracle: Oracle
    quarters: list[ReportingQuarter]
    as_person: Callable[[str], User]
    done: Callable[..., bool]

    @rule(who=WHO, quarter=QUARTER)
    def open_a_quarter(self, who: str, quarter: int) -> None:
        span = self.quarters[quarter].quarter
        if self.done(
            lambda: open_quarter(span, actor=self.as_person(who)),
            self.oracle.opening_quarter(who, quarter),
            rules=False,
        ):
            self.oracle.quarters[quarter].state = "open"

    @rule(who=WHO, quarter=QUARTER, days=st.integers(0, 30), reason=st.sampled_from(REASONS))
    def move_a_quarters_due_date(self, who: str, quarter: int, days: int, reason: str) -> None:
        stored = ReportingQuarter.objects.get(pk=self.quarters[quarter].pk)
        due = stored.due_on + dt.timedelta(days=days)
        kept = self.oracle.keeps_due_date(quarter, str(due), reason)
        if self.done(
            lambda: move_due_date(
                stored, due, reason=reason, expected_version=stored.version, actor=self.as_person(who)
            ),
            self.oracle.moving_quarter(who),
            rules=kept,
        ):
            assert not kept
            self.oracle.quarters[quarter].due, self.oracle.quarters[quarter].reason = str(due), reason

    @rule(quarter=QUARTER, state=st.sampled_from(["planned", "open", "closed"]))
    def turn_a_quarter_by_plain_sql(self, quarter: int, state: str) -> None:
        """Nothing closes one, nothing takes one back."""
        if self.went_through(quarter, "state = %s", state):
            assert (self.oracle.quarters[quarter].state, state) in LEGAL_QUARTER
            self.oracle.quarters[quarter].state = state

    @rule(quarter=QUARTER, days=st.integers(0, 30), reason=st.sampled_from(REASONS))
    def move_a_quarters_due_date_by_plain_sql(self, quarter: int, days: int, reason: str) -> None:
        row = self.oracle.quarters[quarter]
        due = str(ReportingQuarter.objects.get(pk=self.quarters[quarter].pk).due_on + dt.timedelta(days=days))
        if self.went_through(quarter, "due_on = %s, due_reason = %s", due, reason):
            assert (due, reason) == (row.due, row.reason) or not self.oracle.keeps_due_date(quarter, due, reason)
            row.due, row.reason = due, reason

    def went_through(self, quarter: int, assignments: str, *values: str) -> bool:
        """Whether the database let an update of the quarter pass."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                sql = f"UPDATE communities_reportingquarter SET {assignments} WHERE id = %s"
                cursor.execute(sql, [*values, self.quarters[quarter].pk])
        except IntegrityError:
            return False
        return True

    @invariant()
    def every_quarter_is_as_it_should_be_and_came_there_legally(self) -> None:
        for row, made in zip(self.oracle.quarters, self.quarters, strict=True):
            stored = ReportingQuarter.objects.get(pk=made.pk)
            assert (stored.state, str(stored.due_on), stored.due_reason) == (row.state, row.due, row.reason)
            states = [event.state for event in events_of(stored)]
            assert set(zip(states, states[1:], strict=False)) <= LEGAL_QUARTER
