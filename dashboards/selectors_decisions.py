"""What needs a decision: help that counties ask for in their approved reports, and the projects late for longest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from dashboards.selectors_late import Late
from facilities.models import ProgressReport, Project

# As many of each sort stand in the card, so that the map is still on the first screen; the rest is behind its links.
REQUESTS, OVERDUE = 3, 2


@dataclass(frozen=True)
class Request:
    """Help wanted: the newest approved report of a project says so. `since` is when it was first asked for."""

    project: str
    unit: str
    text: str
    since: dt.date
    url: str


@dataclass(frozen=True)
class Overdue:
    """A late project. `kind` is `finish` or `start`."""

    project: str
    unit: str
    kind: str
    since: dt.date
    days: int
    url: str


@dataclass(frozen=True)
class Decisions:
    """The card. `total` counts the requests, all of which `url` lists; `oldest` is when the first was made."""

    requests: Sequence[Request]
    total: int
    oldest: dt.date | None
    url: str
    overdue: Sequence[Overdue]
    late: Late


def decisions_of(user: Any, late: Late) -> Decisions:
    """What the person may see of it, longest waiting first. Three queries."""
    standing = ProgressReport.objects.visible_to(user).asking_help().with_place().select_related("project__community")
    reports: list[Any] = list(standing)
    since = _since(report.project_id for report in reports)
    reports.sort(key=lambda report: (since[report.project_id], report.pk))
    return Decisions(
        requests=[_request(report, since[report.project_id]) for report in reports[:REQUESTS]],
        total=len(reports),
        oldest=since[reports[0].project_id] if reports else None,
        url=f"{reverse('facilities:reports')}?help=yes",
        overdue=_overdue(user, late),
        late=late,
    )


def _since(projects: Iterable[int]) -> dict[int, dt.date]:
    """Since when each project has asked without a month in between in which it did not."""
    rows = ProgressReport.objects.newest_approved().filter(project__in=list(projects)).newest_first()
    first: dict[int, dt.date] = {}
    ended = set()
    for project, text, submitted in rows.values_list("project", "help_wanted", "first_submitted_at"):
        if not text:
            ended.add(project)
        elif project not in ended:
            first[project] = timezone.localdate(submitted)
    return first


def _request(report: Any, since: dt.date) -> Request:
    project = report.project
    return Request(
        project=str(project),
        unit=report.place_unit or "",
        text=report.help_wanted,
        since=since,
        url=report.get_absolute_url(),
    )


def _overdue(user: Any, late: Late) -> list[Overdue]:
    if not late.total:
        return []
    rows: Any = Project.objects.visible_to(user).with_place().late(late.day).select_related("community")
    return [
        Overdue(
            project=str(project),
            unit=project.place_unit or "",
            kind=project.late_kind,
            since=project.late_since,
            days=(late.day - project.late_since).days,
            url=project.get_absolute_url(),
        )
        for project in rows.order_by("late_since", "pk")[:OVERDUE]
    ]
