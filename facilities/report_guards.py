"""When a report may be written: the state it is in, its month, and the months before it."""

from __future__ import annotations

from communities.models import PeriodState, ReportingMonth
from core.errors import RuleViolation, WrongState
from core.sentences import gettext as _
from facilities.models import ProgressReport, Project
from facilities.report_workflow import OPEN, ReportState, in_time, may_become


def require_open(month: ReportingMonth, state: str = "") -> None:
    """Raises WrongState unless the month is open. `state` is the month's where it is known already."""
    state = state or ReportingMonth.objects.values_list("state", flat=True).get(pk=month.pk)
    if state == PeriodState.CLOSED:
        raise WrongState(_("%(month)s 已关闭填报。要补报，请市新社区办重新开放。") % {"month": month})
    if state != PeriodState.OPEN:
        raise WrongState(_("%(month)s 还没有开放填报。") % {"month": month})


def require_editable(report: ProgressReport, month_state: str = "") -> None:
    """Raises WrongState unless the content may be changed now. `month_state` where it is known already."""
    if report.state not in OPEN:
        raise WrongState(_("这份月报现在是“%s”，不能改内容。") % report.get_state_display())
    require_in_time(report, month_state)


def require_in_time(report: ProgressReport, month_state: str = "") -> None:
    """A month's first report waits for its month to be open; what came back and corrections do not."""
    if not in_time(report.state, corrects=report.is_correction, month_open=False):
        require_open(report.month, month_state)


def require_way_forward(report: ProgressReport, state: str = "") -> None:
    """Raises WrongState where a report that is taken back could not be submitted again: its month is closed.

    `state` is the month's where it is known already.
    """
    state = state or ReportingMonth.objects.values_list("state", flat=True).get(pk=report.month_id)
    if not in_time(ReportState.DRAFT, corrects=report.is_correction, month_open=state == PeriodState.OPEN):
        raise WrongState(
            _("%(month)s 已关闭填报，撤回后就不能再提交，所以不能撤回。要改，请审核人退回。") % {"month": report.month}
        )


def require_move(report: ProgressReport, state: ReportState) -> None:
    """Raises WrongState where the table of moves has no such one."""
    if not may_become(report.state, state):
        raise WrongState(
            _("这份月报现在是“%(before)s”，不能改成“%(after)s”。")
            % {"before": report.get_state_display(), "after": state.label}
        )


def require_earlier_months_settled(project: Project, month: ReportingMonth) -> None:
    """Raises WrongState while an earlier month has a report that is not approved: repeating would undo what it says."""
    rows = ProgressReport.objects.filter(project=project).unsettled_before(month)
    earlier = rows.select_related("month").chronological().first()
    if earlier is not None:
        raise WrongState(
            _("%(month)s 的月报是“%(state)s”，还没有通过，照报会把它改的退回去。先办完那一份，或打开这个月的月报填。")
            % {"month": earlier.month, "state": earlier.get_state_display()}
        )


def require_earlier_months_decided(stored: ProgressReport) -> None:
    """Raises RuleViolation while an earlier month of the project waits for review."""
    earlier = ProgressReport.objects.before(stored).waiting().exclude(month=stored.month).chronological().first()
    if earlier is not None:
        raise RuleViolation(_("这个项目 %(month)s 的月报还没审。先审早的，再审这一份。") % {"month": earlier.month})
