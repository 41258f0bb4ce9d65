"""What changed since the person last looked: read from the records themselves, within scope, others' acts only.

Every source is one query that the database groups by unit, so that a busy month costs no more than a quiet one.
A group of one leads to its record, a larger one to the list that holds its records.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import Lag
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from communities.models import Membership, ReportingMonth, ReportingQuarter
from communities.roles import CITY_ROLES, UNIT_ROLES, Role
from core.formats import day as format_day
from core.formats import moment as format_moment
from core.history import INSERT, event_model
from core.history.tracking import context_of
from dashboards.home.asked import Asked
from dashboards.home.parts import Line, Panel
from facilities.models import ProgressReport, ReportState, StageEvent
from inspections.models import Inspection

SHOWN, SHOWN_AT_MOST = 10, 200
READ_AT_MOST = 1000
# Somebody who never looked is told of a week.
FIRST_LOOK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Change:
    """Something others did: `number` records at `when` at the latest, and where they are read."""

    when: dt.datetime
    title: str
    text: str
    url: str
    number: int = 1


def changes_panel(asked: Asked) -> Panel:
    """The newest ten lines, or all of them where the address asks for that."""
    since = asked.since or asked.now - FIRST_LOOK
    found = sorted(_all(asked, since), key=lambda change: change.when, reverse=True)
    shown = found[: SHOWN_AT_MOST if asked.all_changes else SHOWN]
    rest = sum(change.number for change in found[len(shown) :])
    told = {"when": format_moment(since, with_year=True)}
    return Panel(
        "changes",
        _("有变动"),
        [Line(each.title, " · ".join(filter(None, [each.text, format_moment(each.when)])), each.url) for each in shown],
        note=_("%(when)s 上次查看以来") % told if asked.since else _("近 7 天"),
        empty=_("没有变动。"),
        rest=_("还有 %(number)d 条") % {"number": rest} if rest else "",
        rest_url=f"{reverse('dashboards:home')}?changes=all" if not asked.all_changes else "",
        rail=True,
    )


def _all(asked: Asked, since: dt.datetime) -> Iterator[Change]:
    yield from _reports(asked, since)
    yield from _stages(asked, since)
    yield from _inspections(asked, since)
    if asked.reach.roles & (CITY_ROLES | UNIT_ROLES):
        for model in (ReportingMonth, ReportingQuarter):
            yield from _periods(asked, since, model)
    yield from _memberships(asked, since)


def _grouped(rows: Any, when: str, name: str, *by: str) -> Any:
    """Rows as groups: how many, how lately, and of a group of one its key and name."""
    counted = {"number": Count("pk"), "newest": Max(when), "one": Min("pk"), "name": Min(name)}
    return rows.order_by().values(*by).annotate(**counted).order_by()


def _reports(asked: Asked, since: dt.datetime) -> Iterator[Change]:
    words = {
        ReportState.SUBMITTED: (_("%(month)s 月报提交 %(number)d 个"), _("%(name)s：%(month)s 月报已提交")),
        ReportState.RETURNED: (_("%(month)s 月报退回 %(number)d 个"), _("%(name)s：%(month)s 月报被退回")),
        ReportState.APPROVED: (_("%(month)s 月报通过 %(number)d 个"), _("%(name)s：%(month)s 月报已通过")),
    }
    submitted = Q(state=ReportState.SUBMITTED, submitted_at__gt=since) & ~Q(submitted_by=asked.user)
    decided = Q(state__in=[ReportState.RETURNED, ReportState.APPROVED], reviewed_at__gt=since)
    rows = ProgressReport.objects.visible_to(asked.user).filter(submitted | (decided & ~Q(reviewed_by=asked.user)))
    by = ("state", "month", "month__year", "month__number", "place_unit", "place_code")
    latest = {"last_act": Max(F("submitted_at")), "last_word": Max(F("reviewed_at"))}
    for row in _grouped(rows.with_place(), "submitted_at", "project__name", *by).annotate(**latest):
        many, single = words[row["state"]]
        when = row["last_act"] if row["state"] == ReportState.SUBMITTED else row["last_word"]
        told = {**row, "month": f"{row['month__year']:04d}-{row['month__number']:02d}"}
        url = reverse("facilities:report", args=[row["one"]])
        if row["number"] > 1:
            asked_for = {"month": row["month"], "state": row["state"], "unit": row["place_code"] or ""}
            url = f"{reverse('facilities:reports')}?{urlencode(asked_for)}"
        yield Change(when, (many if row["number"] > 1 else single) % told, _unit(row), url, row["number"])


def _stages(asked: Asked, since: dt.datetime) -> Iterator[Change]:
    """Stages that were entered directly; those of an approved report are told with the report."""
    rows = StageEvent.objects.visible_to(asked.user).filter(recorded_at__gt=since, report__isnull=True)
    rows = rows.exclude(recorded_by=asked.user).with_place()
    for row in _grouped(rows, "recorded_at", "project__name", "place_unit").annotate(project=Min("project")):
        url = reverse("facilities:detail", args=[row["project"]]) if row["number"] == 1 else reverse("facilities:list")
        title = _("补登阶段 %(number)d 条") if row["number"] > 1 else _("%(name)s：补登了阶段")
        yield Change(row["newest"], title % row, _unit(row), url, row["number"])


def _inspections(asked: Asked, since: dt.datetime) -> Iterator[Change]:
    rows = Inspection.objects.visible_to(asked.user).filter(submitted_at__gt=since).exclude(inspector=asked.user)
    by = ("round__name", "round__quarter__year", "round__quarter__number", "place_unit", "place_code")
    for row in _grouped(rows.with_place(), "submitted_at", "community__name", *by):
        url = reverse("inspections:detail", args=[row["one"]])
        if row["number"] > 1:
            url = f"{reverse('inspections:list')}?{urlencode({'unit': row['place_code'] or ''})}"
        title = _("检查评分提交 %(number)d 个") if row["number"] > 1 else _("%(name)s：检查评分已提交")
        yield Change(row["newest"], title % row, _unit(row), url, row["number"])


def _unit(row: dict[str, Any]) -> str:
    return str(row["place_unit"] or _("已撤并"))


def _periods(asked: Asked, since: dt.datetime, model: Any) -> Iterator[Change]:
    """Periods that were opened or closed, together where there are several, and each due date that was moved."""

    def before(field: str) -> Window:
        return Window(Lag(field), partition_by=[F("pgh_obj_id")], order_by=F("pgh_id").asc())

    events = event_model(model).objects.annotate(due_before=before("due_on"), state_before=before("state"))
    turned: defaultdict[str, list[Any]] = defaultdict(list)
    for event in events.filter(pgh_created_at__gt=since).order_by("pgh_id"):
        if context_of(event).get("user") == asked.user.pk:
            continue
        if event.pgh_label == INSERT or event.state != event.state_before:
            turned[event.state].append(event)
        elif event.due_on != event.due_before:
            yield _due_moved(model, event)
    for state, found in turned.items():
        if state in _TURNS:
            yield _turned(model, found, *_TURNS[state])


_TURNS = {
    "open": (_lazy("%(period)s 开放填报，%(due)s 截止"), _lazy("%(period)s 等 %(number)d 期开放填报")),
    "closed": (_lazy("%(period)s 关闭填报"), _lazy("%(period)s 等 %(number)d 期关闭填报")),
}


def _history_url(model: Any, event: Any) -> str:
    kind = "month" if model is ReportingMonth else "quarter"
    return reverse(f"communities:{kind}_history", args=[event.pgh_obj_id])


def _name_of(model: Any, event: Any) -> str:
    return str(model(year=event.year, number=event.number))


def _due_moved(model: Any, event: Any) -> Change:
    told = {
        "period": _name_of(model, event),
        "due": format_day(event.due_on),
        "before": format_day(event.due_before),
    }
    title = _("%(period)s 截止日期从 %(before)s 改到 %(due)s") % told
    return Change(event.pgh_created_at, title, event.due_reason, _history_url(model, event))


def _turned(model: Any, events: Sequence[Any], single: Any, several: Any) -> Change:
    newest, number = events[-1], len(events)
    told = {"period": _name_of(model, newest), "due": format_day(newest.due_on), "number": number}
    url = _history_url(model, newest) if number == 1 else reverse("communities:periods")
    words = str(single if number == 1 else several) % told
    return Change(newest.pgh_created_at, words, _("月份与季度"), url, number)


def _memberships(asked: Asked, since: dt.datetime) -> Iterator[Change]:
    """Roles that were given or ended: one's own, and whatever memberships the person may see at all."""
    seen = Membership.objects.visible_to(asked.user) | Membership.objects.filter(user=asked.user)
    events = event_model(Membership).objects.filter(pgh_created_at__gt=since, pgh_obj__in=seen)
    groups: defaultdict[tuple[str, bool], list[Any]] = defaultdict(list)
    roles = {code: str(label) for code, label in Role.choices}
    newest_first = events.select_related("user", "unit", "community").order_by("-pgh_id")[:READ_AT_MOST]
    for event in reversed(newest_first):
        if context_of(event).get("user") != asked.user.pk:
            # People of single communities hold a post in each: they are told together.
            place = event.unit.short_name if event.unit else roles.get(event.role, event.role)
            groups[place, event.pgh_label == INSERT or event.valid_until is None].append(event)
    for (place, begins), found in groups.items():
        yield _posts(asked, found, place, begins)


def _posts(asked: Asked, events: Sequence[Any], place: str, begins: bool) -> Change:
    newest, number = events[-1], len(events)
    role = dict(Role.choices).get(newest.role, newest.role)
    told = {"who": str(newest.user), "role": role, "day": newest.valid_until, "number": number}
    if number == 1:
        title = _("%(who)s 任%(role)s") if begins else _("%(who)s 的%(role)s任期到 %(day)s 止")
    else:
        title = _("%(who)s 等 %(number)d 人次任职") if begins else _("%(who)s 等 %(number)d 人次任期调整")
    url = reverse("my_account") if all(event.user_id == asked.user.pk for event in events) else ""
    return Change(newest.pgh_created_at, title % told, place, url, number)
