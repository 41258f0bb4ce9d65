"""What pages ask of the monthly reports: what is known already, what changed, what is odd, what is still to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from communities.calendar import working_day
from communities.models import ReportingMonth
from facilities.models import ProgressReport, Project
from facilities.percent_ranges import PERCENT_OF_STAGE, SOURCE
from facilities.report_stages import stage_by
from facilities.report_workflow import ReportState
from facilities.workflow import Stage

# What a new report takes from the last one. The stage is that of record; a reason is given once.
_REPEATED = ("percent", "text", "problem", "help_wanted", "explanation")


@dataclass(frozen=True)
class SoftWarning:
    """Something that may be right and asks for a sentence. `field` is where it is shown, `source` how sure it is."""

    field: str
    message: str
    source: str


@dataclass(frozen=True)
class MonthRow:
    """One project in a month. `report` is the newest revision, None where nobody has entered anything."""

    project: Project
    report: ProgressReport | None
    state: ReportState | None
    # Days since the due date while nothing has been submitted; 0 before it and once something was.
    overdue_days: int
    is_late: bool


def prefill(project: Project, month: ReportingMonth) -> dict[str, Any]:
    """Values of every content field as the form opens with them.

    The stage is the one that the records give by the month's last day; the rest is what the newest approved report
    before the month said, empty where there is none.
    """
    standing = stage_by(project, month)
    values: dict[str, Any] = {
        "stage": standing.stage,
        "stage_on": standing.occurred_on,
        "stage_basis": standing.basis,
        "stage_reason": "",
        "percent": None,
        "text": "",
        "problem": "",
        "help_wanted": "",
        "explanation": "",
    }
    last = ProgressReport.objects.approved().filter(project=project).until(month).newest_first().first()
    if last is not None:
        values |= {field: getattr(last, field) for field in _REPEATED}
    return values


def soft_warnings(project: Project, values: Mapping[str, Any]) -> list[SoftWarning]:
    """What is odd in `values` (content fields; missing ones are not judged). No warning refuses anything."""
    found = []
    stage, percent = values.get("stage"), values.get("percent")
    if stage is not None and percent is not None:
        low, high = PERCENT_OF_STAGE[int(stage)]
        if not low <= percent <= high:
            found.append(
                SoftWarning(
                    "percent",
                    _("进度 %(percent)s%%，阶段是“%(stage)s”，一般在 %(low)s%% 到 %(high)s%% 之间。属实请写一句说明。")
                    % {"percent": percent, "stage": Stage(int(stage)).label, "low": low, "high": high},
                    str(SOURCE),
                )
            )
    return found


def month_work(user: User, month: ReportingMonth) -> list[MonthRow]:
    """The month's projects that this person may report on, in the order of communities, with how far each is.

    Three queries however many projects there are.
    """
    projects = (
        Project.objects.reportable_by(user)
        .expected_in(month)
        .with_stage(month.month.last_day)
        .with_place()
        .select_related("community")
        .order_by("place_order", "community__pinyin", "community", "kind", "pk")  # type: ignore[misc]  # annotated
    )
    rows = ProgressReport.objects.of_month(month).newest_revision().filter(project__in=projects.values("pk"))
    reports = {report.project_id: report for report in rows.select_related("entered_by", "reviewed_by")}
    overdue = max(0, (working_day() - month.due_on).days)
    return [_month_row(project, reports.get(project.pk), overdue) for project in projects]


def _month_row(project: Project, report: ProgressReport | None, overdue: int) -> MonthRow:
    if report is None:
        return MonthRow(project, None, None, overdue, False)
    filed = report.first_submitted_at is not None
    return MonthRow(project, report, ReportState(report.state), 0 if filed else overdue, report.is_late)
