"""How a report's stage becomes a dated stage row, and when it cannot (docs/decisions/0009-reports-and-stages.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from communities.actions.checks import check_day
from communities.models import ReportingMonth
from core.errors import RuleViolation
from core.sentences import gettext as _
from facilities.models import ProgressReport, Project, StageEvent
from facilities.workflow import Stage, is_step_back


@dataclass(frozen=True)
class Standing:
    """The stage that the records give a project by a month's last day; 谋划 without a day where there is none."""

    stage: int
    occurred_on: dt.date | None
    basis: str


NOWHERE = Standing(Stage.CONCEIVED, None, "")


def standing_of(latest: StageEvent | None) -> Standing:
    """What the latest stage row says; 谋划 where there is none."""
    return NOWHERE if latest is None else Standing(latest.stage, latest.occurred_on, latest.basis)


def stage_by(project: Project, month: ReportingMonth) -> Standing:
    """The stage of record by the month's last day."""
    return standing_of(project.stages.filter(occurred_on__lte=month.month.last_day).latest_first().first())


def check_stage(project: Project, report: ProgressReport, before: Standing | None = None) -> bool:
    """Whether approval would add a stage row, checked against the records of now, or `before` where that is known.

    Raises RuleViolation on the field where the stage cannot have been reached as reported: no day, a day before the
    last step, after the month's end or still to come, no reason for a step that is no advance, or a later step or
    later approved report that rests on what stands.
    """
    before = before or stage_by(project, report.month)
    if not moves(report, before):
        return False
    _require_nothing_later(project, report)
    check_step(report, before)
    return True


def moves(report: ProgressReport, before: Standing) -> bool:
    """Whether the report says another stage, or another day, than the records."""
    return report.stage != before.stage or report.stage_on not in (None, before.occurred_on)


def check_step(report: ProgressReport, before: Standing) -> None:
    """The part of `check_stage` that asks no database: the day and the reason. Raises RuleViolation on the field."""
    _require_day(report, before)
    if is_step_back(before.stage, report.stage) and before.occurred_on is not None and not report.stage_reason:
        raise RuleViolation(
            _("现在是“%(before)s”，填的是“%(new)s”，没有前进。写明原因再提交。")
            % {"before": Stage(before.stage).label, "new": Stage(report.stage).label},
            field="stage_reason",
        )


def step_error(month: ReportingMonth, values: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, str]:
    """What `check_stage` would refuse of content without asking what came later, by field; asks no database.

    `last` is what `prefill` gives: the stage of record. Values without a stage are not judged.
    """
    told = {name: values.get(name) for name in ("stage", "stage_on", "stage_basis", "stage_reason")}
    if told["stage"] is None:
        return {}
    before, report = Standing(last["stage"], last["stage_on"], last["stage_basis"]), ProgressReport(month=month, **told)
    try:
        if moves(report, before):
            check_step(report, before)
    except RuleViolation as refusal:
        return {str(refusal.field): refusal.message}
    return {}


def record_reported_stage(project: Project, report: ProgressReport) -> StageEvent | None:
    """Add the stage row that an approved report stands for, None where the stage is as recorded.

    The caller holds the project's lock. The row is entered in the name of who reported it. Raises RuleViolation.
    """
    if not check_stage(project, report):
        return None
    return StageEvent.objects.create(
        project=project,
        stage=report.stage,
        occurred_on=report.stage_on,  # type: ignore[misc]  # checked above
        basis=report.stage_basis,
        reason=report.stage_reason,
        recorded_by_id=report.entered_by_id,
        is_sample=report.is_sample,
    )


def _require_nothing_later(project: Project, report: ProgressReport) -> None:
    """What came later was entered, reviewed and counted on the strength of what stands; it is not pulled away."""
    last = report.month.month.last_day
    later = project.stages.filter(occurred_on__gt=last).order_by("occurred_on", "pk").first()
    if later is not None:
        raise RuleViolation(
            _("后来已登记“%(stage)s”（%(day)s），%(month)s 的阶段不能再改。要改，请在最近一个月的月报里改。")
            % {"stage": later.get_stage_display(), "day": later.occurred_on, "month": report.month},
            field="stage",
        )
    approved = ProgressReport.objects.approved().filter(project=project).after(report.month).chronological().first()
    if approved is not None:
        raise RuleViolation(
            _("%(later)s 的月报已经通过，%(month)s 的阶段不能再改。要改，请在最近一个月的月报里改。")
            % {"later": approved.month, "month": report.month},
            field="stage",
        )


def _require_day(report: ProgressReport, before: Standing) -> None:
    day, last = report.stage_on, report.month.month.last_day
    if day is None:
        raise RuleViolation(_("阶段有变化，请填实际到达“%s”的日期。") % Stage(report.stage).label, field="stage_on")
    check_day(day, "stage_on")
    if day > last:
        raise RuleViolation(
            _("到达日期 %(day)s 在 %(month)s 之后，请写进那个月的月报。") % {"day": day, "month": report.month},
            field="stage_on",
        )
    if before.occurred_on is not None and day < before.occurred_on:
        raise RuleViolation(
            _("上一步“%(stage)s”登记在 %(last)s，这次填了 %(day)s，更早。日期不能早于上一步。")
            % {"stage": Stage(before.stage).label, "last": before.occurred_on, "day": day},
            field="stage_on",
        )
