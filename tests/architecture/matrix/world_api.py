"""The records that only the API shows one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from communities.models import Absence, Division, Membership, ReportingMonth, Succession
from communities.roles import Role
from dashboards.models import PublishedFigure
from facilities.models import ProgressReport, Project
from facilities.workflow import Stage
from services.models import Standard
from tests import factories
from tests.architecture.matrix import world as pages
from tests.architecture.matrix.world import World

DAY = dt.date(2013, 6, 1)


def build() -> World:
    """The world of the pages, with these records besides."""
    world = pages.build()
    shared = _shared()
    for place, records in world.records.items():
        records |= {**shared, **_of_place(records, world.marks[place])}
    return world


def _shared() -> dict[str, Any]:
    return {
        "division": Division.objects.create(code="4209", name="孝感市", level="city", valid_from=DAY),
        "standard": Standard.objects.create(code="P1", dimension="平台", role="1", item="面积", operator="不少于"),
        "published": PublishedFigure.objects.create(
            indicator="planned", year=2013, number=4, value=89, published_on=DAY, wording="89 个", source="报告"
        ),
    }


def _of_place(known: dict[str, Any], mark: str) -> dict[str, Any]:
    """One of each in a unit; `mark` stands in all that only the unit's own people may read."""
    unit, community, project, month = known["unit"], known["community"], known["project"], known["month"]
    somebody = factories.make_user(Role.COUNTY_ENTRY, unit=unit, full_name=f"{mark}某")
    return {
        "stage": project.stages.get(),
        "succession": Succession.objects.create(
            predecessor=community,
            successor=community,
            kind="renamed",
            effective_on=DAY,
            reason=f"{mark}批复",
            former_name=f"{mark}旧",
        ),
        "absence": Absence.objects.create(user=somebody, first_day=DAY, last_day=DAY, reason=f"{mark}出差"),
        "membership": Membership.objects.get(user=somebody),
        "draft": _draft(project, month, somebody, mark),
    }


def _draft(project: Project, month: ReportingMonth, author: Any, mark: str) -> ProgressReport:
    """A report that somebody has begun."""
    report = ProgressReport(
        project=project,
        month=month,
        stage=Stage.STARTED,
        percent=20,
        text=f"{mark}进展",
        entered_by=author,
        entered_as=Role.COUNTY_ENTRY,
    )
    report.save(force_insert=True)
    return ProgressReport.objects.get(pk=report.pk)
