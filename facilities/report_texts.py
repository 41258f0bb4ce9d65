"""What the pages of the monthly report say: values in words, marks, and where the filled-in values come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from communities.models import ReportingMonth
from core.formats import day
from facilities.form_fields import shown as in_words
from facilities.models import ProgressReport, Project
from facilities.report_workflow import CONTENT, CUMULATIVE, ReportState
from facilities.workflow import Stage

if TYPE_CHECKING:
    from facilities.report_forms import ReportForm

TONES = {
    ReportState.DRAFT: "",
    ReportState.SUBMITTED: "info",
    ReportState.RETURNED: "bad",
    ReportState.APPROVED: "ok",
}
ICONS = {ReportState.RETURNED: "arrow-back-up", ReportState.APPROVED: "check"}


def counting_rules() -> list[tuple[str, str, str]]:
    """Name, label and counting rule of everything that a report says, in the order of the form."""
    fields: list[Any] = [ProgressReport._meta.get_field(name) for name in CONTENT]
    return [(field.name, str(field.verbose_name), str(field.help_text)) for field in fields]


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
    shown |= {name: in_words(last[name]) for name in CUMULATIVE}
    return {name: _("上次：%(value)s") % {"value": value} for name, value in shown.items() if value}


@dataclass(frozen=True)
class MoneyLine:
    """One source on the form: what arrived and what was paid, and what the last report said. `used` where anything
    is planned or known of it; the others are folded away.
    """

    label: str
    planned: Decimal | None
    arrived: BoundField
    paid: BoundField
    last_arrived: str
    last_paid: str
    used: bool


def money_lines(form: ReportForm, last: Mapping[str, Any]) -> list[MoneyLine]:
    """The sources in their order."""
    found = []
    for source, arrived, paid in form.money_rows():
        planned = getattr(form.project, f"fund_{source}")
        known = (planned or None, last[arrived.name], last[paid.name], arrived.errors, arrived.value(), paid.value())
        lasts = in_words(last[arrived.name]), in_words(last[paid.name])
        found.append(MoneyLine(str(source.label), planned, arrived, paid, *lasts, used=any(map(_given, known))))
    return found


def _given(value: Any) -> bool:
    return bool(value) or value == 0


def source_words(project: Project, month: ReportingMonth) -> str:
    """Where the values that the form opens with come from."""
    rows = ProgressReport.objects.approved().filter(project=project).until(month)
    last = rows.select_related("month").newest_first().first()
    if last is None:
        return _("第一次填报，阶段取已登记的")
    return _("%(month)s 的数已填好") % {"month": last.month}


def marks_of(report: ProgressReport) -> list[Mark]:
    """Lateness, on whose behalf, corrections, who decided: what a reader must know besides the state."""
    found = [Mark(report.state_label, TONES[ReportState(report.state)], ICONS.get(report.state, ""))]  # type: ignore[call-overload]
    if report.is_late:
        found.append(Mark(_("迟报"), "warn", "clock-exclamation"))
    if report.on_behalf:
        found.append(Mark(_("代填")))
    if report.is_correction:
        found.append(Mark(_("更正，第 %(number)d 版") % {"number": report.revision}, "info"))
    if report.state == ReportState.APPROVED and report.reviewed_for_unit:
        found.append(Mark(_("市新社区办代审"), "info"))
    return found
