"""Every write of rounds: opening and closing them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import PeriodState, ReportingQuarter
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import save_version
from inspections.models import Round, RoundState, ScoringSheet
from inspections.workflow import may_move


@transaction.atomic
def open_round(
    quarter: ReportingQuarter,
    *,
    plan_number: str,
    sheet: ScoringSheet,
    starts_on: dt.date,
    ends_on: dt.date,
    actor: User,
    name: str = "",
) -> Round:
    """Open the quarter's round, under the number by which the year's inspection plan was filed.

    A round that is planned for the quarter is opened; otherwise one is made. Raises NotAllowed, WrongState for a
    quarter that is not open or has its round already, RuleViolation without a number, a sheet with items, or order.
    """
    _require_office(actor)
    if not plan_number.strip():
        raise RuleViolation(_("没有年度检查计划的备案号，不能开展检查。填上备案号。"), field="plan_number")
    if not sheet.items.exists():
        raise RuleViolation(_("评分表“%s”还没有评分项。选另一张。") % sheet, field="sheet")
    held = ReportingQuarter.objects.select_for_update(no_key=True).get(pk=quarter.pk)
    if held.state != PeriodState.OPEN:
        raise WrongState(
            _("%(quarter)s %(state)s，不能开展检查。先开放这个季度。")
            % {"quarter": held, "state": held.get_state_display()},
            field="quarter",
        )
    values = {
        "name": name.strip() or _("%s拉练式检查督办") % held.quarter.title,
        "plan_number": plan_number.strip(),
        "sheet": sheet,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "state": RoundState.OPEN,
    }
    existing = Round.objects.filter(quarter=held).first()
    if existing is not None and not may_move(existing.state, RoundState.OPEN):
        raise WrongState(
            _("%(quarter)s 已经有一轮检查，%(state)s。一个季度一轮。")
            % {"quarter": held, "state": existing.get_state_display()},
            field="quarter",
        )
    with rules_as_sentences(Round):
        if existing is not None:
            return save_version(existing, values, expected=existing.version)
        return Round.objects.create(quarter=held, **values)


@transaction.atomic
def close_round(round_: Round, *, actor: User) -> Round:
    """End the scoring. What is not submitted by now stays a draft and does not count; there is no way back.

    Raises NotAllowed, WrongState where the round is not open.
    """
    _require_office(actor)
    locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
    if not may_move(locked.state, RoundState.CLOSED):
        raise WrongState(
            _("“%(round)s”%(state)s，不能结束评分。") % {"round": locked, "state": locked.get_state_display()}
        )
    return save_version(locked, {"state": RoundState.CLOSED}, expected=locked.version)


def _require_office(actor: User) -> None:
    if not Round.objects.creatable_by(actor):
        raise NotAllowed(_("检查轮次由市新社区办开展和结束，你的岗位不能操作。"))
