"""接下来: the days that are coming, nearest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.roles import UNIT_ROLES, Role
from core.components import Action
from dashboards.home.asked import Asked
from dashboards.home.parts import Line, Panel
from facilities.models import Project
from facilities.workflow import Stage
from inspections.models import Round, RoundState

AHEAD = dt.timedelta(days=60)
SHOWN = 6
# A due date this near is amber.
SOON = 3


def days_left(day: dt.date, today: dt.date) -> str:
    """3 天, 今天, or how long ago: as a pill says it."""
    left = (day - today).days
    if left < 0:
        return _("已过 %(number)d 天") % {"number": -left}
    return _("%(number)d 天") % {"number": left} if left else _("今天")


def time_left(day: dt.date, today: dt.date) -> str:
    """还有 3 天, 今天截止, or how long ago: as a sentence says it."""
    left = (day - today).days
    if left < 0:
        return days_left(day, today)
    return _("还有 %(number)d 天") % {"number": left} if left else _("今天截止")


def dates_panel(asked: Asked) -> Panel:
    """Due dates of what is open, ends of rounds, and for county people the days that their own projects plan.

    What is past is listed for months alone: they stay open because something is still missing.
    """
    lines = sorted(_coming(asked), key=lambda line: (line.day or asked.day, line.title))
    own = asked.reach.units_as(UNIT_ROLES)
    if own:
        lines = sorted([*lines, *_planned(asked)], key=lambda line: (line.day or asked.day, line.title))
    rest = len(lines) - SHOWN
    may_see = bool(own or asked.reach.city)
    return Panel(
        "dates",
        _("接下来"),
        lines[:SHOWN],
        link=Action(_("月份与季度"), reverse("communities:periods")) if may_see else None,
        rest=_("60 天内还有 %(number)d 项") % {"number": rest} if rest > 0 else "",
        empty=_("60 天内没有到期的事。") if may_see else "",
        rail=True,
    )


def _line(asked: Asked, day: dt.date, title: str, text: str, url: str, sample: bool = False) -> Line:
    left = (day - asked.day).days
    tone = "bad" if left < 0 else "warn" if left <= SOON else ""
    return Line(title, text, url, pill=days_left(day, asked.day), tone=tone, day=day, sample=sample)


def _coming(asked: Asked) -> Iterator[Line]:
    reports = bool(asked.reach.city or asked.reach.units_as(UNIT_ROLES))
    if reports:
        for month in asked.open_months:
            told = {"month": str(month)}
            url = f"{reverse('dashboards:completeness')}?month={month}"
            yield _line(asked, month.due_on, _("%(month)s 月报截止") % told, _("过了这一天算迟报"), url)
        for quarter in (row for row in asked.open_quarters if row.due_on >= asked.day):
            told = {"quarter": quarter.quarter.title}
            url = f"{reverse('dashboards:completeness')}?quarter={quarter}"
            yield _line(asked, quarter.due_on, _("%(quarter)s截止") % told, _("季度数字截止"), url)
    if reports or Role.INSPECTOR in asked.reach.roles:
        for round_ in Round.objects.filter(state=RoundState.OPEN, ends_on__gte=asked.day):
            yield _line(asked, round_.ends_on, _("检查结束"), round_.name, round_.get_absolute_url())


def _planned(asked: Asked) -> Iterator[Line]:
    """Planned days of the own projects, as long as they have not got there."""
    first, last = asked.day, asked.day + AHEAD
    start = Q(planned_start__range=(first, last), stage__lt=Stage.STARTED)
    finish = Q(planned_finish__range=(first, last), stage__lt=Stage.BASICALLY_BUILT)
    rows: Any = Project.objects.editable_by(asked.user) | Project.objects.visible_to(asked.user)
    rows = rows.with_stage().filter(start | finish).select_related("community")
    for project in rows.order_by("planned_finish", "planned_start", "pk")[:200]:
        told = f"{project.community} · {project.name}"
        begins = project.planned_start and first <= project.planned_start <= last and project.stage < Stage.STARTED
        day, title = (project.planned_start, _("计划开工")) if begins else (project.planned_finish, _("计划建成"))
        yield _line(asked, day, title, told, project.get_absolute_url(), project.is_sample)
