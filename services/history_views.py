"""Histories of service centres and organisations."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Tab
from core.history import Trail, own, under
from core.history_views import ScopedHistoryView
from services.models import Organisation, ServiceCentre, Standardisation


class CentreHistory(ScopedHistoryView[ServiceCentre]):
    """Who changed the centre, accepted and withdrew."""

    queryset = ServiceCentre.objects.select_related("community")
    shows = (ServiceCentre, Standardisation)

    def trails(self) -> Sequence[Trail]:
        """The centre's own, and its acceptances."""
        return [own(self.object), under(Standardisation, "valid_from", centre_id=self.object.pk)]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the centre."""
        return [
            Tab(_("服务中心"), reverse("services:centres")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]


class OrganisationHistory(ScopedHistoryView[Organisation]):
    """Who changed the organisation."""

    queryset = Organisation.objects.all()
    shows = (Organisation,)

    def crumbs(self) -> Sequence[Tab]:
        """The list and the organisation."""
        return [
            Tab(_("组织"), reverse("services:organisations")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]
