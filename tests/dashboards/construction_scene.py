"""Short ways to projects with money and reports, as the figures of construction count them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from communities.models import Community, ReportingMonth
from facilities.models import LightThreshold, OrderingRule, PlannedStage, ProgressReport, Project
from facilities.report_actions import approve_report, begin_correction, submit_report
from facilities.workflow import Stage
from tests.factories import make_month, make_project, make_report

PAST, FAR = dt.date(2013, 12, 6), dt.date(2099, 12, 31)


def month_of(number: int, year: int = 2013, due_on: dt.date = FAR) -> ReportingMonth:
    """A month that is reported for, opened once."""
    found = ReportingMonth.objects.filter(year=year, number=number).first()
    return found or make_month(year, number, due_on=due_on)


def money(text: str | None) -> Decimal | None:
    """An amount in 万元."""
    return None if text is None else Decimal(text)


def funded(community: Community, city: str | None = None, county: str | None = None, **fields: Any) -> Project:
    """A project with planned money."""
    return make_project(community, "other", fund_city=money(city), fund_county=money(county), **fields)


def tell(project: Project, month: ReportingMonth, state: str = "approved", **values: Any) -> ProgressReport:
    """A report that says nothing odd, with the amounts given."""
    amounts: dict[str, Any] = {name: _amount(name, value) for name, value in values.items()}
    return make_report(project, month, state, **{"percent": 0, **amounts})


def _amount(name: str, value: Any) -> Any:
    return money(value) if name.startswith(("invested", "arrived", "paid")) else value


def correct(report: ProgressReport, entry: User, reviewer: User, **values: Any) -> ProgressReport:
    """An approved correction of an approved report."""
    revision = begin_correction(report, actor=entry, reason="数字有误")
    filed = submit_report(revision.project, revision.month, values, actor=entry, expected_version=revision.version)
    return approve_report(filed, actor=reviewer, expected_version=filed.version)


def thresholds(day: dt.date = dt.date(2013, 1, 1), **limits: int) -> LightThreshold:
    """Ten points yellow, thirty red, ninety days red."""
    values = {"yellow_points": 10, "red_points": 30, "start_red_days": 90, "finish_red_days": 90} | limits
    return LightThreshold.objects.create(valid_from=day, source="测试", **values)


def platform_first() -> OrderingRule:
    """先建平台后建房, by the day on which works began."""
    return OrderingRule.objects.create(
        code="platform_first",
        family="sequence",
        name="先建平台后建房",
        first="platform",
        then="housing",
        measure="started",
        statement="测试",
        valid_from=dt.date(2013, 1, 1),
    )


def replan(project: Project, stage: Stage, day: dt.date, holds_from: dt.date) -> PlannedStage:
    """Another plan for a step."""
    return PlannedStage.objects.create(
        project=project, stage=stage, planned_on=day, holds_from=holds_from, reason="测试"
    )
