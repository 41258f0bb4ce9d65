"""What a county team finds on its first page: the month's work, what came back, what is late, what waits for review.

Reports belong to the unit, not to the person: whoever holds the role today finds all of it, and what a predecessor
left half done is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.models import Membership, ReportingMonth
from communities.querysets import in_term
from communities.roles import UNIT_ROLES, Role
from core.components import Action, Segment
from core.formats import day_sentence
from core.formats import moment as format_moment
from core.periods import today
from dashboards.completeness import period_url, reports_url
from dashboards.home.asked import Asked
from dashboards.home.dates import time_left
from dashboards.home.lights import lights_panel
from dashboards.home.parts import Head, Line, Panel, Part
from exchange.links import upload_actions
from facilities.models import ProgressReport, ReportState
from facilities.report_querysets import IsAmong
from facilities.report_reads import MonthRow, month_work

SHOWN = 5


def form_url(project_id: int, month: ReportingMonth) -> str:
    """Where a project's report for a month is filled in."""
    return reverse("facilities:report_form", args=[project_id, str(month)])


def _told(report: Any) -> str:
    return f"{report.project.community} · {report.project.name}"


@dataclass(frozen=True)
class Work:
    """A month of the unit's projects, sorted by the four states that sum up to all of them."""

    month: ReportingMonth
    rows: Sequence[MonthRow]
    unit_code: str = ""

    def _in(self, *states: ReportState | None) -> list[MonthRow]:
        return [row for row in self.rows if self._state(row) in states]

    @staticmethod
    def _state(row: MonthRow) -> ReportState | None:
        """What counts: a correction on its way leaves the approved report standing."""
        if row.report is not None and row.report.revision > 1:
            return ReportState.APPROVED
        return row.state

    @cached_property
    def approved(self) -> list[MonthRow]:
        """Approved."""
        return self._in(ReportState.APPROVED)

    @cached_property
    def waiting(self) -> list[MonthRow]:
        """Submitted, not yet decided on."""
        return self._in(ReportState.SUBMITTED)

    @cached_property
    def returned(self) -> list[MonthRow]:
        """Come back."""
        return self._in(ReportState.RETURNED)

    @cached_property
    def missing(self) -> list[MonthRow]:
        """Not submitted yet: nothing entered, or a draft."""
        return self._in(None, ReportState.DRAFT)

    @property
    def todo(self) -> int:
        """How many projects wait for whoever fills in."""
        return len(self.missing) + len(self.returned)

    @property
    def segments(self) -> list[Segment]:
        """The four states."""
        missing = period_url(month=str(self.month), missing=self.unit_code or "all")
        return [
            Segment(len(self.approved), "ok", _("已通过"), reports_url(self.month, state="approved")),
            Segment(len(self.waiting), "wait", _("待审核"), reports_url(self.month, state="submitted")),
            Segment(len(self.returned), "bad", _("被退回"), reports_url(self.month, state="returned")),
            Segment(len(self.missing), "empty", _("未填"), missing),
        ]


class Desk:
    """What lies on the unit's desk; each read once, whichever of its roles asks."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.enters = bool(asked.reach.units_as({Role.COUNTY_ENTRY}))
        self.reviews = bool(asked.reach.units_as({Role.COUNTY_REVIEWER}))

    @cached_property
    def work(self) -> Work | None:
        """The newest open month."""
        month = self.asked.month
        return self._work(month) if month else None

    def _work(self, month: ReportingMonth) -> Work:
        codes = [unit.code for unit in self.asked.units]
        rows: list[Any] = month_work(self.asked.user, month)
        if self.asked.reach.city:  # who also works for the city reports for every unit, but this is the unit's desk
            rows = [row for row in rows if row.project.place_code in codes]
        return Work(month, rows, codes[0] if len(codes) == 1 else "")

    @cached_property
    def earlier(self) -> list[Work]:
        """Open months before it."""
        return [self._work(month) for month in self.asked.open_months[1:]]

    def reports(self) -> Any:
        """Every report of the own units, with the unit's key."""
        held = self.asked.reach.units_as(UNIT_ROLES)
        rows: Any = ProgressReport.objects.visible_to(self.asked.user).with_home_unit()
        rows = rows.filter(home_unit__in=held)
        return rows.select_related("project__community", "month", "entered_by", "reviewed_by")

    @cached_property
    def returned(self) -> list[Any]:
        """Reports that came back and were not handed in again, the oldest return first."""
        return list(self.reports().returned().order_by("reviewed_at", "pk"))

    @cached_property
    def queue(self) -> dict[str, Any]:
        """What the person may decide on: how many, and since when the oldest waits."""
        rows: Any = ProgressReport.objects.reviewable_by(self.asked.user).with_home_unit()
        rows = rows.filter(home_unit__in=self.asked.reach.units_as({Role.COUNTY_REVIEWER}))
        return dict(rows.aggregate(number=Count("pk"), oldest=Min("submitted_at")))

    @cached_property
    def own_entries(self) -> int:
        """Waiting reports that the person entered, and may therefore not decide on."""
        return int(self.reports().waiting().filter(IsAmong(self.asked.user.pk, F("authors"))).count())

    @cached_property
    def left_over(self) -> list[Any]:
        """What people began whose term in the unit has ended: whoever fills in now goes on with it."""
        post = Membership.objects.filter(user=OuterRef("entered_by"), unit=OuterRef("home_unit"), role__in=UNIT_ROLES)
        gone = Exists(post) & ~Exists(post.filter(in_term(today())))
        rows = self.reports().begun().filter(gone, state__in=[ReportState.DRAFT, ReportState.RETURNED])
        return list(rows.order_by("month__year", "month__number", "project__community__pinyin", "pk"))


