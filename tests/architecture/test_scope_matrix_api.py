"""Scope of the API: every route, every kind of person, own and foreign unit, every method."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import CommunityViewSet
from communities.models import Community
from tests.architecture.matrix import world_api
from tests.architecture.matrix.rows_api import RESOURCES
from tests.architecture.matrix.walker import Row, clients_of, walk
from tests.conftest import DEEP
from xiaogan_portal.urls import urlpatterns

pytestmark = pytest.mark.django_db

# So many worlds are built: a world takes longer than walking a resource.
PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_resources(part: int) -> None:
    """Reading before writing, so that what one route changes does not hide what another shows."""
    world = world_api.build()
    clients = clients_of(world)
    addresses = sorted(RESOURCES)[part::PARTS]
    rows = sorted(
        (pair for address in addresses for pair in RESOURCES[address].items()), key=lambda pair: pair[1].methods
    )
    assert [fault for name, row in rows for fault in walk(name, row, world, deep=DEEP, clients=clients)] == []


# --- Planted faults: the matrix must find them ---------------------------------------------------


class Unscoped(CommunityViewSet):
    """Forgets the scope."""

    def get_queryset(self) -> Any:
        return self.queryset.all()


class AnybodyMoves(CommunityViewSet):
    """Forgets who may."""

    def may_change(self, record: Community) -> bool:
        return True

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        Community.objects.filter(pk=record.pk).update(households=1)
        return Response({})


def planted(viewset: Any) -> Any:
    view = viewset.as_view({"get": "retrieve", "patch": "partial_update"})
    return override_settings(ROOT_URLCONF=(*urlpatterns, path("planted/<int:pk>/", view, name="planted")))


def test_a_forgotten_scope_is_found() -> None:
    with planted(Unscoped):
        row = Row("community", edit=frozenset({"city_office", "county_entry"}), methods=("GET", "PATCH"), api=True)
        faults = walk("planted", row, world_api.build(), deep=False)
    assert any("GET  as county_entry on foreign: 200" in fault for fault in faults)
    assert any("shows a foreign record" in fault for fault in faults)


def test_a_write_without_a_right_is_found() -> None:
    with planted(AnybodyMoves):
        row = Row("community", edit=frozenset({"city_office"}), methods=("GET", "PATCH"), api=True)
        faults = walk("planted", row, world_api.build(), deep=False)
    assert any("PATCH  as leader on own: 200" in fault for fault in faults)
    assert any("wrote behind a refusal" in fault for fault in faults)
