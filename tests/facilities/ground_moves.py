"""What changes around the reports of the state machine: communities move, months turn, reviewers come and go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis.stateful import rule

from accounts.models import User
from communities.actions import close_month, end_absence, move_placement, open_month, record_absence
from communities.models import Absence, ReportingMonth, ReportingUnit
from core.periods import today
from facilities.models import Project
from tests.facilities.quarter_moves import PEOPLE
from tests.facilities.report_oracle import Oracle

PROJECT = st.integers(0, 2)


class GroundMoves:
    """Rules for a machine that has an oracle, units, people, projects and months."""

    units: dict[str, ReportingUnit]
    people: dict[str, User]
    oracle: Oracle
    projects: list[Project]
    months: list[ReportingMonth]
    moves: int
    as_person: Callable[[str], User]

    @rule(project=PROJECT)
    def move_community(self, project: int) -> None:
        community = self.projects[project].community
        self.moves += 1
        home = "b" if self.oracle.home[project] == "a" else "a"
        day = dt.date(2013, 10, 1) + dt.timedelta(days=7 * self.moves)
        move_placement(
            community, unit=self.units[home], valid_from=day, reason="区划调整", actor=self.as_person("office")
        )
        self.oracle.home[project] = home

    @rule(month=st.integers(0, 1))
    def turn_month(self, month: int) -> None:
        stored = ReportingMonth.objects.get(pk=self.months[month].pk)
        if month in self.oracle.open_months:
            close_month(stored, actor=self.as_person("office"))
        else:
            open_month(stored.month, actor=self.as_person("office"))
        self.oracle.open_months ^= {month}

    @rule(who=st.sampled_from([who for who in PEOPLE if not who.startswith(("entry", "office"))]))
    def leave_or_come_back(self, who: str) -> None:
        person, office = self.people[who], self.as_person("office")
        if who in self.oracle.away:
            end_absence(Absence.objects.on_day(today()).get(user=person), actor=office)
        else:
            record_absence(person, first_day=today(), last_day=today(), reason="出差", actor=office)
        self.oracle.away ^= {who}

    @rule(unit=st.sampled_from("ab"))
    def leave_the_city_alone_with_it(self, unit: str) -> None:
        """Every reviewer of a unit is away."""
        for who in sorted({f"reviewer_{unit}", f"second_{unit}"} - self.oracle.away):
            self.leave_or_come_back(who)
