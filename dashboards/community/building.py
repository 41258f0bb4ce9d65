"""The community's projects: plan against actual on one axis, and where the month's reports stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from communities.models import Community, ReportingMonth
from core.formats import day as day_words
from facilities.lights import Light, judged, with_red_mark, with_standing
from facilities.models import ProgressReport, Project, StageEvent
from facilities.report_place import form_url
from facilities.report_workflow import OPEN, ReportState
from facilities.schedule import Mark, Schedule, axis_of, schedule_of
from facilities.workflow import Stage


@dataclass(frozen=True)
class ReportCell:
    """The month's report of a project in words. `state` is None where nobody has entered anything."""

    state: ReportState | None
    words: str
    tone: str
    late: bool = False
    url: str = ""
    reason: str = ""

    @property
    def unfiled(self) -> bool:
        """Whether it still waits for whoever fills it in; one that came back waits, too."""
        return self.state is None or self.state in OPEN


@dataclass(frozen=True)
class ProjectRow:
    """One project. `schedule` is None where nothing is dated at all."""

    project: Project
    reached: int
    stage: str
    stage_on: dt.date | None
    light: Light
    was_red: bool
    schedule: Schedule | None
    sentence: str
    report: ReportCell | None

    @property
    def built(self) -> bool:
        """Whether it is basically built."""
        return self.reached >= Stage.BASICALLY_BUILT

    @property
    def begun(self) -> bool:
        """Whether works have started."""
        return self.reached >= Stage.STARTED


@dataclass(frozen=True)
class Building:
    """All of it. `quarters` and `now` head the one axis that the rows share; `month` is the one that is reported."""

    rows: Sequence[ProjectRow]
    quarters: Sequence[Mark]
    now: Mark | None
    month: ReportingMonth | None
    reports_shown: bool


def building_of(user: Any, community: Community, day: dt.date, month: ReportingMonth | None) -> Building:
    """The projects that the person may see, judged by `day`. Three queries, three more for the month's reports."""
    stages = Prefetch("stages", queryset=StageEvent.objects.order_by("occurred_on", "pk"))
    found: Any = Project.objects.visible_to(user).filter(community=community).with_stage()
    found = with_red_mark(with_standing(found, day)).prefetch_related(stages)
    projects = list(judged(found.order_by("kind", "pk"), day))
    reports, shown = _reports(user, projects, month)
    axis = axis_of([date for project in projects for date in _dates(project)], day)
    rows = [_row(project, reports.get(project.pk), axis, day) for project in projects]
    drawn = next((row.schedule for row in rows if row.schedule is not None), None)
    quarters, now = (drawn.quarters, drawn.now) if drawn is not None else ([], None)
    return Building(rows, quarters, now, month, shown)


def _reached(project: Project) -> list[tuple[int, dt.date]]:
    return [(event.stage, event.occurred_on) for event in project.stages.all()]


def _dates(project: Project) -> list[dt.date | None]:
    return [project.planned_start, project.planned_finish, *(day for _stage, day in _reached(project))]


def _row(project: Project, report: ReportCell | None, axis: Any, day: dt.date) -> ProjectRow:
    reached, plan = _reached(project), (project.planned_start, project.planned_finish)
    schedule = schedule_of(*plan, reached, day, axis=axis) if axis is not None else None
    found: Any = project
    stage = found.stage_label if found.stage_on else ""
    return ProjectRow(
        project=project,
        reached=found.stage,
        stage=stage,
        stage_on=found.stage_on,
        light=found.judged,
        was_red=found.was_red,
        schedule=schedule,
        sentence=_sentence(schedule, found.judged),
        report=report,
    )


def _sentence(schedule: Schedule | None, light: Light) -> str:
    """The picture in words, for those who do not see it."""
    if schedule is None:
        return _("计划日期和阶段都还没有登记。")
    spans = [(_("计划 %(first)s 到 %(last)s"), schedule.planned), (_("实际 %(first)s 到 %(last)s"), schedule.actual)]
    words = [
        text % {"first": day_words(span.first), "last": day_words(span.last)}
        for text, span in spans
        if span is not None
    ]
    marks = [f"{mark.label} {day_words(mark.day)}" for mark in schedule.marks if mark.label]
    return _("；").join([*words, *marks, light.sentence])


def _reports(
    user: Any, projects: Sequence[Project], month: ReportingMonth | None
) -> tuple[dict[int, ReportCell], bool]:
    """Cells by project, and whether there is a month to speak of.

    What is not approved is the business of whoever reports; to others such a report is not there yet.
    """
    if month is None or not projects:
        return {}, False
    keys = [project.pk for project in projects]
    rows = ProgressReport.objects.visible_to(user).of_month(month).filter(project__in=keys)
    found = {report.project_id: report for report in rows.newest_of_each_project()}
    expected = Project.objects.filter(pk__in=keys).expected_in(month)
    reporting = set(expected.reportable_by(user).values_list("pk", flat=True))
    return {
        key: _cell(project, month, found.get(key), key in reporting)
        for project, key in zip(projects, keys, strict=True)
        if key in reporting or key in found
    }, bool(found or reporting)


_TONES = {ReportState.DRAFT: "", ReportState.SUBMITTED: "info", ReportState.RETURNED: "bad", ReportState.APPROVED: "ok"}


def _cell(project: Project, month: ReportingMonth, report: ProgressReport | None, reporting: bool) -> ReportCell:
    if report is None:
        return ReportCell(None, _("未填"), "", url=form_url(project, month))
    state = ReportState(report.state)
    return ReportCell(
        state, report.state_label, _TONES[state], report.is_late, report.get_absolute_url(), report.return_reason
    )
