"""催报: the city office urges a unit to hand in what is missing of a month; each time on record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from communities.calendar import working_day
from communities.models import PeriodState, ReportingMonth, ReportingUnit
from communities.roles import Role
from communities.scoping import reach_of
from core.errors import NotAllowed, RuleViolation, WrongState
from core.formats import moment
from core.periods import today
from facilities.duty import on_duty
from facilities.notice_kinds import URGED, about, about_month
from facilities.reminders import missing_words, month_url, state_words, todo
from facilities.report_reads import UnitProgress, unit_duty
from notices.actions import send
from notices.models import Notice
from notices.workflow import Tone

LONGEST_WORDS = 200


@dataclass(frozen=True)
class Urge:
    """The newest 催报 of a unit's month, how many there were, and who has signed for the newest."""

    notice: Notice
    times: int
    at: dt.datetime
    signed: int
    people: int


def require_urger(person: User) -> None:
    """Raises NotAllowed for anybody but the city office."""
    if Role.CITY_OFFICE not in reach_of(person).city:
        raise NotAllowed(_("催报由市新社区办办。"))


def units_behind(month: ReportingMonth) -> list[UnitProgress]:
    """The units that still have something of the month to hand in; none unless it is open."""
    if month.state != PeriodState.OPEN:
        return []
    return [row for row in unit_duty(month, ReportingUnit.objects.all()) if todo(row)]


@transaction.atomic
def urge(month: ReportingMonth, unit: ReportingUnit, *, actor: User, words: str = "") -> Notice:
    """Tell the unit's entry people that the city office waits, with what `words` add.

    Raises NotAllowed for anybody but the city office, WrongState where the month is not open, RuleViolation where
    nothing is missing, nobody fills in there, the words are too long, or the unit was urged today already.
    """
    require_urger(actor)
    stored = ReportingMonth.objects.get(pk=month.pk)
    if stored.state != PeriodState.OPEN:
        raise WrongState(_("%(month)s 现在不在填报中，不能催报。") % {"month": stored})
    said = words.replace("\0", "").strip()
    if len(said) > LONGEST_WORDS:
        raise RuleViolation(_("附言最多 200 字，现在 %(number)d 字。") % {"number": len(said)}, field="words")
    told = {"month": stored, "unit": unit.short_name}
    progress = unit_duty(stored, [unit])[0]
    if not todo(progress):
        raise RuleViolation(_("%(unit)s %(month)s 的月报都交了，不用催。") % told)
    return _send(stored, progress, actor, said)


def _send(month: ReportingMonth, progress: UnitProgress, actor: User, words: str) -> Notice:
    unit = progress.unit
    people = on_duty(Role.COUNTY_ENTRY, [unit]).get(unit.pk, [])
    # Stored text is Chinese, whatever language the person reads the pages in.
    with override(settings.LANGUAGE_CODE):
        facts = state_words(progress, month, working_day())
        sent = send(
            URGED,
            people,
            title=_("市新社区办催报：%(what)s") % {"what": missing_words(progress, month)},
            body="\n".join(filter(None, [facts, words])),
            link=month_url(month, unit),
            about=about(month, unit),
            # The day is part of what the database lets be sent once.
            step=today().isoformat(),
            actor=actor,
            tone=Tone.BAD,
        )
    if sent is None:
        raise RuleViolation(_("%(unit)s现在没有填报人，请安全管理员先授予岗位。") % {"unit": unit.short_name})
    if not sent.fresh:
        facts_of_last = {"unit": unit.short_name, "when": moment(sent.notice.created_at)}
        raise RuleViolation(_("%(unit)s %(when)s 已催过，一天只催一次，明天可以再催。") % facts_of_last)
    return sent.notice


def urges_of(month: ReportingMonth) -> dict[str, Urge]:
    """The newest 催报 of every unit that was urged for the month, by the unit's code. One query."""
    rows: Any = Notice.objects.of_kind(URGED).filter(about__startswith=about_month(month))
    found: dict[str, Urge] = {}
    for row in rows.with_signatures().order_by("created_at", "pk"):
        code = row.about.removeprefix(about_month(month))
        times = found[code].times + 1 if code in found else 1
        found[code] = Urge(row, times, row.created_at, row.signed, row.people)
    return found
