"""Ordering rules: planted violations are found and none else, against a naive check; exemptions and their limits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from communities.models import Community, ReportingUnit
from core.errors import NotAllowed, RuleViolation
from facilities import reference, rule_actions
from facilities.models import OrderingExemption, OrderingRule, Project
from facilities.ordering import violating, violation_condition, violations
from facilities.workflow import Stage
from tests import factories

DAY = dt.date(2013, 12, 31)
some_days = st.dates(dt.date(2013, 1, 1), dt.date(2014, 2, 28))


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


def test_both_records_and_both_dates_are_named(home: Community, rules: dict[str, OrderingRule]) -> None:
    homes = build(home, (Stage.STARTED, dt.date(2013, 7, 2)), kind="resettlement", name="还建房一期")
    shops = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial", name="商品房")
    (found,) = violations(DAY)
    assert (found.rule.code, found.project, found.first) == ("resettlement_first", shops, homes)
    assert (found.then_on, found.first_on, found.days) == (dt.date(2013, 6, 18), dt.date(2013, 7, 2), 14)
    assert found.sentence == "动工日期：“商品房” 2013-06-18，“还建房一期” 2013-07-02，晚 14 天。"


def test_what_should_be_first_and_has_not_begun_is_told(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, position="underground", name="管网", kind="infrastructure")
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), position="above", name="学校")
    (found,) = violations(DAY)
    assert found.first_on is None and "“管网”还没有" in found.sentence


def test_where_nothing_should_be_first_nothing_is_violated(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    assert violations(DAY) == []


def test_the_earliest_of_the_first_counts(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, (Stage.STARTED, dt.date(2013, 3, 1)), position="underground", kind="infrastructure")
    build(home, (Stage.STARTED, dt.date(2013, 9, 1)), position="underground", kind="infrastructure")
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), position="above")
    assert violations(DAY) == []


def test_another_communitys_works_are_no_measure(
    home: Community, units: dict[str, ReportingUnit], rules: dict[str, OrderingRule]
) -> None:
    build(factories.make_community(units["XC"]), kind="resettlement")
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    assert violations(DAY) == []


def test_a_rule_judges_from_its_first_day_to_its_last(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, kind="resettlement")
    build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    rule, office = rules["resettlement_first"], factories.make_user("city_office")
    for values, number in (
        ({"valid_from": dt.date(2013, 6, 19)}, 0),
        ({"valid_from": dt.date(2013, 6, 18)}, 1),
        ({"valid_until": dt.date(2013, 6, 18)}, 0),
        ({"valid_from": dt.date(2013, 1, 1), "valid_until": dt.date(2013, 6, 19)}, 1),
    ):
        sent = {"valid_from": dt.date(2012, 1, 1), "valid_until": None} | values
        rule = rule_actions.edit(rule, sent, expected_version=rule.version, actor=office)
        assert violating(rule, DAY).count() == number, values


def anew(rule: OrderingRule, actor: User, day: dt.date, **values: object) -> OrderingRule:
    """Read a rule in another way from a day on."""
    names = ("name", "first", "then", "measure", "statement", "source", "presumed")
    read = {name: getattr(rule, name) for name in names} | values
    return rule_actions.read_anew(rule, valid_from=day, expected_version=rule.version, actor=actor, **read)


def test_a_new_reading_leaves_what_was_judged_before(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, kind="resettlement")
    before = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    build(home, (Stage.STARTED, dt.date(2013, 9, 1)), kind="commercial")
    office, day = factories.make_user("city_office"), dt.date(2013, 8, 1)
    rule = rules["resettlement_first"]
    new = anew(rule, office, day, first="platform", statement="平台先于商业", presumed=False)
    rule.refresh_from_db()
    assert (rule.valid_until, new.valid_from, new.family) == (day, day, rule.family)
    assert new.code == "resettlement_first-20130801"
    assert [found.project for found in violations(DAY)] == [before], "no platform is planned that should be first now"
    for refused, words in ((rule, "已经有截止日期"), (new, "晚于现在这套的起始日期")):
        with pytest.raises(RuleViolation, match=words):
            anew(refused, office, day)
    with pytest.raises(NotAllowed):
        anew(new, factories.make_user("leader"), dt.date(2013, 12, 1))


def test_a_settled_reading_is_not_changed(rules: dict[str, OrderingRule]) -> None:
    office = factories.make_user("city_office")
    rule = rules["resettlement_first"]
    settled = {"presumed": False, "measure": "planned"}
    rule = rule_actions.edit(rule, settled, expected_version=rule.version, actor=office)
    for name, value in (("measure", "started"), ("first", "platform"), ("valid_from", DAY)):
        with pytest.raises(RuleViolation, match="已经核定"):
            rule_actions.edit(rule, {name: value}, expected_version=rule.version, actor=office)
    same = {"measure": "planned", "name": "改个名"}
    assert rule_actions.edit(rule, same, expected_version=rule.version, actor=office).name == "改个名"


def test_the_new_reading_opens_with_the_present_one(rules: dict[str, OrderingRule], as_user: Any) -> None:
    page, rule = as_user(factories.make_user("city_office")), rules["resettlement_first"]
    address = reverse("facilities:ordering_rule_anew", args=[rule.pk])
    assert address in page.get(reverse("facilities:rules")).content.decode()
    form = page.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"valid_from": "2014-01-01"}
    assert sent["statement"] == rule.statement
    assert page.post(address, sent).status_code == 302
    assert OrderingRule.objects.filter(valid_from=dt.date(2014, 1, 1), family=rule.family).count() == 1


def test_what_happens_after_the_day_is_not_seen(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, kind="resettlement")
    build(home, (Stage.STARTED, dt.date(2014, 1, 2)), kind="commercial")
    assert violations(DAY) == [] and len(violations(dt.date(2014, 1, 2))) == 1


def test_plans_are_compared_where_both_are_known(home: Community, rules: dict[str, OrderingRule]) -> None:
    centre = build(home, kind="service_centre", is_platform=True)
    build(home, kind="commercial", planned_start=dt.date(2013, 5, 1))
    assert violations(DAY) == [], "an unknown plan violates nothing"
    centre.plans.create(stage=Stage.STARTED, planned_on=dt.date(2013, 5, 2))
    assert [found.rule.code for found in violations(DAY)] == ["planned_first"]


def test_a_step_that_was_taken_back_is_no_date(home: Community, rules: dict[str, OrderingRule]) -> None:
    """Neither of what should be first nor of what came later; reached again, it counts from the new day."""
    homes = build(home, (Stage.STARTED, dt.date(2013, 5, 1)), kind="resettlement")
    shops = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    assert violations(DAY) == []
    homes.stages.create(stage=Stage.LAND, occurred_on=dt.date(2013, 7, 1), reason="误报")
    (found,) = violations(DAY)
    assert (found.project, found.first_on) == (shops, None)
    assert violations(dt.date(2013, 6, 30)) == [], "on that day it stood"
    homes.stages.create(stage=Stage.STARTED, occurred_on=dt.date(2013, 8, 1))
    (found,) = violations(DAY)
    assert found.first_on == dt.date(2013, 8, 1)
    shops.stages.create(stage=Stage.LAND, occurred_on=dt.date(2013, 9, 1), reason="停工重来")
    assert violations(DAY) == []


def test_an_exemption_takes_one_pair_out(home: Community, rules: dict[str, OrderingRule]) -> None:
    build(home, kind="resettlement")
    first = build(home, (Stage.STARTED, dt.date(2013, 6, 18)), kind="commercial")
    second = build(home, (Stage.STARTED, dt.date(2013, 6, 19)), kind="commercial")
    rule, office = rules["resettlement_first"], factories.make_user("city_office")
    with pytest.raises(NotAllowed):
        rule_actions.exempt(rule, first, reason="会议纪要", actor=factories.make_user("leader"))
    with pytest.raises(RuleViolation, match="写明原因"):
        rule_actions.exempt(rule, first, reason=" ", actor=office)
    with pytest.raises(RuleViolation, match="没有违反"):
        rule_actions.exempt(rules["underground_first"], first, reason="会议纪要", actor=office)
    rule_actions.exempt(rule, first, reason="会议纪要", actor=office)
    assert [found.project for found in violations(DAY)] == [second]
    with pytest.raises(RuleViolation, match="已经免了"):
        rule_actions.exempt(rule, first, reason="会议纪要", actor=office)
    assert OrderingExemption.objects.get().granted_by == office


@dataclass
class Work:
    """A generated project."""

    kind: str
    position: str
    platform: bool
    steps: list[tuple[int, dt.date]]
    planned: dt.date | None


# In the order of days, as rows are entered: a step after a later one is a step back.
steps = st.lists(
    st.tuples(st.sampled_from([Stage.CONCEIVED, Stage.SITED, Stage.STARTED, Stage.MAIN_WORKS]), some_days),
    max_size=4,
    unique=True,
).map(lambda found: sorted(found, key=lambda step: step[1]))
works = st.lists(
    st.builds(
        Work,
        st.sampled_from(["resettlement", "commercial", "other"]),
        st.sampled_from(["", "underground", "above"]),
        st.booleans(),
        steps,
        st.none() | some_days,
    ),
    max_size=6,
)


def naive(works: list[tuple[Project, Work]], rule: OrderingRule) -> set[int]:
    """The rule read aloud: of each later work with a date, is there one that should be first, but was not?"""

    def has(work: Work, trait: str) -> bool:
        return {
            "underground": work.position == "underground",
            "above": work.position == "above",
            "platform": work.platform,
            "housing": work.kind in ("resettlement", "commercial"),
            "resettlement": work.kind == "resettlement",
            "commercial": work.kind == "commercial",
        }[trait]

    def date(work: Work) -> dt.date | None:
        if rule.measure == "planned":
            return work.planned
        past = [(step, day) for step, day in work.steps if day <= DAY]
        wanted = Stage.STARTED if rule.measure == "started" else Stage.SITED
        # Each row could be the one since which it stands there: it does, if no row after it is below.
        stands = [day for at, (_step, day) in enumerate(past) if all(step >= wanted for step, _day in past[at:])]
        return stands[0] if stands else None

    found = set()
    for project, work in works:
        mine = date(work)
        if mine is None or not has(work, rule.then):
            continue
        others = [date(other) for key, other in works if key.pk != project.pk and has(other, rule.first)]
        if rule.measure == "planned":
            others = [day for day in others if day is not None]
        if others and not any(day is not None and day <= mine for day in others):
            found.add(project.pk)
    return found


@given(works=works)
def test_the_same_as_a_naive_reading(
    units: dict[str, ReportingUnit], rules: dict[str, OrderingRule], works: list[Work]
) -> None:
    home, made = factories.make_community(units["XC"]), []
    for work in works:
        fields = {"position": work.position, "is_platform": work.platform, "planned_start": work.planned}
        made.append((build(home, *work.steps, kind=work.kind, **fields), work))
    mine = Project.objects.filter(community=home)
    for rule in rules.values():
        assert set(violating(rule, DAY, mine).values_list("pk", flat=True)) == naive(made, rule), rule.code
    expected = set().union(*(naive(made, rule) for rule in rules.values()))
    assert set(mine.filter(violation_condition(DAY)).values_list("pk", flat=True)) == expected
