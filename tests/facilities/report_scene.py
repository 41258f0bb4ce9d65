"""A project of a unit, a month, and the people around them: what the tests of the monthly report share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project
from facilities.workflow import Stage
from tests import factories

# The project's one stage, 动工, was reached on this day.
DAY = dt.date(2013, 9, 8)


@dataclass
class Scene:
    """A project at 动工, December 2013 open and not due for long, and the people around it."""

    project: Project
    month: ReportingMonth
    entry: User
    reviewer: User
    office: User

    def filed(
        self, month: ReportingMonth | None = None, project: Project | None = None, **values: Any
    ) -> ProgressReport:
        """A report of the unit's entry that waits for review."""
        values = {"percent": 10, **values}
        return factories.file_report(project or self.project, month or self.month, values, self.entry)

    def approved(self, month: ReportingMonth | None = None, **values: Any) -> ProgressReport:
        """The same, approved by the unit's reviewer."""
        report = self.filed(month, **values)
        return actions.approve_report(report, actor=self.reviewer, expected_version=report.version)

    def filed_one(self) -> ProgressReport:
        """A report on a project of its own, which is made for it."""
        return self.filed(project=factories.make_project(self.project.community, "other", (Stage.STARTED, DAY)))


def make_scene(unit: ReportingUnit) -> Scene:
    """One of everything in a unit."""
    project = factories.make_project(factories.make_community(unit), "clinic", (Stage.STARTED, DAY))
    return Scene(
        project,
        factories.make_month(),
        factories.make_user(Role.COUNTY_ENTRY, unit=unit),
        factories.make_user(Role.COUNTY_REVIEWER, unit=unit),
        factories.make_user(Role.CITY_OFFICE),
    )
