"""What is missing, computed from what is known: the things to do next, what nobody knows yet, and the days to come.

Unknown is never a gap: what the register does not say stands apart, with where it can be entered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from communities.models import Community, Population
from coordination.models import Pairing
from core.formats import day as day_words
from dashboards.community.building import Building, ProjectRow, ReportCell
from dashboards.community.places import Place
from dashboards.community.systems import Centre, Scores
from facilities.models import FacilityKind
from facilities.report_workflow import ReportState
from inspections.models import Round

FIRST = 3
DAYS = 6


@dataclass(frozen=True)
class Step:
    """Something to do: what, how far it is from done, whose it is, and where that is known from."""

    title: str
    gap: str
    owner: str
    source: str
    url: str
    tone: str = "bad"


@dataclass(frozen=True)
class Unknown:
    """Something that nobody has entered. `url` leads to where it can be, for whoever may."""

    label: str
    why: str
    url: str = ""


@dataclass(frozen=True)
class Coming:
    """A planned day that lies ahead. `days` from now."""

    on: dt.date
    words: str
    days: int
    url: str = ""


@dataclass(frozen=True)
class Known:
    """What the panels have read; the steps ask for nothing more. Plans are held against `judged_on`."""

    community: Community
    place: Place
    building: Building
    centre: Centre | None
    scores: Scores
    pairing: Pairing | None
    round: Round | None
    today: dt.date
    judged_on: dt.date
    may_edit: bool

    @property
    def unit(self) -> str:
        """The unit that reports, in words."""
        return _("%(unit)s专班") % {"unit": self.place.present.unit} if self.place.present else ""

    @property
    def is_programme(self) -> bool:
        """Whether it is one of the new communities of the programme."""
        return self.place.present is not None and self.place.present.population == Population.PROGRAMME


def steps_of(known: Known) -> list[Step]:
    """The most urgent first: what came back, what is late, what lags behind its plan, what was never begun.

    None for a community that has ended.
    """
    if known.place.present is None:
        return []
    makers: Sequence[Callable[[Known], Iterator[Step]]] = (_returned, _unfiled, _behind, _unstandardised, _unpaired)
    found = [step for make in makers for step in make(known)]
    return [*(step for step in found if step.tone == "bad"), *(step for step in found if step.tone != "bad")]


def _returned(known: Known) -> Iterator[Step]:
    for row in known.building.rows:
        if row.report is not None and row.report.state == ReportState.RETURNED:
            source = _("审核意见：%(reason)s") % {"reason": row.report.reason}
            names = {"project": row.project.name, "month": known.building.month}
            title = _("%(project)s %(month)s 月报") % names
            yield Step(title, _("被退回"), known.unit, source, row.report.url)


def _unfiled(known: Known) -> Iterator[Step]:
    """The month's reports that nobody has handed in, together; bad only once the due date has passed."""
    month, left = known.building.month, _left(known)
    if month is None or not left:
        return
    late = (known.today - month.due_on).days
    gap = _("%(count)d 个项目没报，逾期 %(days)d 天") if late > 0 else _("%(count)d 个项目还没报")
    yield Step(
        title=_("%(month)s 月报") % {"month": month},
        gap=gap % {"count": len(left), "days": late},
        owner=known.unit,
        source=_("截止 %(due)s") % {"due": day_words(month.due_on)},
        url=left[0].url,
        tone="bad" if late > 0 else "warn",
    )


def _left(known: Known) -> list[ReportCell]:
    """The month's reports that were not handed in. One that came back is a step of its own."""
    cells = [row.report for row in known.building.rows if row.report is not None]
    return [cell for cell in cells if cell.unfiled and cell.state != ReportState.RETURNED]


def _behind(known: Known) -> Iterator[Step]:
    """Projects whose light is yellow or red, the longest first; by the plan that the light was judged by."""
    late: list[tuple[ProjectRow, Any]] = [(row, row.project) for row in known.building.rows if row.light.behind]
    for row, project in sorted(late, key=lambda pair: pair[1].finish_then or pair[1].start_then or known.today):
        finish = project.finish_then
        if finish is not None and known.judged_on > finish:
            source = _("项目登记：计划建成 %(day)s") % {"day": day_words(finish)}
        elif row.begun:
            source = _("项目计划和通过的月报")
        else:
            source = _("项目登记：计划开工 %(day)s") % {"day": day_words(project.start_then)}
        yield Step(project.name, row.light.sentence, known.unit, source, project.get_absolute_url())