def unit_part(asked: Asked) -> Part:
    """本月工作 for whoever fills in or reviews; somebody who does both finds both, each thing once."""
    desk = Desk(asked)
    panels = []
    if desk.reviews:
        panels.append(_queue_panel(desk))
    panels += [_returned_panel(desk), _late_panel(desk)]
    if desk.enters:
        panels.append(_left_over_panel(desk))
    panels.append(lights_panel(asked))
    head = _entry_head(desk) if desk.enters else _review_head(desk)
    return Part(_("本月工作"), asked.place, head, panels)


def _entry_head(desk: Desk) -> Head:
    work = desk.work
    if work is None:
        return Head(_("现在没有开放填报的月份"), _("市新社区办开放后，这里列出要填的项目。"))
    told = {"month": work.month.number, "number": work.todo}
    if not work.rows:
        return Head(_("%(month)d 月没有要填的项目") % told, _("本单位还没有登记项目，登记后在这里填月报。"))
    action = None
    title = _("%(month)d 月月报都填完了") % told
    if work.todo:
        title = _("%(month)d 月月报还有 %(number)d 个项目要填") % told
        first = (work.missing or work.returned)[0]
        action = Action(_("继续填报"), form_url(first.project.pk, work.month))
    head = _month_head(work, desk, title, action, _("继续填报（%(number)d 个）") % told)
    if action is None:
        return head
    # A desk has the room for all projects in one table, and for Excel; a phone fills in one after the other.
    by_excel = upload_actions(desk.asked.user, _("用 Excel 填"), "month", work.unit_code, str(work.month))
    return replace(head, desk_url=reverse("facilities:batch", args=[str(work.month)]), desk_actions=by_excel)


def _review_head(desk: Desk) -> Head:
    work, number = desk.work, desk.queue["number"]
    told = {"number": number}
    action = Action(_("去审核"), reverse("facilities:review")) if number else None
    title = _("有 %(number)d 份月报等你审核") % told if number else _("没有等你审核的月报")
    if work is None or not work.rows:
        return Head(title, _("现在没有开放填报的月份。") if work is None else "", action=action)
    return _month_head(work, desk, title, action, _("去审核（%(number)d 份）") % told)


def _month_head(work: Work, desk: Desk, title: str, action: Action | None, short: str) -> Head:
    month, day = work.month, desk.asked.day
    told = {"month": month.number, "day": day_sentence(month.due_on), "number": len(work.rows)}
    return Head(
        title,
        _("%(month)d 月月报 %(day)s截止") % told,
        time_left(month.due_on, day),
        bool(work.todo) and month.due_on < day,
        work.segments,
        _("共 %(number)d 个项目") % told,
        action,
        short,
    )


def _queue_panel(desk: Desk) -> Panel:
    number, oldest = desk.queue["number"], desk.queue["oldest"]
    lines = []
    if number:
        told = {"number": number, "when": format_moment(oldest, with_year=True)}
        text = _("最早一份 %(when)s 提交") % told
        lines.append(Line(_("%(number)d 份等你审核") % told, text, reverse("facilities:review"), _("去审核")))
    if desk.own_entries:
        told = {"number": desk.own_entries}
        lines.append(Line(_("另有 %(number)d 份是你本人填报") % told, _("须由他人审核。")))
    return Panel("queue", _("待审核"), lines, empty=_("没有待审核的月报。"))


