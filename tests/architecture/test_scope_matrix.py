"""Scope: every route of the URLconf, every role, own and foreign unit, every method."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views import View

from communities.models import Community
from core.views import ScopedDetailView, ScopedListView
from tests.architecture.matrix import world
from tests.architecture.matrix.rows import ROWS
from tests.architecture.matrix.rows_api import API
from tests.architecture.matrix.walker import ALL, Row, takes_key, walk
from tests.conftest import DEEP
from xiaogan_portal.checks import every_route_is_scoped, routes
from xiaogan_portal.urls import OPEN_ROUTES, urlpatterns

pytestmark = pytest.mark.django_db

SCOPED = {name: pattern for name, pattern in routes() if not any(fnmatch.fnmatch(name, known) for known in OPEN_ROUTES)}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    rows = {**ROWS, **API}
    assert set(SCOPED) == set(rows)
    wrong = [name for name, row in rows.items() if bool(row.record) != takes_key(SCOPED[name])]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ROWS))
def test_route(name: str) -> None:
    assert walk(name, ROWS[name], world.build(), deep=DEEP) == []


# --- Planted faults: the matrix must find them ---------------------------------------------------


class Unscoped(View):
    """A view that shows every community to everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(" ".join(Community.objects.values_list("name", flat=True)))


class WidelyScoped(ScopedDetailView[Community]):
    """A view that forgets the scope, although it is built on the base."""

    queryset = Community.objects.all()

    def get_queryset(self) -> Any:
        return Community.objects.all()

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return HttpResponse(context["object"].name)


class WritesFirst(ScopedListView[Community]):
    """A view that writes, and refuses afterwards."""

    queryset = Community.objects.all()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        Community.objects.update(households=1)
        return super().dispatch(request, *args, **kwargs)


@override_settings(ROOT_URLCONF=(*urlpatterns, path("planted/", Unscoped.as_view(), name="planted")))
def test_a_view_without_scope_is_refused_at_start_and_found_by_the_matrix() -> None:
    assert [error.id for error in every_route_is_scoped(None)] == ["portal.E010"]
    faults = walk("planted", Row(), world.build(), deep=False)
    assert any("shows a foreign record" in fault for fault in faults)
    assert any("as nobody" in fault for fault in faults)


@override_settings(ROOT_URLCONF=(*urlpatterns, path("planted/<int:pk>/", WidelyScoped.as_view(), name="planted")))
def test_a_forgotten_scope_is_found() -> None:
    faults = walk("planted", Row("community"), world.build(), deep=False)
    assert any("as county_entry on foreign: 200" in fault for fault in faults)


@override_settings(ROOT_URLCONF=(*urlpatterns, path("planted/", WritesFirst.as_view(), name="planted")))
def test_a_write_behind_a_refusal_is_found() -> None:
    faults = walk("planted", Row(view=frozenset(), everywhere=ALL), world.build(), deep=False)
    assert any("wrote behind a refusal" in fault for fault in faults)
