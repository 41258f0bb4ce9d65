"""What pages ask of the monthly reports: what is known already, what changed, what is odd, what is still to do.

None of the functions asks more of the database for three hundred projects than for one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from communities.calendar import working_day
from communities.models import Placement, ReportingMonth, ReportingUnit
from communities.querysets import PlacementQuerySet
from core.formats import money, signed
from facilities.models import ProgressReport, Project, StageEvent
from facilities.money import ZERO, known_total
from facilities.percent_ranges import PERCENT_OF_STAGE
from facilities.report_stages import NOWHERE, Standing, standing_of
from facilities.report_workflow import CONTENT, CUMULATIVE, HOUSING_COUNTS, ReportState
from facilities.workflow import Stage

_EMPTY = {"text": "", "problem": "", "help_wanted": ""}
# What a new report takes from the last one. The stage is that of record; a reason and an explanation are given once, or
# last month's would answer what is odd in this one; what was invested in the month begins at 0.
_REPEATED = ("percent", *CUMULATIVE, "text", "problem", "help_wanted")


@dataclass(frozen=True)
class Difference:
    """One content field against the last approval. `before` and `now` as they are shown, `words` what that means."""

    field: str
    label: str
    before: str
    now: str
    words: str
    changed: bool


@dataclass(frozen=True)
class MonthRow:
    """One project in a month. `report` is the newest revision, None where nobody has entered anything."""

    project: Project
    report: ProgressReport | None
    state: ReportState | None
    # Days since the due date while nothing has been submitted; 0 before it and once something was.
    overdue_days: int
    is_late: bool


@dataclass(frozen=True)
class UnitProgress:
    """How far one unit is with a month. Projects: `expected` = `approved` + `waiting` + `returned` + `missing`.

    `drafts` are those of the missing that somebody has begun. Completeness is `filled` of `required` content fields,
    timeliness `on_time` of `expected`; both are kept as counts and divided where they are shown.
    """

    unit: ReportingUnit
    expected: int
    approved: int
    waiting: int
    returned: int
    drafts: int
    late: int
    on_time: int
    filled: int
    required: int

    @property
    def filed(self) -> int:
        """Reports that were handed in."""
        return self.approved + self.waiting + self.returned

    @property
    def missing(self) -> int:
        """Projects without a report that was handed in."""
        return self.expected - self.filed


def prefill(project: Project, month: ReportingMonth) -> dict[str, Any]:
    """Values of every content field as the form opens with them.

    The stage is the one that the records give by the month's last day; the rest is what the newest approved report
    before the month said, empty where there is none.
    """
    return prefills([project], month)[project.pk]


def prefills(projects: Sequence[Project], month: ReportingMonth) -> dict[int, dict[str, Any]]:
    """The same for several projects, by their keys. Two queries."""
    keys = [project.pk for project in projects]
    events = StageEvent.objects.filter(project__in=keys, occurred_on__lte=month.month.last_day)
    latest = {event.project_id: event for event in events.latest_of_each()}
    rows = ProgressReport.objects.approved().filter(project__in=keys).until(month)
    last = {report.project_id: report for report in rows.newest_of_each_project()}
    return {key: _opening(standing_of(latest.get(key)), last.get(key)) for key in keys}


def _opening(standing: Standing, last: ProgressReport | None) -> dict[str, Any]:
    return {
        "stage": standing.stage,
        "stage_on": standing.occurred_on,
        "stage_basis": standing.basis,
        "stage_reason": "",
        "explanation": "",
        "invested": None if last is None else ZERO,
        **{field: getattr(last, field) if last else _EMPTY.get(field) for field in _REPEATED},
    }


def next_approved(projects: Sequence[Project], month: ReportingMonth) -> dict[int, ProgressReport]:
    """The nearest approved report after the month, its last revision, by project; without where there is none. One
    query.
    """
    rows = ProgressReport.objects.approved().filter(project__in=[project.pk for project in projects]).after(month)
    return {report.project_id: report for report in rows.select_related("month").oldest_of_each_project()}


def invested_before(projects: Sequence[Project], month: ReportingMonth) -> dict[int, Decimal | None]:
    """What had been invested in each project before the month, in 万元, by its key; None where nothing is known.

    What stood before the first report, and what the standing reports of earlier months add. One query.
    """
    keys = [project.pk for project in projects]
    rows = ProgressReport.objects.newest_approved().filter(project__in=keys).until(month)
    sums = dict(rows.values_list("project").annotate(Sum("invested")).order_by())
    found: dict[int, Decimal | None] = {}
    for project in projects:
        parts = {"opening": project.invested_before, "reported": sums.get(project.pk)}
        found[project.pk] = known_total(parts, ("opening", "reported"))
    return found


def differences(report: ProgressReport) -> list[Difference]:
    """The report's content against what was approved last before it, field by field in the order of the form."""
    return differences_of([report])[report.pk]