def _returned_panel(desk: Desk) -> Panel:
    """For whoever fills in: what to change. For a reviewer: what was returned and has not come again."""
    found = desk.returned
    people = {str(row.reviewed_by) for row in found}
    lines = []
    for row in found[:SHOWN]:
        url = form_url(row.project_id, row.month) if desk.enters else reverse("facilities:report", args=[row.pk])
        action = _("去修改") if desk.enters else ""
        lines.append(Line(_told(row), row.return_reason, url, action, sample=row.is_sample))
    return Panel(
        "returned",
        _("被退回，要改") if desk.enters else _("退回后还没有重交"),
        lines,
        pill=str(len(found)),
        tone="bad",
        icon="arrow-back-up",
        note=_("退回人：%(name)s") % {"name": people.pop()} if len(people) == 1 else "",
        rest=_("还有 %(number)d 个") % {"number": len(found) - SHOWN} if len(found) > SHOWN else "",
        rest_url=reports_url(state="returned"),
    )


def _late_panel(desk: Desk) -> Panel:
    """What earlier open months still lack, the newest one once it is due, and what came late. The mark stays."""
    works = [*desk.earlier, *([desk.work] if desk.work and desk.work.month.due_on < desk.asked.day else [])]
    lines = [line for work in works for line in _overdue_lines(work, desk)]
    months = [work.month.pk for work in works]
    if not desk.earlier:
        months += [month.pk for month in _month_before(desk.asked)]
    late = desk.reports().late().newest_revision().filter(month__in=months).exclude(state=ReportState.RETURNED)
    lines += [_late_line(row) for row in late.order_by("-month__year", "-month__number", "-first_submitted_at", "pk")]
    return Panel(
        "late",
        _("迟报、逾期"),
        lines[:SHOWN],
        pill=str(len(lines)),
        tone="warn",
        icon="clock-exclamation",
        note=_("补报后仍保留迟报记录"),
        rest=_("还有 %(number)d 个") % {"number": len(lines) - SHOWN} if len(lines) > SHOWN else "",
        rest_url=reports_url(late=True),
    )


def _month_before(asked: Asked) -> list[ReportingMonth]:
    """The month before the newest open one, or the newest month where none is open."""
    if asked.month is None:
        return asked.months[:1]
    return [row for row in asked.months if row.month.next() == asked.month.month]


def _overdue_lines(work: Work, desk: Desk) -> list[Line]:
    found = []
    for row in work.missing:
        told = {"month": str(work.month), "number": row.overdue_days}
        text = _("%(month)s 月报还没有交") % told
        pill = _("逾期 %(number)d 天") % told if row.overdue_days else ""
        title = f"{row.project.community} · {row.project.name}"
        url = form_url(row.project.pk, work.month)
        action = _("去补报") if desk.enters else ""
        found.append(Line(title, text, url, action, pill, "bad", "alarm", row.project.is_sample))
    return found


def _late_line(row: Any) -> Line:
    told = {"month": str(row.month), "when": format_moment(row.first_submitted_at, with_year=True)}
    text = _("%(month)s 月报 %(when)s 才提交") % told
    url = reverse("facilities:report", args=[row.pk])
    return Line(_told(row), text, url, "", _("迟报"), "warn", "clock-exclamation", row.is_sample)


def _left_over_panel(desk: Desk) -> Panel:
    found = desk.left_over
    people = {str(row.entered_by): 0 for row in found}
    for row in found:
        people[str(row.entered_by)] += 1
    notes = [_("%(name)s移交的草稿 %(number)d 份") % {"name": name, "number": n} for name, n in people.items()]
    return Panel(
        "left-over",
        _("交接"),
        [_left_over_line(row) for row in found[:SHOWN]],
        note=_("；").join(notes),
        rest=_("还有 %(number)d 份") % {"number": len(found) - SHOWN} if len(found) > SHOWN else "",
        rest_url=reports_url(state="draft"),
    )


def _left_over_line(row: Any) -> Line:
    told = {"name": str(row.entered_by), "month": str(row.month), "state": row.get_state_display()}
    text = _("%(month)s 月报，%(name)s填的%(state)s，任期已结束") % told
    if not row.is_in_time:  # the form of a closed month is shut
        return Line(_told(row), text, row.get_absolute_url(), sample=row.is_sample)
    return Line(_told(row), text, form_url(row.project_id, row.month), _("接着填"), sample=row.is_sample)
