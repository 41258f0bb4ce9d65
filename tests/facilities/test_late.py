"""Projects behind their plan: the rule, the list, and that the list tells nobody what others have."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from communities.models import Placement, ReportingUnit
from communities.roles import Role
from facilities.lights import judged, with_standing
from facilities.models import LightThreshold, Project
from facilities.workflow import Stage
from tests.factories import make_community, make_project, make_user

Units = dict[str, ReportingUnit]
pytestmark = pytest.mark.django_db
DAY = dt.date(2013, 12, 31)
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
SUMMER, AUTUMN = dt.date(2013, 6, 1), dt.date(2013, 10, 1)
LIST = "/projects/"


def late(kind: str = "") -> set[str]:
    return set(Project.objects.with_place().late(DAY, kind).values_list("name", flat=True))


@pytest.fixture
def plans(units: Units) -> Units:
    """Every way of standing against a plan, in 孝昌."""
    home = make_community(units["XC"])
    cases: dict[str, tuple[Any, Any, list[tuple[int, dt.date]]]] = {
        "should be built": (SUMMER, BEFORE, [(Stage.STARTED, SUMMER)]),
        "should be built, nobody planned when to begin": (None, BEFORE, []),
        "should have begun": (AUTUMN, AFTER, [(Stage.TENDERED, SUMMER)]),
        "fell back": (SUMMER, BEFORE, [(Stage.BASICALLY_BUILT, SUMMER), (Stage.MAIN_WORKS, AUTUMN)]),
        "built the day after": (SUMMER, BEFORE, [(Stage.STARTED, SUMMER), (Stage.BASICALLY_BUILT, AFTER)]),
        "built, though late": (SUMMER, AUTUMN, [(Stage.BASICALLY_BUILT, BEFORE)]),
        "begun, though late": (SUMMER, None, [(Stage.STARTED, AUTUMN)]),
        "due on the day": (DAY, DAY, []),
        "without a plan": (None, None, []),
    }
    for name, (start, finish, stages) in cases.items():
        make_project(home, "other", *stages, name=name, planned_start=start, planned_finish=finish)
    return units


def test_who_is_late(plans: Units) -> None:
    built = {"should be built", "should be built, nobody planned when to begin", "fell back", "built the day after"}
    assert late("finish") == built
    assert late("start") == {"should have begun"}
    assert late() == built | {"should have begun"}


def test_the_rule_is_that_of_the_projects_own_page(plans: Units) -> None:
    """A light that counts days: what is done, however late, is late no more."""
    limits = {"yellow_points": 10, "red_points": 30, "start_red_days": 90, "finish_red_days": 90}
    LightThreshold.objects.create(valid_from=SUMMER, source="测试", **limits)
    rows = judged(with_standing(Project.objects.all(), DAY), DAY)
    assert {project.name for project in rows if "晚了" in project.judged.sentence} == late()


def test_a_community_that_counts_nowhere_is_not_late(plans: Units) -> None:
    Placement.objects.update(valid_until=DAY)
    assert late() == set()


def test_the_list_names_the_day_and_the_days(plans: Units, as_user: Any) -> None:
    response = as_user(make_user(Role.LEADER)).get(LIST, {"late": "any", "on": "2013-12-31", "unit": "XC"})
    assert response.context["page_obj"].paginator.count == 5
    page = response.content.decode()
    assert "逾期 1 天" in page and "逾期 91 天" in page
    assert "到 2013-12-31，" in page


def test_without_a_day_it_is_the_present_one_and_a_wrong_one_lists_nothing(plans: Units, as_user: Any) -> None:
    client = as_user(make_user(Role.LEADER))
    assert client.get(LIST, {"late": "finish"}).context["page_obj"].paginator.count == 5
    wrong = client.get(LIST, {"late": "start", "on": "x"})
    assert wrong.status_code == 200
    assert wrong.context["page_obj"].paginator.count == 0
    assert client.get(LIST, {"on": "2013-12-31"}).context["page_obj"].paginator.count == 9


def test_others_are_told_as_the_citys_sum_alone(plans: Units, as_user: Any) -> None:
    own = make_community(plans["DW"])
    make_project(own, "other", planned_finish=BEFORE)
    client = as_user(make_user(Role.COUNTY_ENTRY, unit=plans["DW"]))
    asked = {"late": "any", "on": "2013-12-31"}
    whole = client.get(LIST, asked)
    assert (whole.context["page_obj"].paginator.count, whole.context["hidden"]) == (1, 5)
    assert "全市另有 5 个不在你的可见范围" in whole.content.decode()
    for more in ({"unit": "XC"}, {"type": "city"}, {"kind": "other"}, {"q": "should"}, {"stage": "5"}):
        page = client.get(LIST, asked | more)
        assert "hidden" not in page.context
        assert "不在你的可见范围" not in page.content.decode()
