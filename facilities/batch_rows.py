"""The month of a whole unit as rows: what each project said last, what is entered now, and how far it is.

A handful of queries, however many projects there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.models import ReportingMonth
from facilities.evidence import evidence_asked
from facilities.form_fields import raw
from facilities.models import ProgressReport, Project
from facilities.money import Source
from facilities.report_reads import invested_before, month_work, prefills
from facilities.report_workflow import CONTENT, UNEXPLAINED, ReportState


class RowState(TextChoices):
    """Where a row stands. The first four may be filled in, the others are only read."""

    BLANK = "blank", _("未填")
    SAME = "same", _("无变化")
    CHANGED = "changed", _("已改")
    RETURNED = "returned", _("被退回")
    FILED = "filed", _("待审核")
    DONE = "done", _("已通过")
    CORRECTING = "correcting", _("更正中")


OPEN = frozenset({RowState.BLANK, RowState.SAME, RowState.CHANGED, RowState.RETURNED})


@dataclass(frozen=True)
class Notes:
    """What is wrong with a row: sentences by field, and those that ask for an explanation."""

    errors: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[Any] = ()
    answered: bool = True

    @property
    def asks(self) -> bool:
        """Whether a sentence is still missing."""
        return bool(self.warnings) and not self.answered


@dataclass
class SheetRow:
    """One project of the month. `values` are what is entered or, before that, `last`: what the last report said."""

    project: Project
    report: ProgressReport | None
    last: Mapping[str, Any]
    # What had been invested before the month; the key of the last approved report, which may be corrected.
    before: Decimal | None
    last_report: int | None
    # What proves each stage (`evidence_asked`).
    papers: Mapping[int, str] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    # What was sent and could not be taken, as it was typed: shown again instead of what is stored.
    sent: Mapping[str, str] = field(default_factory=dict)
    # It was sent as “no change”.
    marked: bool = False
    # It waits for review, and the person may take it back.
    may_withdraw: bool = False

    @property
    def values(self) -> Mapping[str, Any]:
        """Every content field."""
        return self.last if self.report is None else {name: getattr(self.report, name) for name in CONTENT}

    @cached_property
    def now(self) -> dict[str, str]:
        """Every content field as its control holds it."""
        return {name: raw(value) for name, value in self.values.items()} | dict(self.sent)

    @cached_property
    def was(self) -> dict[str, str]:
        """The last report as controls would hold it."""
        return {name: raw(value) for name, value in self.last.items()}

    @property
    def changed(self) -> list[str]:
        """Fields that say something else than the last report."""
        return [name for name in UNEXPLAINED if self.now[name] != self.was[name]]

    @property
    def standing(self) -> RowState:
        """Where it stands."""
        report = self.report
        if report is None:
            return RowState.CHANGED if self.changed else RowState.SAME if self.marked else RowState.BLANK
        if report.state in (ReportState.SUBMITTED, ReportState.APPROVED):
            return RowState.FILED if report.state == ReportState.SUBMITTED else RowState.DONE
        if report.is_correction:
            return RowState.CORRECTING
        if report.state == ReportState.RETURNED:
            return RowState.RETURNED
        return RowState.CHANGED if self.changed else RowState.BLANK if report.is_blank else RowState.SAME

    @property
    def is_open(self) -> bool:
        """Whether it may be filled in here."""
        return self.standing in OPEN

    @cached_property
    def sources(self) -> list[str]:
        """Sources of which anything is planned, known or entered."""
        return [source.value for source in Source if self._uses(source)]

    def _uses(self, source: Source) -> bool:
        names = (f"arrived_{source}", f"paid_{source}")
        return bool(getattr(self.project, f"fund_{source}")) or any(self.now[name] or self.was[name] for name in names)

    @property
    def is_sample(self) -> bool:
        """Whether the project is a sample."""
        return self.project.is_sample

    @property
    def arrived(self) -> str:
        """The one field of what has arrived, where there is just one source; otherwise empty."""
        return f"arrived_{self.sources[0]}" if len(self.sources) == 1 else ""


def sheet_rows(user: User, month: ReportingMonth) -> list[SheetRow]:
    """The month's projects that the person may report on, in the order of `month_work`."""
    work = month_work(user, month)
    rows = _rows([row.project for row in work], {row.project.pk: row.report for row in work}, month)
    waiting = {row.report.pk: row for row in rows if row.report and row.report.state == ReportState.SUBMITTED}
    if waiting:
        for key in ProgressReport.objects.withdrawable_by(user).filter(pk__in=waiting).values_list("pk", flat=True):
            waiting[key].may_withdraw = True
    return rows


def rows_of(user: User, month: ReportingMonth, keys: set[int]) -> dict[int, SheetRow]:
    """Some projects that the person may report on, by key."""
    projects = list(Project.objects.reportable_by(user).with_place().filter(pk__in=keys).order_by("pk"))
    reports = (
        ProgressReport.objects.of_month(month).newest_revision().filter(project__in=[each.pk for each in projects])
    )
    stored = {report.project_id: report for report in reports.select_related("month")}
    return {row.project.pk: row for row in _rows(projects, stored, month)}


def _rows(
    projects: list[Project], reports: Mapping[int, ProgressReport | None], month: ReportingMonth
) -> list[SheetRow]:
    last, invested = prefills(projects, month), invested_before(projects, month)
    papers = evidence_asked().papers
    rows = ProgressReport.objects.approved().filter(project__in=[each.pk for each in projects]).until(month)
    latest = dict(rows.newest_of_each_project().values_list("project_id", "pk"))
    return [
        SheetRow(each, reports.get(each.pk), last[each.pk], invested[each.pk], latest.get(each.pk), papers)
        for each in projects
    ]