def _unstandardised(known: Known) -> Iterator[Step]:
    """A centre that stands and is not accepted; a new community where nobody has begun to plan one."""
    centre = known.centre
    planned = any(row.project.kind == FacilityKind.SERVICE_CENTRE for row in known.building.rows)
    if centre is None:
        if known.is_programme and not planned:
            source, url = _("规划新社区都要建综合服务中心"), reverse("facilities:list")
            register = f"{url}?q={known.community.code}"
            yield Step(_("社区综合服务中心"), _("没有登记项目"), known.unit, source, register, "warn")
        return
    standing = {row.project.pk for row in known.building.rows if row.built}
    if centre.accepted is None and (centre.record.project_id is None or centre.record.project_id in standing):
        gap, url = _("还没有验收"), centre.record.get_absolute_url()
        yield Step(_("服务中心规范化"), gap, _("市新社区办"), _acceptance_source(centre), url, "warn")


def _acceptance_source(centre: Centre) -> str:
    if not centre.terms:
        return _("规范化验收登记")
    last = centre.terms[0]
    return _("%(day)s 撤销：%(reason)s") % {"day": day_words(last.valid_until), "reason": last.reason}


def _unpaired(known: Known) -> Iterator[Step]:
    if known.community.is_pilot_on(known.today) and known.pairing is None:
        source = _("试点起 %(day)s") % {"day": day_words(known.community.pilot_from)}
        yield Step(_("包保工作队"), _("还没有安排"), _("市新社区办"), source, reverse("coordination:pairings"), "warn")


def unknowns_of(known: Known) -> list[Unknown]:
    """What the registers leave open about the community, its projects and its centre; nothing of an ended one."""
    if known.place.ending is not None:
        return []
    community = known.community
    edit = reverse("communities:edit", args=[community.pk]) if known.may_edit else ""
    fields = ("households", "residents", "area_kind", "division")
    found = [
        Unknown(str(community._meta.get_field(name).verbose_name), _("没有填"), edit)  # type: ignore[union-attr]
        for name in fields
        if getattr(community, name) in (None, "")
    ]
    for row in known.building.rows:
        project, url = row.project, row.project.get_absolute_url()
        if project.planned_finish is None and not row.built:
            found.append(Unknown(project.name, _("没有计划建成日期"), url))
        if not project.position:
            found.append(Unknown(project.name, _("没有写地上还是地下"), url))
        if row.stage_on is None:
            found.append(Unknown(project.name, _("没有登记过阶段"), url))
    if known.centre is None and not known.is_programme:
        found.append(Unknown(_("服务中心"), _("登记册里没有")))
    elif known.centre is not None and known.centre.record.area is None:
        found.append(Unknown(_("服务中心面积"), _("没有填"), known.centre.record.get_absolute_url()))
    return found


def coming_of(known: Known) -> list[Coming]:
    """Planned days from today on, soonest first."""
    if known.place.present is None:
        return []
    ahead = [Coming(on, words, (on - known.today).days, url) for on, words, url in _dated(known) if on >= known.today]
    return sorted(ahead, key=lambda coming: coming.on)[:DAYS]


def _dated(known: Known) -> Iterator[tuple[dt.date, str, str]]:
    month, round_, pairing = known.building.month, known.round, known.pairing
    left = _left(known)
    if month is not None and left:
        words = _("%(month)s 月报截止，还有 %(count)d 个没报") % {"month": month, "count": len(left)}
        yield month.due_on, words, left[0].url
    for row in known.building.rows:
        project, name = row.project, {"project": row.project.name}
        if project.planned_start is not None and not row.begun:
            yield project.planned_start, _("%(project)s计划开工") % name, project.get_absolute_url()
        if project.planned_finish is not None and not row.built:
            yield project.planned_finish, _("%(project)s计划建成") % name, project.get_absolute_url()
    inspected = round_ is not None and any(
        row.submitted and row.inspection.round_id == round_.pk for row in known.scores.rows
    )
    if round_ is not None and not inspected:
        yield round_.ends_on, _("%(round)s结束，本社区还没有提交评分") % {"round": round_}, round_.get_absolute_url()
    if pairing is not None and pairing.valid_until is not None:
        history = reverse("coordination:pairing_history", args=[pairing.pk])
        yield pairing.valid_until, _("%(team)s包保到期") % {"team": pairing.team}, history
    if known.community.pilot_until is not None:
        yield known.community.pilot_until, _("试点到期"), ""
