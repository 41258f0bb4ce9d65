"""One project, one light: the list, its export, the API and both pages tell the same, with the reason and the mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingUnit, SampleDay
from facilities.models import LightThreshold, Project, RedMark
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller
from tests.architecture.test_exports import rows_between, sheet_of
from tests.conftest import BACKEND

pytestmark = pytest.mark.django_db
DAY = dt.date(2013, 12, 31)
LIMITS = {"yellow_points": 10, "red_points": 30, "start_red_days": 90, "finish_red_days": 90}
WHY = "计划 2013-01-05 开工，还没动工，晚了 360 天。"


@pytest.fixture
def red(units: dict[str, ReportingUnit]) -> Project:
    """A project that is red, beside one that was."""
    SampleDay.objects.create(day=DAY)
    LightThreshold.objects.create(valid_from=dt.date(2013, 1, 1), source="测试", **LIMITS)
    home = factories.make_community(units["XC"])
    built = (Stage.BASICALLY_BUILT, dt.date(2013, 12, 1))
    recovered = factories.make_project(home, "clinic", built, name="卫生室")
    RedMark.objects.create(project=recovered, red_on=dt.date(2013, 10, 1), sentence="没有动工。")
    return factories.make_project(home, "kindergarten", name="幼儿园", planned_start=dt.date(2013, 1, 5))


@pytest.fixture
def office(as_user: Callable[[User], Client]) -> Client:
    return as_user(factories.make_user("city_office"))


def test_the_pages_show_the_same_light(red: Project, office: Client) -> None:
    home = red.community.pk
    community = [reverse(f"dashboards:{name}", args=[home]) for name in ("community", "community_card")]
    for address in (reverse("facilities:list"), red.get_absolute_url(), *community):
        text = office.get(address).content.decode()
        assert "light-red" in text and WHY in text, address
    for address in (reverse("facilities:list"), *community):
        text = office.get(address).content.decode()
        assert text.count("light-was_red") == 1 and "light-green" in text, address
    page: Any = office.get(community[0]).context["page"]
    assert page.lagging == 1 and WHY in [step.gap for step in page.steps]


def test_the_export_has_the_reason_and_the_mark(red: Project, office: Client) -> None:
    rows = {row[2]: row[10:13] for row in rows_between(sheet_of(office.get("/projects/", {"export": "xlsx"})))}
    assert rows == {"幼儿园": ["红灯", WHY, "—"], "卫生室": ["绿灯", "已经建成。", "是"]}


def test_the_api_has_them(red: Project) -> None:
    caller = Caller()
    caller.client.force_login(factories.make_user("city_office"), backend=BACKEND)
    lights = {
        row["name"]: (row["light"], row["light_reason"], row["was_red"])
        for row in caller.get("projects/").json()["results"]
    }
    assert lights == {"幼儿园": ("red", WHY, False), "卫生室": ("green", "已经建成。", True)}
    # Asking who was late on another day judges no light by that day.
    late = caller.get("projects/?late=any&on=2013-01-06").json()["results"]
    assert [(row["name"], row["light_reason"]) for row in late if row["name"] == "幼儿园"] == [("幼儿园", WHY)]
    assert caller.get(f"projects/{red.pk}/").json()["light_reason"] == WHY
