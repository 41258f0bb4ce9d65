"""The one page of a community, its card on paper, and its whole history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Placement, Succession
from coordination.models import Pairing
from core.components import Tab
from core.history import Trail
from core.history_views import ScopedHistoryView
from core.views import ScopedDetailView
from dashboards.community.page import actions_of, community_page, tabs_of
from dashboards.community.trails import trails_of
from facilities.models import OrderingExemption, Photo, PlannedStage, ProgressReport, Project, RedMark, StageEvent
from inspections.models import Inspection
from services.models import Organisation, ServiceCentre, Standardisation


class CommunityView(ScopedDetailView[Community]):
    """Everything about one community, what is missing first."""

    queryset = Community.objects.with_placement().select_related("division__parent")
    template_name = "dashboards/community.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the panels, and what the person may do."""
        context = super().get_context_data(**kwargs)
        user, may_edit = self.request.user, context["may_edit"]
        page = community_page(user, self.object, may_edit=may_edit)
        actions, tabs = actions_of(user, page, may_edit), tabs_of(self.object, "community")
        return context | {"page": page, "tabs": tabs, "actions": actions}


class CommunityCardView(CommunityView):
    """The same on one sheet of A4."""

    template_name = "dashboards/community_card.html"


class CommunityHistoryView(ScopedHistoryView[Community]):
    """Who did what to the community and to everything that stands in it."""

    queryset = Community.objects.all()
    subtitle: str | Promise = _("社区和它的项目、月报、服务中心、组织、检查、包保的全部变动；只增不改。")
    shows = (
        Community,
        Placement,
        Succession,
        Pairing,
        Project,
        StageEvent,
        ProgressReport,
        PlannedStage,
        OrderingExemption,
        RedMark,
        Photo,
        ServiceCentre,
        Standardisation,
        Organisation,
        Inspection,
    )

    def trails(self) -> Sequence[Trail]:
        """All of them."""
        return trails_of(self.request.user, self.object)

    def crumbs(self) -> Sequence[Tab]:
        """The register and the community."""
        return [
            Tab(_t("社区"), reverse("communities:list")),
            Tab(str(self.object), reverse("dashboards:community", args=[self.object.pk])),
        ]

    def tabs(self) -> Sequence[Tab]:
        """The other parts."""
        return tabs_of(self.object, "history")
