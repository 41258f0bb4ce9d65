"""Whatever is reported, taken back, returned, approved and corrected, by whom and in whatever order, while communities
move, months open and close and reviewers come and go: no illegal move, nobody decides on their own entry, by action or
by plain SQL; and the figures are the records.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import Phase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import User
from communities.models import Placement
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project, StageEvent
from facilities.workflow import Stage
from jobs import broker
from tests import factories
from tests.conftest import DEEP
from tests.dashboards.scene import Q4, differences, settle
from tests.facilities.ground_moves import PROJECT, GroundMoves
from tests.facilities.quarter_moves import COUNTY, PEOPLE, WHO, QuarterMoves, make_quarters
from tests.facilities.report_oracle import FINE, FORBIDDEN, LEGAL, WRONG, Oracle, QuarterRow, Row

ROLES = {"entry": Role.COUNTY_ENTRY, "reviewer": Role.COUNTY_REVIEWER, "second": Role.COUNTY_REVIEWER}
WHICH, MONTH = st.integers(0, 9), st.integers(0, 1)
DECISIONS = st.sampled_from(["approve", "return"])


class ReportMachine(QuarterMoves, GroundMoves, RuleBasedStateMachine):
    """The portal, and the oracle beside it. Each example is a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        # Like the transaction of a test: what asks to be outermost may run in it.
        self.outer._from_testcase = True  # type: ignore[attr-defined]
        self.outer.__enter__()
        self.months = [factories.make_month(2013, number) for number in (11, 12)]
        self.quarters = make_quarters()
        self.projects = []
        for unit, kind in (("a", "service_centre"), ("a", "clinic"), ("b", "service_centre")):
            community = factories.make_community(self.units[unit])
            self.projects.append(factories.make_project(community, kind, (Stage.LAND, dt.date(2013, 6, 1))))
        quarters = [QuarterRow(made.state, str(made.due_on)) for made in self.quarters]
        self.oracle = Oracle(dict(enumerate("aab")), {0, 1}, quarters)
        # Projects whose stage was ever touched: there a rule about stages may speak up at any time.
        self.touched: set[int] = set()
        # Projects of which an amount was ever entered: there one may fall.
        self.counted: set[int] = set()
        self.moves = self.entries = 0
        for project in range(3):
            self.let_somebody_file(0, project, 0, project % 2)

    def teardown(self) -> None:
        try:
            self.the_figures_are_the_records()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def done(self, act: Any, expected: str, *, rules: bool) -> bool:
        """Do it and hold what happens against what should; whether it went through. `rules`: one may refuse it."""
        try:
            with transaction.atomic():
                act()
        except NotAllowed:
            assert expected == FORBIDDEN
        except WrongState:
            assert expected == WRONG
        except RuleViolation as refusal:
            assert expected == FINE and rules, refusal.message
        else:
            assert expected == FINE
            return True
        return False

    def report(self, row: Row) -> ProgressReport:
        """The oracle's row in the database."""
        keys = {"project": self.projects[row.project], "month": self.months[row.month]}
        return ProgressReport.objects.get(**keys, revision=row.revision)

    def as_person(self, who: str) -> User:
        """The person, whose rights are read anew as on a new request."""
        self.people[who].__dict__.pop("_reach", None)
        return self.people[who]

    def pick(self, which: int) -> Row:
        """One of the rows, counted round."""
        return self.oracle.rows[which % len(self.oracle.rows)]

    @rule(
        who=WHO,
        project=PROJECT,
        month=MONTH,
        submits=st.booleans(),
        steps=st.sampled_from([0, 0, 1, 2, -1]),
        arrived=st.sampled_from(["same", "same", "same", None, 1, 2, 3]),
    )
    def enter(
        self, who: str, project: int, month: int, submits: bool, steps: int, arrived: int | str | None = "same"
    ) -> None:
        # Never what stands already: who changes nothing is no author.
        self.entries += 1
        values: dict[str, Any] = {"percent": self.entries % 101, "explanation": "测试"}
        record = self.months[month]
        if steps:
            last = self.projects[project].stages.latest_first()[0]
            stage = min(max(last.stage + steps, 1), Stage.IN_USE)
            values |= {"stage": stage, "stage_on": record.month.last_day, "stage_reason": "测试"}
            self.touched.add(project)
        if arrived != "same":
            values["arrived_city"] = arrived
            self.counted.add(project)
        row = self.oracle.newest(project, month)
        action = actions.submit_report if submits else actions.save_draft
        expected = self.oracle.entering(who, project, month, submits=submits)
        version = row.version if row else None
        if self.done(
            lambda: action(self.projects[project], record, values, actor=self.as_person(who), expected_version=version),
            expected,
            rules=submits and project in self.touched | self.counted,
        ):
            self.oracle.entered(who, project, month, submits=submits)

    @rule(
        which=WHICH,
        project=PROJECT,
        month=MONTH,
        steps=st.sampled_from([0, 1]),
        arrived=st.sampled_from(["same", 1, 2, 3]),
    )
    def let_somebody_file(
        self, which: int, project: int, month: int, steps: int, arrived: int | str | None = "same"
    ) -> None:
        """Chance alone would rarely find the one who may."""
        able = [who for who in PEOPLE if self.oracle.entering(who, project, month, submits=True) == FINE]
        if able:
            self.enter(able[which % len(able)], project, month, True, steps, arrived)

    @precondition(lambda self: self.oracle.rows)
    @rule(who=WHO, which=WHICH)
    def withdraw(self, who: str, which: int) -> None:
        row = self.pick(which)
        report, actor = self.report(row), self.as_person(who)
        if self.done(
            lambda: actions.withdraw_report(report, actor=actor, expected_version=row.version),
            self.oracle.withdrawing(who, row),
            rules=False,
        ):
            row.state, row.version = "draft", row.version + 1

    @precondition(lambda self: self.oracle.rows)
    @rule(who=WHO, which=WHICH, verdict=DECISIONS)
    def decide(self, who: str, which: int, verdict: str) -> None:
        row = self.pick(which)
        report, actor = self.report(row), self.as_person(who)
        common: dict[str, Any] = {"actor": actor, "expected_version": row.version}

        def act() -> object:
            if verdict == "approve":
                return actions.approve_report(report, **common, away_reason="审核人不在")
            return actions.return_report(report, **common, reason="请核对")

        in_the_way = verdict == "approve" and (
            row.project in self.touched | self.counted or self.oracle.earlier_waits(row)
        )
        if self.done(act, self.oracle.deciding(who, row), rules=in_the_way):
            row.state, row.version = "approved" if verdict == "approve" else "returned", row.version + 1

    @precondition(lambda self: any(row.state == "submitted" for row in self.oracle.rows))
    @rule(which=WHICH, verdict=st.sampled_from(["approve", "approve", "return"]))
    def let_somebody_decide(self, which: int, verdict: str) -> None:
        """Likewise."""
        waiting = [n for n, row in enumerate(self.oracle.rows) if row.state == "submitted"]
        number = waiting[which % len(waiting)]
        able = [who for who in PEOPLE if self.oracle.deciding(who, self.oracle.rows[number]) == FINE]
        if able:
            self.decide(able[which % len(able)], number, verdict)

    @precondition(lambda self: self.oracle.rows)
    @rule(who=WHO, which=WHICH)
    def correct(self, who: str, which: int) -> None:
        row = self.pick(which)
        report, actor = self.report(row), self.as_person(who)
        if self.done(
            lambda: actions.begin_correction(report, actor=actor, reason="数填错了"),
            self.oracle.correcting(who, row),
            rules=False,
        ):
            self.oracle.rows.append(Row(row.project, row.month, row.revision + 1, "draft", {who}))

    @precondition(lambda self: self.oracle.rows)
    @rule(who=WHO, which=WHICH, state=st.sampled_from(["draft", "submitted", "returned", "approved"]))
    def move_by_plain_sql(self, who: str, which: int, state: str) -> None:
        """Whatever plain SQL may do, the oracle allows, too."""
        row = self.pick(which)
        report, person = self.report(row), self.people[who]
        role = Role.CITY_OFFICE if who == "office" else ROLES[who.split("_")[0]]
        decided = "reviewed_by_id = %s, reviewed_as = %s, reviewed_at = now(), return_reason = '改', away_reason = '改'"
        filed = "submitted_by_id = %s, submitted_at = now()"
        more: dict[str, tuple[str, list[Any]]] = {
            "draft": ("version = version", []),
            "submitted": (filed, [person.pk]),
            "returned": (decided, [person.pk, role]),
            "approved": (decided, [person.pk, role]),
        }
        sets, values = more[state]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                sql = f"UPDATE facilities_progressreport SET state = %s, authors = '{{}}', {sets} WHERE id = %s"
                cursor.execute(sql, [state, *values, report.pk])
        except IntegrityError:
            return
        if state == row.state and state != "submitted":
            return
        assert (row.state, state) in LEGAL or row.state == state
        if state in ("returned", "approved"):
            assert self.oracle.deciding(who, row) == FINE
        elif state == "submitted" and row.state != state:
            assert row.month in self.oracle.open_months or row.revision > 1 or row.state == "returned"
            row.authors.add(who)
        elif state == "draft" and row.state != state:
            assert row.month in self.oracle.open_months or row.revision > 1
        row.state = state

    @rule()
    def the_figures_are_the_records(self) -> None:
        settle()
        assert differences(Q4) == []

    @invariant()
    def every_row_is_as_it_should_be_and_came_there_legally(self) -> None:
        names = {person.pk: who for who, person in self.people.items()}
        for row in self.oracle.rows:
            report = self.report(row)
            assert (report.state, {names[pk] for pk in report.authors}) == (row.state, row.authors)
            assert report.state != "approved" or names[report.reviewed_by_id or 0] not in row.authors
            states = [event.state for event in events_of(report)]
            assert {pair for pair in zip(states, states[1:], strict=False) if pair[0] != pair[1]} <= LEGAL
        assert ProgressReport.objects.count() == len(self.oracle.rows)
        entered = StageEvent.objects.filter(report__isnull=False, report__state="approved").count()
        assert StageEvent.objects.count() == len(self.projects) + entered

    @invariant()
    def no_approved_month_says_less_than_the_one_before(self) -> None:
        rows = ProgressReport.objects.newest_approved().order_by("project_id", "month__number")
        told = list(rows.values_list("project_id", "arrived_city"))
        for (project, before), (other, after) in zip(told, told[1:], strict=False):
            assert project != other or before is None or (after is not None and after >= before)


@pytest.fixture
def ground(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two units and their people; nobody needs a broker."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    units = factories.make_units()
    ReportMachine.units = {"a": units["XC"], "b": units["DW"]}
    people = {f"{name}_{place}": (ROLES[name], unit) for place, unit in ReportMachine.units.items() for name in COUNTY}
    ReportMachine.people = {who: factories.make_user(role, unit=unit) for who, (role, unit) in people.items()}
    ReportMachine.people["office"] = factories.make_user(Role.CITY_OFFICE)


def test_no_illegal_move_and_no_self_approval_whatever_happens(ground: None) -> None:
    phases = [Phase.generate, Phase.shrink] if DEEP else [Phase.generate]
    run_state_machine_as_test(
        ReportMachine,
        settings=hypothesis.settings(max_examples=500 if DEEP else 25, stateful_step_count=40, phases=phases),
    )
    assert not Placement.objects.filter(community__in=Project.objects.values("community")).exists(), "rolled back"
