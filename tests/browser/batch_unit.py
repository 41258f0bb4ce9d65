"""A unit with sixty projects whose last month is approved, and two months to fill in: what test_batch.py works on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from communities.models import Community, ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities.models import FacilityKind, ProgressReport, Project, StageEvent
from facilities.workflow import Stage
from tests import factories

UNIT, PERSON, REVIEWER = "SF", "sf_entry", "sf_review"
# Long before any community of the sample stood: nothing else is expected of these months.
LAST, WHOLE, PARTS = "2012-05", "2012-06", "2012-07"
SINCE, BEGUN = dt.date(2012, 1, 1), dt.date(2012, 3, 1)
COMMUNITIES, EACH = 6, 10
ARRIVED = Decimal("1200.00")


def build_unit() -> list[Project]:
    """The projects by community. The first of each community builds homes, the second has two sources."""
    unit = ReportingUnit.objects.get(code=UNIT)
    months = [
        factories.make_month(int(name[:4]), int(name[5:]), due_on=dt.date(2014, 1, 6)) for name in (LAST, WHOLE, PARTS)
    ]
    projects = []
    for number in range(COMMUNITIES):
        names = {"name": f"整月{number}社区", "pinyin": f"zhengyue{number}shequ", "initials": f"zy{number}sq"}
        community = factories.make_community(unit, type="rural", since=SINCE, **names)
        projects += [_project(community, at) for at in range(EACH)]
    StageEvent.objects.bulk_create(
        StageEvent(project=project, stage=Stage.STARTED, occurred_on=BEGUN, basis="开工报告") for project in projects
    )
    _approve(months[0], projects)
    ReportingMonth.objects.filter(pk=months[0].pk).update(state="closed")
    return projects


def _project(community: Community, at: int) -> Project:
    kind = FacilityKind.RESETTLEMENT if at == 0 else FacilityKind.OTHER
    funds = {"fund_city": 3000, "fund_county": 500 if at == 1 else None, "invested_before": 160}
    return Project.objects.create(
        community=community, kind=kind, name=f"工程{at}", registered_on=factories.LONG_AGO, **funds
    )


def _approve(month: ReportingMonth, projects: list[Project]) -> None:
    entry, reviewer = (User.objects.get(username=name) for name in ("sf_entry", "sf_review"))
    who = {"entered_by": entry, "entered_as": Role.COUNTY_ENTRY, "submitted_by": entry, "submitted_at": timezone.now()}
    ProgressReport.objects.bulk_create(
        ProgressReport(
            project=project,
            month=month,
            state="submitted",
            stage=Stage.STARTED,
            stage_on=BEGUN,
            stage_basis="开工报告",
            percent=10,
            invested=Decimal(20),
            arrived_city=ARRIVED,
            housing_started=120 if project.builds_homes else None,
            text="按计划推进",
            **who,
        )
        for project in projects
    )
    decided = {"reviewed_by": reviewer, "reviewed_as": Role.COUNTY_REVIEWER, "reviewed_at": timezone.now()}
    ProgressReport.objects.of_month(month).update(state="approved", **decided)
