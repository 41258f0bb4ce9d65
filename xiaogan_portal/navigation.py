"""The frame of every page: navigation by role, the person, the search, the note about sample data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from accounts.models import Administrator, AdministratorKind, User
from communities.models import Community, Membership
from communities.roles import CITY_ROLES, EVERYBODY, UNIT_ROLES, Role
from communities.scoping import Reach, reach_of
from core.periods import today
from dashboards.home.counts import Waiting, to_fill_in, to_review
from notices.models import Delivery


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    label: Any
    name: str
    icon: str
    roles: frozenset[str] = EVERYBODY
    url: str = ""
    current: bool = False
    count: int = 0
    overdue: bool = False


@dataclass(frozen=True)
class Group:
    """Lines under one heading."""

    label: Any
    entries: list[Entry] = field(default_factory=list)


_MANAGERS = CITY_ROLES | UNIT_ROLES
_REVIEWERS = frozenset({Role.COUNTY_REVIEWER, Role.CITY_OFFICE})
GROUPS = [
    Group(
        "",
        [
            # The first page under the name that each role knows it by; of several roles the first one names it.
            Entry(_lazy("本月工作"), "dashboards:home", "home", UNIT_ROLES),
            Entry(_lazy("待办"), "dashboards:home", "inbox", frozenset({Role.CITY_OFFICE})),
            Entry(_lazy("今天的站点"), "dashboards:home", "map-pin", frozenset({Role.INSPECTOR})),
            Entry(_lazy("我的试点"), "dashboards:home", "home", frozenset({Role.WORK_TEAM})),
            Entry(_lazy("视察资料"), "dashboards:home", "home", frozenset({Role.DEPUTY})),
            Entry(_lazy("待审核"), "facilities:review", "clipboard-check", _REVIEWERS),
            Entry(_lazy("项目月报"), "facilities:reports", "file-text", UNIT_ROLES),
            Entry(_lazy("全市总览"), "dashboards:leader", "layout-dashboard", _MANAGERS),
            Entry(_lazy("我的挂点"), "dashboards:home", "heart-handshake", frozenset({Role.LEADER})),
            Entry(_lazy("建设进度"), "dashboards:construction", "chart-line", _MANAGERS),
        ],
    ),
    Group(
        _lazy("督查检查"),
        [
            Entry(_lazy("检查轮次"), "inspections:rounds", "route", _MANAGERS | {Role.INSPECTOR}),
            Entry(_lazy("检查评分"), "inspections:list", "clipboard-list", _MANAGERS | {Role.INSPECTOR}),
        ],
    ),
    Group(
        _lazy("建设与服务"),
        [
            Entry(pgettext_lazy("navigation", "社区"), "communities:list", "building-community"),
            Entry(pgettext_lazy("navigation", "项目"), "facilities:list", "crane"),
            Entry(_lazy("建设顺序"), "facilities:ordering", "list-check", _MANAGERS),
            Entry(_lazy("项目月报"), "facilities:reports", "file-text", CITY_ROLES),
            Entry(pgettext_lazy("navigation", "服务中心"), "services:centres", "building"),
            Entry(pgettext_lazy("navigation", "组织"), "services:organisations", "sitemap"),
        ],
    ),
    Group(
        _lazy("管理"),
        [
            Entry(_lazy("包保与试点"), "coordination:pairings", "heart-handshake", _MANAGERS | {Role.WORK_TEAM}),
            Entry(pgettext_lazy("navigation", "政策文件"), "coordination:documents", "file-text"),
            Entry(_lazy("月份与季度"), "communities:periods", "calendar", _MANAGERS),
            Entry(_lazy("基础资料的变动"), "dashboards:reference", "history", _MANAGERS),
            Entry(_lazy("月报完整率"), "dashboards:completeness", "list-check", _MANAGERS),
            Entry(_lazy("导入与导出"), "exchange:list", "file-spreadsheet", UNIT_ROLES | {Role.CITY_OFFICE}),
            Entry(_lazy("不在岗登记"), "communities:absences", "user-check", UNIT_ROLES | {Role.CITY_OFFICE}),
        ],
    ),
]
# Work that waits for the person, beside the entry where it is done.
COUNTS: dict[str, Callable[[Any], Waiting]] = {"facilities:reports": to_fill_in, "facilities:review": to_review}
ADMINISTRATOR_ENTRIES = {
    AdministratorKind.SYSTEM: [
        Entry(_lazy("账号"), "accounts:list", "users"),
        Entry(_lazy("后台作业"), "jobs:list", "stack-2"),
    ],
    AdministratorKind.SECURITY: [
        Entry(_lazy("授权"), "communities:holders", "user-check"),
        Entry(_lazy("任职"), "communities:memberships", "calendar"),
        Entry(_lazy("自查"), "selfaudit", "shield-check"),
        Entry(_lazy("接口令牌"), "accounts:tokens", "key"),
    ],
    AdministratorKind.AUDIT: [
        Entry(_lazy("审计日志"), "accounts:log", "list"),
        Entry(_lazy("每日导出"), "accounts:exports", "archive"),
        Entry(_lazy("自查"), "selfaudit", "shield-check"),
    ],
}


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html. Lazy: a page that does not show the frame pays nothing."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    kind = SimpleLazyObject(lambda: _administrator_kind(user))
    return {
        "navigation": SimpleLazyObject(lambda: _navigation(request, reach_of(user), kind)),
        "person": SimpleLazyObject(lambda: _person(user, kind)),
        "account_links": [
            {"label": _("我的账号"), "url": reverse("my_account")},
            {"label": _("接口文档"), "url": reverse("api:docs"), "icon": "file-text"},
        ],
        "sign_out_url": reverse("account_logout"),
        "search_url": SimpleLazyObject(lambda: reverse("communities:list") if reach_of(user).roles else ""),
        "sample_data": SimpleLazyObject(lambda: Community.objects.filter(is_sample=True).exists()),
        "home_url": reverse("home"),
        "notices_url": reverse("notices:list"),
        "notices_count": SimpleLazyObject(lambda: Delivery.objects.visible_to(user).unsigned().count()),
    }


def _navigation(request: HttpRequest, reach: Reach, kind: Any) -> list[Group]:
    if not reach.roles:
        own = [Entry(_("我的账号"), "my_account", "user")]
        groups = [Group("", [*ADMINISTRATOR_ENTRIES.get(str(kind), []), *own])]  # type: ignore[call-overload]
    else:
        groups = _entries_of(reach)
    here = _here(request, (entry for group in groups for entry in group.entries))
    return [Group(group.label, _shown(group.entries, here, request.user)) for group in groups if group.entries]


def _entries_of(reach: Reach) -> list[Group]:
    """What the roles open, each address once."""
    seen: set[str] = set()
    groups = []
    for group in GROUPS:
        found: dict[str, Entry] = {}
        for entry in group.entries:
            if reach.roles & entry.roles and entry.name not in seen:
                found.setdefault(entry.name, entry)
        seen |= set(found)
        groups.append(Group(group.label, list(found.values())))
    return groups


def _here(request: HttpRequest, entries: Iterable[Entry]) -> str:
    """The address of the one entry that the page lies under: the deepest, across all groups."""
    # The one page of a community belongs to the register, from where people come to it.
    path = request.path.replace(f"{reverse('dashboards:leader')}communities/", reverse("communities:list"), 1)
    urls = (reverse(entry.name) for entry in entries)
    return max((url for url in urls if path.startswith(url)), key=len, default="")


def _shown(entries: Iterable[Entry], here: str, user: Any) -> list[Entry]:
    shown = []
    for entry in entries:
        url, waits = reverse(entry.name), COUNTS.get(entry.name, _nothing)(user)
        shown.append(replace(entry, url=url, current=url == here, count=waits.number, overdue=waits.overdue))
    return shown


def _nothing(user: Any) -> Waiting:
    return Waiting()


def _administrator_kind(user: Any) -> str:
    return Administrator.objects.filter(user=user.pk).values_list("kind", flat=True).first() or ""


def _person(user: Any, kind: Any) -> dict[str, str]:
    """Name, role and place as the top bar shows them: the first role that holds today."""
    held = Membership.objects.filter(user=user).in_term(today()).select_related("unit", "community").first()
    role = held.get_role_display() if held else str(dict(AdministratorKind.choices).get(str(kind), ""))
    place = str(held.unit or held.community or "") if held else ""
    return {"name": str(user), "initials": user.initials, "role": str(role), "place": place}
