"""Where one project stands among those that a person reports on in a month, and which comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import ReportingMonth
from communities.scoping import reach_of
from core.components import Action
from facilities.models import Project
from facilities.report_reads import MonthRow, month_work
from facilities.report_workflow import OPEN, REPORTERS


def form_url(project: Project, month: ReportingMonth) -> str:
    """Where the report of a project and month is filled in."""
    return reverse("facilities:report_form", args=[project.pk, str(month)])


def month_action(project: Project, user: User) -> list[Action]:
    """The way from a project to its report of the newest open month, for whoever may fill it in."""
    month = ReportingMonth.objects.current()
    if month is None or not Project.objects.reportable_by(user).filter(pk=project.pk).exists():
        return []
    return [Action(_("%(month)s 月报") % {"month": month}, form_url(project, month), "writing-sign", primary=True)]


def whole_month(user: User, *, primary: bool) -> list[Action]:
    """The way to the newest open month of a whole unit, for whoever fills in."""
    month = ReportingMonth.objects.current() if reach_of(user).roles & set(REPORTERS) else None
    if month is None:
        return []
    address = reverse("facilities:batch", args=[str(month)])
    return [Action(_("%(month)s 整月填报") % {"month": month}, address, "table", primary=primary)]


@dataclass(frozen=True)
class Place:
    """`number` of `total` projects of the unit; `next` is the following one without a submitted report, if any."""

    number: int
    total: int
    next: Project | None
    overdue_days: int

    @property
    def is_last(self) -> bool:
        """Whether nothing is left to fill in after this one."""
        return self.next is None


def place_of(user: User, month: ReportingMonth, project: Project) -> Place:
    """The project's place; `project` must have been read `with_place()`. Number 0 where no report is expected."""
    rows = [row for row in month_work(user, month) if row.project.place_code == project.place_code]  # type: ignore[attr-defined]  # annotated
    keys = [row.project.pk for row in rows]
    at = keys.index(project.pk) if project.pk in keys else -1
    overdue = rows[at].overdue_days if at >= 0 else 0
    return Place(at + 1, len(rows), _next(rows, at), overdue)


def _next(rows: Sequence[MonthRow], at: int) -> Project | None:
    """The first unfilled one after this, then from the beginning."""
    others = [*rows[at + 1 :], *rows[: max(at, 0)]]
    return next((row.project for row in others if row.state is None or row.state in OPEN), None)
