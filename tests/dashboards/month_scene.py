"""A month with projects and reports in every state, made through the actions as people make them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from communities.actions import record_absence
from communities.models import Community, ReportingMonth, ReportingUnit, SampleDay
from communities.roles import Role
from core.periods import today as local_today
from facilities import report_actions as reports
from facilities.models import ProgressReport, Project
from facilities.workflow import Stage
from tests.factories import make_community, make_project, make_user

DECEMBER, NOVEMBER = (2013, 12), (2013, 11)
DUE = dt.date(2014, 1, 6)
THREE_DAYS_BEFORE, FOUR_DAYS_AFTER = dt.date(2014, 1, 3), dt.date(2014, 1, 10)


def today_is(day: dt.date) -> None:
    """The working day: what counts as today for due dates."""
    SampleDay.objects.update_or_create(pk=1, defaults={"day": day})


def open_month(year: int = 2013, number: int = 12, due_on: dt.date = DUE, state: str = "open") -> ReportingMonth:
    """A month that is reported for."""
    opens = dt.date(year, number, 25)
    return ReportingMonth.objects.create(year=year, number=number, opens_on=opens, due_on=due_on, state=state)


def projects_in(unit: ReportingUnit, number: int) -> list[Project]:
    """Projects in one community of the unit."""
    community = make_community(unit)
    return [make_project(community, "other") for _ in range(number)]


def values(**more: Any) -> dict[str, Any]:
    """A report that says nothing odd."""
    return {"stage": Stage.CONCEIVED, "percent": 0, "text": "正在选址。", **more}


def draft(project: Project, month: ReportingMonth, actor: User) -> ProgressReport:
    """Begun."""
    return reports.save_draft(project, month, values(), actor=actor)


def submit(project: Project, month: ReportingMonth, actor: User) -> ProgressReport:
    """Handed in."""
    return reports.submit_report(project, month, values(), actor=actor)


def send_back(project: Project, month: ReportingMonth, actor: User, reviewer: User, reason: str) -> ProgressReport:
    """Handed in, and returned."""
    report = submit(project, month, actor)
    return reports.return_report(report, actor=reviewer, expected_version=report.version, reason=reason)


def submit_again(report: ProgressReport, actor: User) -> ProgressReport:
    """Handed in once more, after it came back."""
    version = report.version
    return reports.submit_report(report.project, report.month, values(), actor=actor, expected_version=version)


def approve_again(correction: ProgressReport, team: Team) -> ProgressReport:
    """A correction, handed in and approved."""
    report = submit_again(correction, team.entry)
    return reports.approve_report(report, actor=team.reviewer, expected_version=report.version)


def approve(project: Project, month: ReportingMonth, actor: User, reviewer: User) -> ProgressReport:
    """Handed in, and approved."""
    report = submit(project, month, actor)
    return reports.approve_report(report, actor=reviewer, expected_version=report.version)


class Team:
    """A county's two people, its community and projects."""

    def __init__(self, unit: ReportingUnit, projects: int = 4) -> None:
        self.unit = unit
        self.entry = make_user(Role.COUNTY_ENTRY, unit=unit, full_name=f"{unit.short_name}填报人")
        self.reviewer = make_user(Role.COUNTY_REVIEWER, unit=unit, full_name=f"{unit.short_name}审核人")
        self.projects = projects_in(unit, projects)

    @property
    def community(self) -> Community:
        """Where the projects stand."""
        return self.projects[0].community

    def one_of_each(self, month: ReportingMonth) -> None:
        """Of four projects: one approved, one waiting, one returned, one untouched."""
        approve(self.projects[0], month, self.entry, self.reviewer)
        submit(self.projects[1], month, self.entry)
        send_back(self.projects[2], month, self.entry, self.reviewer, "和施工月报不一致，请核对。")


def away(user: User, office: User) -> None:
    """The person is away this week."""
    today = local_today()
    record_absence(user, first_day=today, last_day=today + dt.timedelta(days=6), reason="休假", actor=office)
