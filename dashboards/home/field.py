"""What people of single communities find on their first page: inspectors, work teams, deputies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.models import Community
from communities.roles import Role
from core.components import Action
from core.formats import day as format_day
from dashboards.home.asked import Asked
from dashboards.home.parts import Head, Line, Panel, Part
from facilities.models import Project
from inspections.models import Inspection, Round, RoundState

LISTED = 50


def _communities(asked: Asked, role: Role) -> list[Any]:
    """The communities for which the role is held today, in order of unit and name."""
    held = asked.reach.communities_as({role})
    found: Any = Community.objects.visible_to(asked.user).filter(pk__in=held).with_placement()
    return list(found.order_by("unit_order", "pinyin", "pk"))


def _place_of(community: Any) -> str:
    return str(community.unit_name or _("已撤并"))


def _page_of(community: Any) -> str:
    """The one page on which everything about a community stands."""
    return reverse("dashboards:community", args=[community.pk])


def inspector_part(asked: Asked) -> Part:
    """今天的站点: the inspector's own stops in the newest round that is going on, unfinished ones first."""
    name = _("今天的站点")
    going_on = Round.objects.filter(state=RoundState.OPEN).select_related("quarter").first()
    if going_on is None:
        text = _("市新社区办开始新一轮检查后，你的站点列在这里。")
        return Part(name, head=Head(_("现在没有进行中的检查轮次"), text))
    stops = _communities(asked, Role.INSPECTOR)
    rows = Inspection.objects.visible_to(asked.user).filter(round=going_on, community__in=[stop.pk for stop in stops])
    done: dict[int, Any] = {row.community_id: row for row in rows.with_progress()}
    lines = [_stop_line(stop, done.get(stop.pk)) for stop in stops]
    waiting = [line for line in lines if line.action]
    panel = _stops_panel(going_on, waiting + [line for line in lines if not line.action])
    return Part(name, head=_stops_head(stops, going_on, waiting), panels=[panel])


def _stop_line(stop: Any, inspection: Any) -> Line:
    place, sample = _place_of(stop), stop.is_sample
    if inspection is None:
        url = f"{reverse('inspections:create')}?{urlencode({'community': stop.code})}"
        return Line(stop.name, place, url, _("开始检查"), _("未检查"), sample=sample)
    if inspection.submitted_at is None:
        told = _("评分中 %(scored)d / %(items)d") % {"scored": inspection.scored, "items": inspection.items}
        url = reverse("inspections:score", args=[inspection.pk])
        return Line(stop.name, place, url, _("接着评分"), told, "info", sample=sample)
    return Line(stop.name, place, inspection.get_absolute_url(), "", _("已提交"), "ok", "lock", sample=sample)


def _stops_panel(round_: Round, lines: Sequence[Line]) -> Panel:
    dates = {"first": format_day(round_.starts_on), "last": format_day(round_.ends_on)}
    return Panel(
        f"round-{round_.pk}",
        round_.name,
        lines[:LISTED],
        note=_("%(first)s 至 %(last)s") % dates,
        link=Action(_("这一轮"), round_.get_absolute_url()),
        empty=_("这一轮没有派给你的站点。"),
        rest=_("还有 %(number)d 个站点") % {"number": len(lines) - LISTED} if len(lines) > LISTED else "",
        rest_url=reverse("inspections:list"),
    )


def _stops_head(stops: Sequence[Any], round_: Round, waiting: Sequence[Line]) -> Head:
    if not waiting:
        return Head(_("派给你的站点都检查完了"), _("%(number)d 个站点") % {"number": len(stops)})
    title = ngettext("还有 %(number)d 个站点要检查", "还有 %(number)d 个站点要检查", len(waiting))
    ends = {"day": format_day(round_.ends_on)}
    action = Action(waiting[0].action, waiting[0].url)
    short = _("%(action)s：%(stop)s") % {"action": waiting[0].action, "stop": waiting[0].title}
    return Head(title % {"number": len(waiting)}, _("%(day)s 前查完") % ends, action=action, short_action=short)


def team_part(asked: Asked) -> Part:
    """我的试点: the pilots that the work team supports, how far their projects have come, their last inspection."""
    pilots = _communities(asked, Role.WORK_TEAM)
    keys = [pilot.pk for pilot in pilots]
    projects: defaultdict[int, list[Any]] = defaultdict(list)
    rows = Project.objects.visible_to(asked.user).filter(community__in=keys).with_stage()
    for project in rows.order_by("community", "kind", "pk"):
        projects[project.community_id].append(project)
    inspected: dict[int, Any] = {}
    done = Inspection.objects.visible_to(asked.user).filter(community__in=keys).submitted()
    for row in done.order_by("inspected_on"):
        inspected[row.community_id] = row
    name = _("我的试点")
    told = "、".join(pilot.name for pilot in pilots)
    title = _("我的试点：%(names)s") % {"names": told} if told else _("还没有派给你试点")
    panels = [_pilot_panel(pilot, projects[pilot.pk], inspected.get(pilot.pk)) for pilot in pilots]
    return Part(name, head=Head(title, "、".join(dict.fromkeys(map(_place_of, pilots)))), panels=panels)


def _pilot_panel(pilot: Any, projects: Sequence[Any], inspection: Any) -> Panel:
    lines = [_project_line(project) for project in projects]
    if inspection is not None:
        told = _("%(day)s 检查，得分 %(total)s") % {"day": inspection.inspected_on, "total": inspection.total}
        lines.append(Line(_("最近一次检查"), told, inspection.get_absolute_url()))
    return Panel(
        f"pilot-{pilot.pk}",
        pilot.name,
        lines,
        note=_("项目 %(number)d 个") % {"number": len(projects)},
        link=Action(_("社区详情"), _page_of(pilot)),
        empty=_("这个试点还没有登记项目。"),
    )


def _project_line(project: Any) -> Line:
    since = _("%(day)s 到这一步") % {"day": project.stage_on} if project.stage_on else _("还没有登记过阶段")
    return Line(project.name, since, project.get_absolute_url(), "", project.stage_label, sample=project.is_sample)


def deputy_part(asked: Asked) -> Part:
    """视察资料: the communities that are open to the deputy."""
    communities = _communities(asked, Role.DEPUTY)
    listed = communities[:LISTED]
    lines = [Line(each.name, _place_of(each), _page_of(each), sample=each.is_sample) for each in listed]
    panel = Panel("communities", _("可以查看的社区"), lines, empty=_("现在没有对你开放的社区。"))
    title = ngettext("有 %(number)d 个社区的资料可以查看", "有 %(number)d 个社区的资料可以查看", len(communities))
    return Part(_("视察资料"), head=Head(title % {"number": len(communities)}), panels=[panel])
