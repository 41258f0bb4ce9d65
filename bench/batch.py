"""The month of a unit with 300 projects on one page, as its team opens it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from bench.owner import analyse
from bench.report import compare
from bench.web import SIGN_IN_ONLY, Visitor, person_as
from communities.models import Community, PeriodState, ReportingMonth, ReportingUnit
from communities.roles import Role
from dashboards.rollup import roll_up_all
from facilities.models import FacilityKind, ProgressReport, Project, StageEvent
from facilities.report_workflow import ReportState
from facilities.workflow import Stage

# A unit with few projects of its own; all that the sample city has of it for the month before is approved.
UNIT = "LK"
PROJECTS = 300
KINDS = (FacilityKind.RESETTLEMENT, FacilityKind.CLINIC, FacilityKind.ELDERLY_CARE, FacilityKind.OTHER)
REGISTERED, BEGUN = dt.date(2013, 1, 1), dt.date(2013, 6, 3)
FILED = dt.datetime(2014, 1, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
# One project in so many has a draft already that says something new.
DRAFTED = 10


def whole_unit(port: int) -> None:
    """The page of the open month. Ends the bench where it does not show every project."""
    unit = ReportingUnit.objects.get(code=UNIT)
    entry = person_as(Role.COUNTY_ENTRY, unit)
    month, projects = _prepare(unit, entry, person_as(Role.COUNTY_REVIEWER, unit))
    team, path = Visitor(port, entry), f"/projects/months/{month}/"
    page = team.get(path)
    if (shown := page.count(b"<tr data-row=")) != projects:
        raise SystemExit(f"The month of the unit shows {shown} projects, not {projects}.")
    told = {"queries": team.queries(path), "projects": projects, "bytes": len(page)}
    compare("month of a whole unit", team.asks(path), SIGN_IN_ONLY, team.asks("/health/live"), times=30, **told)


@transaction.atomic
def _prepare(unit: ReportingUnit, entry: User, reviewer: User) -> tuple[ReportingMonth, int]:
    """Fill the unit up to 300 projects whose newest month is approved, and open the next; how many there are then.

    The figures are brought up to date with it, so that no worker is at that while the page is measured.
    """
    before = ReportingMonth.objects.current()
    assert before is not None
    following = before.month.next()
    month = ReportingMonth.objects.create(
        year=following.year,
        number=following.number,
        opens_on=following.first_day,
        due_on=following.last_day + dt.timedelta(days=6),
        state=PeriodState.OPEN,
    )
    expected = Project.objects.reportable_by(entry).expected_in(month)
    projects = _projects(unit, PROJECTS - expected.count())
    reports = _reports(projects, before, entry)
    _approve(reports, reviewer)
    _draft(reports[::DRAFTED], month)
    roll_up_all()
    analyse()
    return month, expected.count()


def _projects(unit: ReportingUnit, missing: int) -> list[Project]:
    """So many more projects under way, one community after the other."""
    communities = list(Community.objects.filter(placements__unit=unit).order_by("pk"))
    projects = Project.objects.bulk_create(
        Project(
            community=communities[number % len(communities)],
            kind=KINDS[number % len(KINDS)],
            name=f"示例工程{number}",
            planned_start=BEGUN,
            planned_finish=dt.date(2014, 9, 30),
            housing_planned=120 if number % len(KINDS) == 0 else None,
            fund_city=Decimal(800),
            # Two sources have no one cell for what has arrived.
            fund_county=Decimal(400) if number % 3 == 0 else None,
            registered_on=REGISTERED,
            is_sample=True,
        )
        for number in range(missing)
    )
    StageEvent.objects.bulk_create(
        StageEvent(project=project, stage=Stage.STARTED, occurred_on=BEGUN, basis="施工许可证", is_sample=True)
        for project in projects
    )
    return projects


def _reports(projects: list[Project], month: ReportingMonth, entry: User) -> list[ProgressReport]:
    """What was handed in for the month before."""
    return ProgressReport.objects.bulk_create(
        ProgressReport(
            project=project,
            month=month,
            state=ReportState.SUBMITTED,
            stage=Stage.STARTED,
            stage_on=BEGUN,
            stage_basis="施工许可证",
            percent=12,
            invested=Decimal(40),
            arrived_city=Decimal(320),
            paid_city=Decimal(260),
            arrived_county=Decimal(160) if project.fund_county else None,
            paid_county=Decimal(80) if project.fund_county else None,
            housing_started=60 if project.builds_homes else None,
            text="基础施工，正常推进。",
            problem="雨天停工三天。" if project.fund_county else "",
            submitted_by=entry,
            submitted_at=FILED,
            **_entered(entry),
        )
        for project in projects
    )


def _entered(entry: User) -> dict[str, Any]:
    return {"entered_by": entry, "entered_as": Role.COUNTY_ENTRY, "is_sample": True}


def _approve(reports: list[ProgressReport], reviewer: User) -> None:
    ProgressReport.objects.filter(pk__in=[report.pk for report in reports]).update(
        state=ReportState.APPROVED,
        reviewed_by=reviewer,
        reviewed_as=Role.COUNTY_REVIEWER,
        reviewed_at=FILED + dt.timedelta(hours=20),
        version=F("version") + 1,
    )


def _draft(reports: list[ProgressReport], month: ReportingMonth) -> None:
    """What somebody has begun to enter for the open month."""
    same = ("stage", "stage_on", "stage_basis", "arrived_city", "paid_city", "arrived_county", "paid_county")
    ProgressReport.objects.bulk_create(
        ProgressReport(
            project=report.project,
            month=month,
            percent=18,
            invested=Decimal(55),
            housing_started=report.housing_started,
            text="一层浇筑完成。",
            **{name: getattr(report, name) for name in same},
            **_entered(report.entered_by),
        )
        for report in reports
    )
