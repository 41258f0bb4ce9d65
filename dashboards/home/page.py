"""The first page: the parts of every role that the person holds today, one after the other, nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from communities.roles import UNIT_ROLES, Role
from dashboards.home.asked import Asked
from dashboards.home.changes import changes_panel
from dashboards.home.city import leader_part, office_part
from dashboards.home.dates import dates_panel
from dashboards.home.field import deputy_part, inspector_part, team_part
from dashboards.home.notices import notices_panel
from dashboards.home.parts import Head, Panel, Part
from dashboards.home.unit import unit_part

# In this order the sentence on top is chosen: what others wait for comes first.
PARTS: Sequence[tuple[frozenset[str], Callable[[Asked], Part]]] = (
    (UNIT_ROLES, unit_part),
    (frozenset({Role.CITY_OFFICE}), office_part),
    (frozenset({Role.INSPECTOR}), inspector_part),
    (frozenset({Role.WORK_TEAM}), team_part),
    (frozenset({Role.DEPUTY}), deputy_part),
    (frozenset({Role.LEADER}), leader_part),
)


@dataclass(frozen=True)
class Home:
    """The whole page. `at` is the moment it shows, as the look that it becomes is remembered."""

    name: str
    place: str
    head: Head
    panels: Sequence[Panel]
    at: str

    @property
    def main(self) -> list[Panel]:
        """The wide column."""
        return [panel for panel in self.panels if not panel.rail]

    @property
    def rail(self) -> list[Panel]:
        """The narrow column."""
        return [panel for panel in self.panels if panel.rail]


def home_page(user: User, now: dt.datetime, *, all_changes: bool = False) -> Home:
    """The page of `user` as it is at `now`. The number of queries does not depend on the number of records."""
    asked = Asked(user, now, all_changes=all_changes)
    parts = [part(asked) for roles, part in PARTS if asked.reach.roles & roles]
    if not parts:
        return Home(_("首页"), "", _head_without_role(), [], now.isoformat())
    head = next((part.head for part in parts if part.head is not None), Head(_("首页")))
    panels = [notices_panel(asked), *_once(parts), dates_panel(asked), changes_panel(asked)]
    shown = [panel for panel in panels if panel.shown]
    if all(panel.rail for panel in shown):  # a wide column with nothing in it looks like a page that failed
        shown.insert(0, Panel("todo", _("要办的事"), empty=_("现在没有要办的事。")))
    return Home(parts[0].name, parts[0].place, head, shown, now.isoformat())


def _once(parts: Sequence[Part]) -> Iterator[Panel]:
    """Every panel once; the sentence of a further role becomes a panel's place in the order, not a second headline."""
    seen: set[str] = set()
    for part in parts:
        for panel in part.panels:
            if panel.key not in seen:
                seen.add(panel.key)
                yield panel


def _head_without_role() -> Head:
    return Head(
        _("你现在没有业务岗位"),
        _("岗位由安全管理员按抽调通知或文件授予，到期自动收回。需要岗位，请本单位联系市新社区办，由安全管理员办理。"),
    )
