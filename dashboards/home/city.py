"""What the city office and the city's leaders find on their first page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.models import Community, ReportingUnit
from coordination.models import Pairing
from core.components import Action, Segment
from core.formats import day_sentence
from core.formats import moment as format_moment
from core.periods import Month, Quarter
from dashboards.completeness import MonthTable, month_table, sight_of
from dashboards.home.asked import Asked
from dashboards.home.dates import time_left
from dashboards.home.parts import Head, Line, Panel, Part
from facilities.models import ProgressReport
from inspections.coverage import coverage_of, sum_of
from inspections.models import Round, RoundState


def office_part(asked: Asked) -> Part:
    """待办: how far the units are with the open months, whose reviewer is away, what must be opened, what goes on."""
    units = list(ReportingUnit.objects.all())
    sight = sight_of(asked.user, units)
    tables = [month_table(month, units, sight, asked.day) for month in asked.open_months]
    panels = [_units_panel(table) for table in tables]
    todo = [*_away(asked, units), *_to_open(asked), *_rounds(asked)]
    head = _office_head(tables[0], asked) if tables else _nothing_open()
    panels.insert(0, Panel("todo", _("要办的事"), todo, empty=_("现在没有要办的事。")))
    return Part(_("待办"), head=head, panels=panels)


def _nothing_open() -> Head:
    action = Action(_("开放新的月份"), reverse("communities:month_open"))
    return Head(_("现在没有开放填报的月份"), _("开放后，各单位才能填报。"), action=action)


def _office_head(table: MonthTable, asked: Asked) -> Head:
    total, month = table.total, table.month
    told = {"month": month.number, "number": total.missing.value + total.returned.value}
    action = Action(_("看各单位完整率"), table.url)
    if not total.expected.value:
        return Head(_("%(month)d 月没有要报的项目") % told, action=action)
    title = _("%(month)d 月月报都报上来了")
    if told["number"]:
        title = _("%(month)d 月月报全市还有 %(number)d 个项目没有报上来")
    left = time_left(month.due_on, asked.day)
    late = bool(told["number"]) and month.due_on < asked.day
    return Head(
        title % told,
        _("%(day)s截止") % {"day": day_sentence(month.due_on)},
        left,
        late,
        month_segments(table),
        _("共 %(number)d 个项目") % {"number": total.expected.value},
        action,
    )


def month_segments(table: MonthTable) -> list[Segment]:
    """The four states of a month, which sum up to all that is expected."""
    total = table.total
    return [
        Segment(total.approved.value, "ok", _("已通过"), total.approved.url),
        Segment(total.waiting.value, "wait", _("待审核"), total.waiting.url),
        Segment(total.returned.value, "bad", _("被退回"), total.returned.url),
        Segment(total.missing.value, "empty", _("未填"), total.missing.url),
    ]


def _units_panel(table: MonthTable) -> Panel:
    return Panel(
        f"units-{table.month}",
        _("%(month)s 月报：各单位") % {"month": str(table.month)},
        template="dashboards/home/_units.html",
        link=Action(_("完整率和及时率"), table.url),
        data=table,
    )


def _away(asked: Asked, units: list[ReportingUnit]) -> Iterator[Line]:
    """Units in which nobody can review what waits, so that the city office may."""
    rows: Any = ProgressReport.objects.reviewable_by(asked.user).with_home_unit().order_by()
    counted = rows.values("home_unit").annotate(number=Count("pk"), oldest=Min("submitted_at"))
    waits = {row["home_unit"]: row for row in counted}
    for unit in units:
        if row := waits.get(unit.pk):
            told = {"unit": unit.name, "number": row["number"]}
            title = _("%(unit)s的审核人不在岗，%(number)d 份月报等代审") % told
            oldest = _("最早 %(when)s 提交") % {"when": format_moment(row["oldest"])}
            pill = _("%(number)d 份") % told
            yield Line(title, oldest, reverse("facilities:review"), _("去代审"), pill, "warn", "clock-exclamation")


def _to_open(asked: Asked) -> Iterator[Line]:
    """Months and quarters that have begun and were never opened, and open quarters without a round."""
    month, quarter = Month.of(asked.day), Quarter.of(asked.day)
    if month not in [row.month for row in asked.months]:
        url = reverse("communities:month_open")
        yield Line(_("%(month)s 月报还没有开放") % {"month": str(month)}, "", url, _("去开放"))
    if quarter not in [row.quarter for row in asked.quarters]:
        url = reverse("communities:quarter_open")
        yield Line(_("%(quarter)s还没有开放") % {"quarter": quarter.title}, "", url, _("去开放"))


def _rounds(asked: Asked) -> Iterator[Line]:
    """The newest round that is going on, with how far it has come, and how many more were never closed."""
    rounds = list(Round.objects.exclude(state=RoundState.PLANNED).select_related("quarter"))
    going_on = [round_ for round_ in rounds if round_.state == RoundState.OPEN]
    for round_ in going_on[:1]:
        sum_ = sum_of(coverage_of(round_, asked.user))
        told = {"submitted": sum_.submitted, "planned": sum_.planned}
        text = _("已提交 %(submitted)d / %(planned)d") % told
        yield Line(round_.name, text, round_.get_absolute_url(), "", _("检查中"), "info")
    if going_on[1:]:
        title = _("另有 %(number)d 轮检查没有结束") % {"number": len(going_on) - 1}
        yield Line(title, "", reverse("inspections:rounds"), "", _("检查中"), "info")
    with_round = {round_.quarter_id for round_ in rounds}
    for period in asked.open_quarters[:1]:
        if period.pk not in with_round:
            url = reverse("inspections:round_open")
            yield Line(_("%(quarter)s还没有开始检查") % {"quarter": period.quarter.title}, "", url, _("去开始"))


def leader_part(asked: Asked) -> Part:
    """我的挂点: the way to the figures, and the pilots with the teams that support them."""
    pairs = Pairing.objects.visible_to(asked.user).on_day(asked.day)
    paired, pilots = pairs.count(), Community.objects.visible_to(asked.user).pilots(asked.day)
    alone: Any = pilots.exclude(pk__in=pairs.values("community")).count()
    url = reverse("coordination:pairings")
    lines = [Line(_("%(number)d 个试点有工作队包保") % {"number": paired}, _("一个工作队包保一个试点"), url)]
    if alone:
        lines.append(Line(_("%(number)d 个试点还没有工作队") % {"number": alone}, "", url, "", _("待安排"), "warn"))
    panel = Panel("pairings", _("包保与试点"), lines, link=Action(_("全部"), url))
    head = Head(_("挂点与包保"), action=Action(_("全市总览"), reverse("dashboards:leader")))
    return Part(_("我的挂点"), head=head, panels=[panel])
