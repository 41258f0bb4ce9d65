"""The base of pages and of REST resources: scope first, then the answer that each case deserves."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.views import View
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.models import User
from communities.models import Community, ReportingUnit
from communities.roles import Role
from core.api import ScopedViewSet
from core.errors import WrongState
from core.views import ScopedActionView, ScopedListView
from tests import factories
from xiaogan_portal.urls import handler500, urlpatterns

pytestmark = pytest.mark.django_db


class CommunitySerializer(serializers.ModelSerializer[Community]):
    class Meta:
        model = Community
        fields = ["id", "name"]


class CommunityResource(ScopedViewSet[Community]):
    queryset = Community.objects.order_by("pk")
    serializer_class = CommunitySerializer

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        self.get_object()
        raise WrongState("这条记录已经关闭。", field="name")


class Press(ScopedActionView):
    queryset = Community.objects.all()

    def act(self, record: Any) -> Any:
        raise WrongState("状态不对：已结束。")


class Broken(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        raise RuntimeError("kaputt")


router = SimpleRouter()
router.register("resource", CommunityResource, basename="resource")
urlconf: Any = ModuleType("planted")
urlconf.handler500 = handler500
urlconf.urlpatterns = [
    *urlpatterns,
    path("planted/", include(router.urls)),
    path("press/<int:pk>/", Press.as_view(), name="press"),
    path("broken/", Broken.as_view(), name="broken"),
]
planted = override_settings(ROOT_URLCONF=urlconf)


@pytest.fixture
def entry(units: dict[str, ReportingUnit]) -> User:
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


def test_a_page_without_a_scoped_queryset_does_not_run(entry: User) -> None:
    class Bare(ScopedListView[ContentType]):
        queryset = ContentType.objects.all()

    request = RequestFactory().get("/")
    request.user = entry
    with pytest.raises((ImproperlyConfigured, AttributeError)):
        Bare.as_view()(request)


def test_nobody_signed_in_reaches_nothing(units: dict[str, ReportingUnit]) -> None:
    factories.make_community(units["XC"])
    assert not Community.objects.visible_to(AnonymousUser()).exists()


@planted
def test_a_resource_shows_what_the_person_may_see(entry: User, units: dict[str, ReportingUnit], as_user: Any) -> None:
    own, foreign = factories.make_community(units["XC"]), factories.make_community(units["DW"])
    client = as_user(entry)
    answer = client.get("/planted/resource/").json()
    assert [row["id"] for row in answer["results"]] == [own.pk]
    assert client.get(f"/planted/resource/{own.pk}/").status_code == 200
    assert client.get(f"/planted/resource/{foreign.pk}/").status_code == 404
    assert Client().get("/planted/resource/").status_code in (401, 403)


@planted
def test_an_unsafe_method_needs_the_right_to_change(units: dict[str, ReportingUnit], as_user: Any, entry: User) -> None:
    own = factories.make_community(units["XC"])
    reader = factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])
    assert as_user(reader).post(f"/planted/resource/{own.pk}/refuse/").status_code == 403
    answer = as_user(entry).post(f"/planted/resource/{own.pk}/refuse/")
    assert (answer.status_code, answer.json()) == (409, {"detail": "这条记录已经关闭。", "field": "name"})


@planted
def test_a_button_in_the_wrong_state_answers_409_in_words(
    entry: User, units: dict[str, ReportingUnit], as_user: Any
) -> None:
    own = factories.make_community(units["XC"])
    answer = as_user(entry).post(f"/press/{own.pk}/")
    assert answer.status_code == 409
    assert "状态不对：已结束。" in answer.content.decode()


@planted
def test_an_error_page_has_a_number_and_hides_the_cause(entry: User, as_user: Any) -> None:
    client = as_user(entry)
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert "kaputt" not in answer.content.decode()
    assert "编号" in answer.content.decode()


def test_pages_sort_and_fall_back(units: dict[str, ReportingUnit], as_user: Any, entry: User) -> None:
    for n in range(25):
        factories.make_community(units["XC"], households=n)
    client = as_user(entry)
    first = client.get("/communities/", {"sort": "-households"}).context["page_obj"]
    assert [row.households for row in first][:3] == [24, 23, 22]
    assert (len(first), first.paginator.num_pages) == (20, 2)
    for query in ({"page": "99"}, {"page": "abc"}, {"sort": "password"}, {"size": "100000"}, {"page": "%00"}):
        assert client.get("/communities/", query).status_code == 200
    assert len(client.get("/communities/", {"size": "50"}).context["page_obj"]) == 25
