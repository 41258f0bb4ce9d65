"""What the pages of the monthly report say: values in words, marks, and where the filled-in values come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from communities.models import ReportingMonth
from core.formats import day
from facilities.models import ProgressReport, Project
from facilities.report_workflow import ReportState
from facilities.workflow import Stage

TONES = {
    ReportState.DRAFT: "",
    ReportState.SUBMITTED: "info",
    ReportState.RETURNED: "bad",
    ReportState.APPROVED: "ok",
}
ICONS = {ReportState.RETURNED: "arrow-back-up", ReportState.APPROVED: "check"}


@dataclass(frozen=True)
class Mark:
    """A few words that stay with a report, in the tone of what they mean."""

    text: str
    tone: str = ""
    icon: str = ""


def last_words(last: Mapping[str, Any]) -> dict[str, str]:
    """What stands beside each label: 上次：基础. Long texts are in their fields already."""
    shown = {
        "stage": str(Stage(last["stage"]).label),
        "percent": "" if last["percent"] is None else f"{last['percent']}%",
        "stage_on": day(last["stage_on"]) if last["stage_on"] else "",
        "stage_basis": last["stage_basis"],
    }
    return {name: _("上次：%(value)s") % {"value": value} for name, value in shown.items() if value}


def source_words(project: Project, month: ReportingMonth) -> str:
    """Where the values that the form opens with come from."""
    rows = ProgressReport.objects.approved().filter(project=project).until(month)
    last = rows.select_related("month").newest_first().first()
    if last is None:
        return _("第一次填报，阶段取已登记的")
    return _("%(month)s 的数已填好") % {"month": last.month}


def marks_of(report: ProgressReport) -> list[Mark]:
    """Lateness, on whose behalf, corrections, who decided: what a reader must know besides the state."""
    found = [Mark(report.get_state_display(), TONES[ReportState(report.state)], ICONS.get(report.state, ""))]  # type: ignore[call-overload]
    if report.is_late:
        found.append(Mark(_("迟报"), "warn", "clock-exclamation"))
    if report.on_behalf:
        found.append(Mark(_("代填")))
    if report.is_correction:
        found.append(Mark(_("更正，第 %(number)d 版") % {"number": report.revision}, "info"))
    if report.state == ReportState.APPROVED and report.reviewed_for_unit:
        found.append(Mark(_("市新社区办代审"), "info"))
    return found
