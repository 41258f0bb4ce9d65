"""Reminders by date: three days before a month is due, one day before, on the first day overdue, then every week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from communities.calendar import working_day
from communities.models import PeriodState, ReportingMonth, ReportingUnit
from communities.roles import Role
from core.formats import day_sentence
from core.periods import today
from facilities.duty import on_duty
from facilities.notice_kinds import DUE, REVIEW_DUE, about
from facilities.report_reads import UnitProgress, unit_duty
from jobs import registry
from jobs.actions import enqueue_once
from jobs.registry import Payload
from notices.actions import send
from notices.workflow import Tone

KIND = "facilities.remind"
FIRST, LAST, WEEK = 3, 1, 7


def step_on(day: dt.date, due_on: dt.date) -> str:
    """The newest reminder that is owed on `day`; empty before the first one.

    A portal that was off on the very day sends it on the next, and no older one after it. The due date is part of
    the step: where it is moved, reminding begins anew.
    """
    left = (due_on - day).days
    if left > FIRST:
        return ""
    name = f"overdue{(-left - 1) // WEEK}" if left < 0 else f"before{LAST if left <= LAST else FIRST}"
    return f"{name}:{due_on.isoformat()}"


def todo(progress: UnitProgress) -> int:
    """Projects that a unit's entry still has to hand in: never reported, or returned and not handed in again."""
    return progress.missing + progress.returned


def missing_words(progress: UnitProgress, month: ReportingMonth) -> str:
    """What a unit still has to hand in, as a heading."""
    told = {"unit": progress.unit.short_name, "month": month, "number": todo(progress)}
    return _("%(unit)s %(month)s 月报还有 %(number)d 个项目没有交") % told


def state_words(progress: UnitProgress, month: ReportingMonth, day: dt.date) -> str:
    """How many of how many are missing, and until when."""
    told = {
        "unit": progress.unit.short_name,
        "expected": progress.expected,
        "missing": progress.missing,
        "returned": progress.returned,
    }
    words = _("%(unit)s应报 %(expected)d 个项目，没报 %(missing)d 个。") % told
    if progress.returned:
        words = _("%(unit)s应报 %(expected)d 个项目，没报 %(missing)d 个，被退回要改 %(returned)d 个。") % told
    return f"{words}{due_words(month, day)}"


def due_words(month: ReportingMonth, day: dt.date) -> str:
    """When the month is due, and how far that is."""
    left = (month.due_on - day).days
    told = {"day": day_sentence(month.due_on), "number": abs(left)}
    if left < 0:
        return _("%(day)s截止，已逾期 %(number)d 天。") % told
    return _("%(day)s截止，还有 %(number)d 天。") % told if left else _("%(day)s截止，就是今天。") % told


def month_url(month: ReportingMonth, unit: ReportingUnit) -> str:
    """Where the unit fills the month in: what is missing stands there, also where nobody has begun."""
    return f"{reverse('facilities:batch', args=[str(month)])}?{urlencode({'unit': unit.code})}"


def remind(key: str, payload: Payload) -> dict[str, Any]:
    """Send every reminder that is owed today and was not sent; the handler of `facilities.remind`."""
    day, sent = working_day(), 0
    units = list(ReportingUnit.objects.all())
    with override(settings.LANGUAGE_CODE):
        for month in ReportingMonth.objects.filter(state=PeriodState.OPEN):
            sent += _remind_of(month, units, day)
    return {"sent": sent}


def _remind_of(month: ReportingMonth, units: Sequence[ReportingUnit], day: dt.date) -> int:
    step = step_on(day, month.due_on)
    if not step:
        return 0
    entry, review = on_duty(Role.COUNTY_ENTRY, units), on_duty(Role.COUNTY_REVIEWER, units)
    sent = 0
    for progress in unit_duty(month, units):
        key = progress.unit.pk
        sent += _remind_entry(month, progress, entry.get(key, []), step, day)
        if (month.due_on - day).days <= LAST:
            sent += _remind_review(month, progress, review.get(key, []), step, day)
    return sent


def _remind_entry(
    month: ReportingMonth, progress: UnitProgress, people: Sequence[User], step: str, day: dt.date
) -> int:
    if not todo(progress):
        return 0
    sent = send(
        DUE,
        people,
        title=missing_words(progress, month),
        body=state_words(progress, month, day),
        link=month_url(month, progress.unit),
        about=about(month, progress.unit),
        step=step,
        tone=_tone(month, day),
    )
    return int(sent is not None and sent.fresh)


def _remind_review(
    month: ReportingMonth, progress: UnitProgress, people: Sequence[User], step: str, day: dt.date
) -> int:
    if not progress.waiting:
        return 0
    told = {"unit": progress.unit.short_name, "month": month, "number": progress.waiting}
    sent = send(
        REVIEW_DUE,
        people,
        title=_("%(unit)s %(month)s 月报有 %(number)d 份等你审核") % told,
        body=due_words(month, day),
        link=reverse("facilities:review"),
        about=about(month, progress.unit),
        step=step,
        tone=_tone(month, day),
    )
    return int(sent is not None and sent.fresh)


def _tone(month: ReportingMonth, day: dt.date) -> Tone:
    return Tone.BAD if month.due_on < day else Tone.WARN


def ask() -> None:
    """Have the day's reminders sent: one job a day, however many ask."""
    # By the clock, also in a sample city, whose working day stands still.
    enqueue_once(KIND, "months", today().isoformat())


def register() -> None:
    """Tell the ledger who does it."""
    registry.register(KIND, remind, label=gettext_lazy("月报提醒"))
