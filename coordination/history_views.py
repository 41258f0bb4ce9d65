"""Histories of pairings; those of documents and teams stand on their own pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from coordination.models import Pairing
from core.components import Tab
from core.history_views import ScopedHistoryView


class PairingHistoryView(ScopedHistoryView[Pairing]):
    """Who arranged and who ended a pairing."""

    queryset = Pairing.objects.select_related("team", "community")
    shows = (Pairing,)

    def crumbs(self) -> Sequence[Tab]:
        """The list, the pilot and the team."""
        pairing = self.object
        return [
            Tab(_("包保与试点"), reverse("coordination:pairings")),
            Tab(str(pairing.community), pairing.community.get_absolute_url()),
            Tab(str(pairing.team), reverse("coordination:team", args=[pairing.team_id])),
        ]
