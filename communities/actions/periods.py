"""Reporting months and quarters: opened and moved by the city office, never by the clock; months are closed, too.

A quarter is not: see docs/decisions/0007-quarters-are-not-closed-yet.md.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import require_city_office, require_reason
from communities.models import PeriodState, ReportingMonth, ReportingQuarter
from communities.workflow import may_become
from core.constraints import require_valid, rules_as_sentences
from core.errors import RuleViolation, WrongState
from core.models import save_version
from core.periods import Month, Quarter, today

P = TypeVar("P", ReportingMonth, ReportingQuarter)


def open_month(
    month: Month, *, actor: User, opens_on: dt.date | None = None, due_on: dt.date | None = None
) -> ReportingMonth:
    """Open a month for reporting; make its row where there is none yet, which needs both dates.

    Raises NotAllowed unless the actor is of the city office, WrongState where it is open already,
    RuleViolation for a month that has not begun and for dates that do not fit.
    """
    return _open(ReportingMonth, month, actor=actor, opens_on=opens_on, due_on=due_on)


def open_quarter(
    quarter: Quarter, *, actor: User, opens_on: dt.date | None = None, due_on: dt.date | None = None
) -> ReportingQuarter:
    """Open a quarter, like `open_month`. WrongState also where it is closed or published: its figures stand."""
    return _open(ReportingQuarter, quarter, actor=actor, opens_on=opens_on, due_on=due_on)


@transaction.atomic
def close_month(month: ReportingMonth, *, actor: User) -> ReportingMonth:
    """End reporting for a month. Raises NotAllowed, or WrongState where it is not open."""
    require_city_office(actor)
    return _turn(_locked(month), PeriodState.CLOSED)


@transaction.atomic
def move_due_date(period: P, due_on: dt.date, *, reason: str, expected_version: int, actor: User) -> P:
    """Move the due date, with a reason that everybody sees. What is late is judged by the stored date.

    Raises NotAllowed, StaleVersion, WrongState where the period is closed, RuleViolation for a date before
    the opening or the same as before, and for the reason that was given the last time.
    """
    require_city_office(actor)
    stored = _locked(period)
    if stored.state == PeriodState.CLOSED:
        raise WrongState(_("%s已关闭，不能再改截止日期。") % stored)
    why = require_reason(reason)
    if due_on < stored.opens_on:
        raise RuleViolation(
            _("截止日期 %(due)s 早于开放日期 %(opens)s。") % {"due": due_on, "opens": stored.opens_on}, field="due_on"
        )
    if expected_version == stored.version:
        if due_on == stored.due_on:
            raise RuleViolation(_("截止日期本来就是 %s。") % due_on, field="due_on")
        if why == stored.due_reason:
            raise RuleViolation(_("上次改期写的也是“%s”。写明这一次为什么改。") % why, field="due_reason")
    with rules_as_sentences(type(stored)):
        return save_version(stored, {"due_on": due_on, "due_reason": why}, expected=expected_version)


@transaction.atomic
def _open(model: type[P], span: Month | Quarter, *, actor: User, opens_on: dt.date | None, due_on: dt.date | None) -> P:
    require_city_office(actor)
    _require_begun(span)
    key = {"year": span.year, "number": span.number}
    stored: P | None = model._default_manager.select_for_update().filter(**key).first()
    if stored is not None:
        return _turn(stored, PeriodState.OPEN)
    if opens_on is None or due_on is None:
        raise RuleViolation(_("请填开放日期和截止日期。"), field="opens_on" if opens_on is None else "due_on")
    if due_on < opens_on:
        raise RuleViolation(
            _("截止日期 %(due)s 早于开放日期 %(opens)s。") % {"due": due_on, "opens": opens_on}, field="due_on"
        )
    period = model(**key, opens_on=opens_on, due_on=due_on, state=PeriodState.OPEN)
    require_valid(period)
    with rules_as_sentences(model):
        period.save()
    return period


def _require_begun(span: Month | Quarter) -> None:
    if span.first_day > today():
        raise RuleViolation(
            _("%(first)s 才开始，今天是 %(today)s。到了那天再开放。") % {"first": span.first_day, "today": today()},
            field="number",
        )


def _locked(period: P) -> P:
    found: P = type(period)._default_manager.select_for_update().get(pk=period.pk)
    return found


def _turn(period: P, state: PeriodState) -> P:
    published: Any = getattr(period, "published_on", None)
    if state == PeriodState.OPEN and published is not None:
        raise WrongState(_("%(period)s已在 %(day)s 公布，不能再开放。") % {"period": period, "day": published})
    if not may_become(period.state, state, closes=isinstance(period, ReportingMonth)):
        raise WrongState(
            _("%(period)s现在是“%(before)s”，不能改成“%(after)s”。")
            % {"period": period, "before": period.get_state_display(), "after": state.label}
        )
    with rules_as_sentences(type(period)):
        return save_version(period, {"state": state}, expected=period.version)
