"""Histories of communities and of reporting periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Placement, ReportingMonth, ReportingQuarter, Succession
from communities.views import tabs_of
from core.components import Tab
from core.history import Trail, own, under
from core.history_views import ScopedHistoryView


def trails_of_place(community: int) -> list[Trail]:
    """Where and as what a community counted, and what became of it, by its key."""
    came_from = under(Succession, "kind", successor_id=community)
    return [
        under(Placement, "unit", community_id=community),
        under(Succession, "kind", predecessor_id=community),
        Trail(Succession, came_from.where, came_from.name, unless={"predecessor_id": community}),
    ]


class CommunityHistoryView(ScopedHistoryView[Community]):
    """Everything that happened to a community and to its placements, newest first."""

    queryset = Community.objects.all()
    subtitle: str | Promise = _("谁在什么时候、以什么身份改了什么，包括归属和沿革；只增不改。")
    shows = (Community, Placement, Succession)

    def trails(self) -> Sequence[Trail]:
        """Its own changes, its placements, its successions."""
        return [own(self.object), *trails_of_place(self.object.pk)]

    def crumbs(self) -> Sequence[Tab]:
        """The register and the community."""
        return [
            Tab(_t("社区"), reverse("communities:list")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]

    def tabs(self) -> Sequence[Tab]:
        """The other parts of the community's record."""
        return tabs_of(self.object, "history")


class PeriodHistoryView(ScopedHistoryView[Any]):
    """Who opened, moved and closed a period."""

    shows = (ReportingMonth, ReportingQuarter)

    def crumbs(self) -> Sequence[Tab]:
        """The list of periods."""
        return [Tab(_t("月份与季度"), reverse("communities:periods"))]