def differences_of(reports: Sequence[ProgressReport]) -> dict[int, list[Difference]]:
    """The same for several reports, by their keys. Three queries; where nothing was approved yet, against the stages.

    A correction is compared with the revision that it corrects.
    """
    keys = [report.pk for report in reports]
    rows: Any = ProgressReport.objects.filter(pk__in=keys).with_previous()
    earlier: dict[int, int | None] = dict(rows.values_list("pk", "previous"))
    approved = ProgressReport.objects.in_bulk([key for key in earlier.values() if key is not None])
    without = [report.project_id for report in reports if earlier.get(report.pk) is None]
    ladders: dict[int, list[StageEvent]] = {}
    for event in StageEvent.objects.filter(project__in=without).order_by("occurred_on", "pk"):
        ladders.setdefault(event.project_id, []).append(event)
    found = {}
    for report in reports:
        previous = approved.get(earlier.get(report.pk) or 0)
        if previous is not None:
            before = {field: getattr(previous, field) for field in CONTENT} | {"stage_reason": ""}
            if previous.month_id != report.month_id:
                before |= {"invested": ZERO, "explanation": ""}
        else:
            before = _opening(_standing_before(report, ladders.get(report.project_id, [])), None)
        found[report.pk] = [
            _difference(report, field, before[field]) for field in CONTENT if _told(report, field, before)
        ]
    return found


def _told(report: ProgressReport, field: str, before: Mapping[str, Any]) -> bool:
    """Amounts and counts that were never known are no fields of this project."""
    return field not in (*CUMULATIVE, "invested") or before[field] is not None or getattr(report, field) is not None


def _standing_before(report: ProgressReport, ladder: Iterable[StageEvent]) -> Standing:
    """By the month's last day, without the row that the report itself added."""
    last = report.month.month.last_day
    steps = [event for event in ladder if event.occurred_on <= last and event.pk != report.stage_event_id]
    return standing_of(steps[-1]) if steps else NOWHERE


def unchanged_words(found: Iterable[Difference]) -> str:
    """How many fields did not change, as a line under the differences."""
    return _("没有变化的 %(n)d 项") % {"n": sum(not difference.changed for difference in found)}


