"""Rules that do not apply for want of something to compare, and rules that the city office adds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from communities.models import Community, ReportingUnit
from facilities import reference
from facilities.models import OrderingRule, Project
from facilities.ordering import Kept, ordering_of, violations
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller
from tests.conftest import BACKEND

DAY = dt.date(2013, 12, 31)


@pytest.fixture
def rules(db: None) -> dict[str, OrderingRule]:
    """The seeded rules by code."""
    reference.load()
    return {rule.code: rule for rule in OrderingRule.objects.all()}


@pytest.fixture
def home(units: dict[str, ReportingUnit]) -> Community:
    """A community."""
    return factories.make_community(units["XC"])


def build(home: Community, *stages: tuple[int, dt.date], kind: str = "other", **fields: Any) -> Project:
    return factories.make_project(home, kind, *stages, **fields)


def told(home: Community, code: str) -> Kept:
    """What is said of a rule in the community."""
    return next(kept for kept in ordering_of(home.projects.all(), DAY) if kept.rule.code == code)


def test_a_rule_without_both_sides_is_not_said_to_be_kept(home: Community, rules: dict[str, OrderingRule]) -> None:
    rule = rules["resettlement_first"]
    sides = str(rule.get_first_display()), str(rule.get_then_display())
    assert told(home, rule.code).missing == f"不适用：没有“{sides[1]}”、“{sides[0]}”项目。"
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    found = told(home, rule.code)
    assert (found.missing, found.later, found.found) == (f"不适用：没有“{sides[0]}”项目。", True, [])
    build(home, (Stage.STARTED, dt.date(2013, 6, 1)), kind="resettlement")
    assert told(home, rule.code).missing == ""


def test_one_project_with_both_traits_is_not_compared_with_itself(
    home: Community, rules: dict[str, OrderingRule]
) -> None:
    build(home, kind="resettlement", is_platform=True)
    assert "可比的" in told(home, "platform_first").missing
    build(home, kind="commercial")
    assert told(home, "platform_first").missing == ""


def test_plans_that_nobody_made_keep_no_rule(home: Community, rules: dict[str, OrderingRule]) -> None:
    centre = build(home, kind="service_centre", is_platform=True)
    build(home, kind="commercial", planned_start=dt.date(2013, 5, 1))
    assert "没有写了计划开工日期的“服务平台”项目" in told(home, "planned_first").missing
    centre.plans.create(stage=Stage.STARTED, planned_on=dt.date(2013, 4, 2))
    assert told(home, "planned_first").missing == ""


def test_where_nobody_wrote_where_it_is_built_that_is_told(
    home: Community, rules: dict[str, OrderingRule], as_user: Any
) -> None:
    """Instead of saying that there is no building beside one that stands."""
    clinic = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="clinic")
    sentence = "1 个项目没有写地上还是地下，还不能判断。"
    assert (told(home, "underground_first").missing, told(home, "underground_first").later) == (sentence, True)
    page = as_user(factories.make_user("city_office"))
    community = reverse("dashboards:community", args=[home.pk])
    for address in (reverse("facilities:ordering"), clinic.get_absolute_url(), community):
        assert sentence in page.get(address).content.decode(), address
    unknown = page.get(community).context["page"].unknowns
    assert (clinic.name, "没有写地上还是地下") in [(each.label, each.why) for each in unknown]
    pipes = build(home, kind="infrastructure", position="underground")
    assert told(home, "underground_first").missing == sentence, "the building may be the later one"
    Project.objects.filter(pk=clinic.pk).update(position="above")
    assert told(home, "underground_first").missing == "" and len(told(home, "underground_first").found) == 1
    Project.objects.filter(pk=pipes.pk).update(position="above")
    assert told(home, "underground_first").missing == "不适用：没有“地下工程”项目。"
    # Another rule's missing side is not told by where things are built.
    build(home, kind="other")
    assert told(home, "resettlement_first").missing == "不适用：没有“商业开发”、“还建房”项目。"


def test_the_pages_say_that_a_rule_does_not_apply(
    home: Community, rules: dict[str, OrderingRule], as_user: Any
) -> None:
    shops = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    page = as_user(factories.make_user("city_office"))
    trait = rules["resettlement_first"].get_first_display()
    pages = (
        reverse("facilities:ordering"),
        shops.get_absolute_url(),
        reverse("dashboards:community", args=[home.pk]),
    )
    for address in pages:
        text = page.get(address).content.decode()
        assert f"不适用：没有“{trait}”项目" in text, address
        for kept in ("都符合", "没有先动", "符合</span>"):
            assert kept not in text, address
    clinic = build(home, kind="clinic", position="underground")
    assert "没有一条规则要拿这个项目来比" in page.get(clinic.get_absolute_url()).content.decode()
    build(home, (Stage.STARTED, dt.date(2013, 6, 1)), kind="resettlement")
    assert "都符合" in page.get(pages[0]).content.decode()
    assert "没有先动" in page.get(pages[1]).content.decode()
    assert "符合" in page.get(pages[2]).content.decode()


NEW_RULE = {
    "code": "homes_before_shops",
    "family": "sequence",
    "name": "先住房后商业",
    "first": "housing",
    "then": "commercial",
    "measure": "sited",
    "statement": "住房先选址。",
    "valid_from": "2013-01-01",
}


def test_the_city_office_adds_a_rule_and_it_judges(home: Community, as_user: Any) -> None:
    build(home, (Stage.SITED, dt.date(2013, 6, 18)), kind="commercial")
    build(home, kind="resettlement")
    address = reverse("facilities:ordering_rule_create")
    page = as_user(factories.make_user("city_office"))
    assert address in page.get(reverse("facilities:rules")).content.decode()
    assert page.get(address).status_code == 200
    assert page.post(address, NEW_RULE).status_code == 302
    assert [found.rule.code for found in violations(DAY)] == ["homes_before_shops"]
    for wrong, words in (({}, "代码"), ({"code": "other", "then": "housing"}, "不能是同一类")):
        refused = page.post(address, {**NEW_RULE, **wrong})
        assert refused.status_code == 422 and words in refused.content.decode()
    assert as_user(factories.make_user("leader")).get(address).status_code == 403
    assert OrderingRule.objects.count() == 1


def test_the_api_adds_a_rule(home: Community) -> None:
    caller = Caller()
    caller.client.force_login(factories.make_user("city_office"), backend=BACKEND)
    answer = caller.post("ordering-rules/", NEW_RULE)
    assert (answer.status_code, answer.json()["code"]) == (201, "homes_before_shops")
    assert caller.post("ordering-rules/", NEW_RULE).status_code == 400
    assert OrderingRule.objects.get().presumed
