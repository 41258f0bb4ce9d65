"""What a community's page says of the rules that construction is judged by, and that its history has all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from communities.roles import Role
from facilities import reference, rule_actions
from facilities.models import RedMark
from facilities.plan_actions import plan_stages
from facilities.workflow import Stage
from tests import factories
from tests.dashboards import community_scene
from tests.dashboards.community_scene import City
from tests.dashboards.scene import JUNE, LAST_DAY
from tests.dashboards.test_community_page import page_of, text_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def city(units: dict[str, Any]) -> City:
    return community_scene.build(units)


@pytest.fixture
def office(city: City, as_user: SignIn) -> Client:
    return as_user(factories.make_user(Role.CITY_OFFICE))


def test_what_went_before_what_should_be_first_is_told_with_both_dates(city: City, office: Client) -> None:
    reference.load()
    begun = (Stage.STARTED, dt.date(2013, 2, 1))
    factories.make_project(city.community, "commercial", begun, name="商铺")
    text = text_of(office, city.community)
    assert "先还建后开发" in text and "“商铺” 2013-02-01" in text
    (order,) = [kept for kept in page_of(office, city.community).order if kept.found]
    assert order.rule.code == "resettlement_first"


def test_what_is_exempt_is_not_said_to_be_in_order(city: City, office: Client) -> None:
    """With the reason and who agreed. A rule that nothing breaks is kept; with nothing to compare it does not apply."""
    reference.load()
    traits: dict[str, Any] = {"position": "above", "is_platform": True}
    factories.make_project(city.community, "clinic", (Stage.STARTED, dt.date(2013, 1, 1)), **traits)
    begun = (Stage.STARTED, dt.date(2013, 2, 1))
    shops = factories.make_project(city.community, "commercial", begun, name="商铺", position="above")
    (order,) = [kept for kept in page_of(office, city.community).order if kept.found]
    person = factories.make_user(Role.CITY_OFFICE, full_name="张主任")
    rule_actions.exempt(order.rule, shops, reason="专题会议同意", actor=person)
    panel = text_of(office, city.community).split('id="order-title"')[1].split("</ul>")[0]
    assert panel.count("已豁免") == 1 and "不符" not in panel and "张主任" in panel and "专题会议同意" in panel
    rest = [kept for kept in page_of(office, city.community).order if not kept.exempt]
    assert panel.count("不适用：没有") == sum(bool(kept.missing) for kept in rest) > 0
    assert panel.count("符合") == sum(not kept.missing for kept in rest) > 0


def test_the_history_has_plans_exemptions_red_lights_and_photos(city: City, office: Client, as_user: SignIn) -> None:
    """Each with the name of its project. Photos are told to whoever reports."""
    reference.load()
    factories.make_project(city.community, "commercial", (Stage.STARTED, dt.date(2013, 2, 1)), name="商铺")
    (order,) = [kept for kept in page_of(office, city.community).order if kept.found]
    person = factories.make_user(Role.CITY_OFFICE)
    rule_actions.exempt(order.rule, order.found[0].project, reason="专题会议同意", actor=person)
    plan_stages(city.housing, {Stage.BASICALLY_BUILT: LAST_DAY}, actor=person, reason="用地调整")
    mark = RedMark.objects.create(project=city.housing, red_on=JUNE, sentence="没有动工。")
    photo = factories.make_photo(city.housing, city.month)
    text = text_of(office, city.community, "community_history")
    for words in ("商铺 · 先还建后开发", "还建房一期 · 基本建成", f"还建房一期 · {mark.red_on}", "用地调整"):
        assert words in text, words
    taken = f"还建房一期 · 动工 {photo.pk}"
    entry = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=city.units["XC"]))
    assert taken in text_of(entry, city.community, "community_history")
    assert taken not in text_of(as_user(factories.make_user(Role.LEADER)), city.community, "community_history")