def _difference(report: ProgressReport, field: str, before: Any) -> Difference:
    now = getattr(report, field)
    label = str(ProgressReport._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    changed = before != now
    words = _words(field, before, now) if changed else _("没有变化")
    return Difference(field, label, _shown(field, before), _shown(field, now), words, changed)


def _shown(field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if field == "stage":
        return str(Stage(value).label)
    if isinstance(value, Decimal):
        return money(value)
    return f"{value}%" if field == "percent" else str(value)


def _words(field: str, before: Any, now: Any) -> str:
    if before is None or before == "":
        return _("新填")
    if now is None or now == "":
        return _("删去")
    if field == "stage":
        steps = now - before
        return (_("前进 %(n)d 级") if steps > 0 else _("退回 %(n)d 级")) % {"n": abs(steps)}
    if field == "percent":
        return _("%(points)s 个百分点") % {"points": signed(now - before, 0)}
    if isinstance(now, Decimal):
        return _("%(amount)s 万元") % {"amount": signed(now - before, 2)}
    if field in HOUSING_COUNTS:
        return _("%(number)s 套") % {"number": signed(now - before, 0)}
    if isinstance(now, dt.date):
        days = (now - before).days
        return (_("晚 %(n)d 天") if days > 0 else _("早 %(n)d 天")) % {"n": abs(days)}
    return _("改写")


def month_work(user: User, month: ReportingMonth) -> list[MonthRow]:
    """The month's projects that this person may report on, in the order of communities, with how far each is."""
    projects = (
        Project.objects.reportable_by(user)
        .expected_in(month)
        .with_stage(month.month.last_day)
        .with_place()
        .select_related("community")
        .order_by("place_order", "community__pinyin", "community", "kind", "pk")  # type: ignore[misc]  # annotated
    )
    rows = ProgressReport.objects.of_month(month).newest_revision().select_related("month", "entered_by", "reviewed_by")
    reports = {report.project_id: report for report in rows.filter(project__in=projects.order_by().values("pk"))}
    overdue = max(0, (working_day() - month.due_on).days)
    return [_month_row(project, reports.get(project.pk), overdue) for project in projects]


def _month_row(project: Project, report: ProgressReport | None, overdue: int) -> MonthRow:
    if report is None:
        return MonthRow(project, None, None, overdue, False)
    filed = report.first_submitted_at is not None
    return MonthRow(project, report, ReportState(report.state), 0 if filed else overdue, report.is_late)


def unit_progress(month: ReportingMonth, units: Iterable[ReportingUnit]) -> list[UnitProgress]:
    """How far each of `units` is with the month, in their order. Two queries.

    Expected are the projects registered by the month's last day, of communities placed in the unit then. Required of
    each are the stage, the percentage and the text; where the stage changed its day and basis; where the percentage
    does not fit the stage an explanation. Only what was handed in counts as filled.
    """
    return _progress(month, units, Placement.objects.on_day(month.month.last_day))


def unit_duty(month: ReportingMonth, units: Iterable[ReportingUnit]) -> list[UnitProgress]:
    """The month's projects by the unit in which their communities stand now: it has to report and review them.

    Differs from `unit_progress` for communities that moved after the month's last day. Two queries.
    """
    return _progress(month, units, Placement.objects.newest())


def _progress(month: ReportingMonth, units: Iterable[ReportingUnit], placed: PlacementQuerySet) -> list[UnitProgress]:
    wanted, expected = list(units), Project.objects.expected_in(month)
    there: Any = expected.annotate(home=Subquery(placed.filter(community=OuterRef("community")).values("unit")[:1]))
    asked = dict(there.filter(home__in=wanted).order_by().values_list("home").annotate(there=Count("pk")))
    home = placed.filter(community=OuterRef("project__community")).values("unit")[:1]
    recorded = StageEvent.objects.stage_by(month.month.last_day, OuterRef("project"))
    rows: Any = ProgressReport.objects.of_month(month).standing().annotate(home=Subquery(home), recorded=recorded)
    rows = rows.filter(home__in=wanted, project__in=expected)
    counts = {row["home"]: row for row in rows.values("home").annotate(**_counts()).order_by()}
    return [_unit_progress(unit, asked.get(unit.pk, 0), counts.get(unit.pk, {})) for unit in wanted]


def _unit_progress(unit: ReportingUnit, expected: int, row: Mapping[str, int]) -> UnitProgress:
    asked = sum(row.get(name, 0) for name in ("moved", "moved", "odd"))
    filled = sum(row.get(name, 0) for name in ("filed", "percent_given", "text_given", "day", "basis", "explained"))
    return UnitProgress(
        unit=unit,
        expected=expected,
        filled=filled,
        required=3 * expected + asked,
        **{name: row.get(name, 0) for name in ("approved", "waiting", "returned", "drafts", "late", "on_time")},
    )


def _counts() -> dict[str, Count]:
    filed = ~Q(state=ReportState.DRAFT)
    moved = filed & (Q(stage_event__isnull=False) | ~Q(stage=F("recorded")))
    outside = Q(pk__in=[])
    for stage, (low, high) in PERCENT_OF_STAGE.items():
        outside |= Q(stage=stage) & (Q(percent__lt=low) | Q(percent__gt=high))
    odd = filed & outside
    asked = {
        "approved": Q(state=ReportState.APPROVED),
        "waiting": Q(state=ReportState.SUBMITTED),
        "returned": Q(state=ReportState.RETURNED),
        "drafts": Q(state=ReportState.DRAFT, is_blank=False),
        "late": Q(is_late=True),
        "on_time": filed & Q(is_late=False),
        "filed": filed,
        "percent_given": filed & Q(percent__isnull=False),
        "text_given": filed & ~Q(text=""),
        "moved": moved,
        "day": moved & Q(stage_on__isnull=False),
        "basis": moved & ~Q(stage_basis=""),
        "odd": odd,
        "explained": odd & ~Q(explanation=""),
    }
    return {name: Count("pk", filter=condition) for name, condition in asked.items()}
