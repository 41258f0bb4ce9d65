"""Many projects at once, as a sheet brings them: all of them or none, by the rules of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities.models import Community
from communities.roles import Role
from core.errors import OneRefused, RuleViolation
from core.history import events_of
from facilities.models import PlannedStage, Project
from facilities.register_actions import create_projects, edit_projects, withdraw_projects
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(units: dict[str, Any]) -> User:
    """The entry of 孝昌."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def community(units: dict[str, Any]) -> Community:
    """A community of 孝昌."""
    return factories.make_community(units["XC"])


def new(community: Community, *names: str, **values: Any) -> dict[int, tuple[Community, dict[str, Any]]]:
    return {number: (community, {"kind": "clinic", "name": name, **values}) for number, name in enumerate(names, 2)}


def test_they_are_registered_with_their_first_plans(community: Community, clerk: User) -> None:
    day = dt.date(2013, 5, 6)
    made = create_projects(new(community, "甲", " 乙 ", planned_start=day), actor=clerk)
    assert [made[key].name for key in (2, 3)] == ["甲", "乙"]
    plans = PlannedStage.objects.filter(project__in=[project.pk for project in made.values()])
    assert [plan.planned_on for plan in plans] == [day, day]
    assert [event.pgh_label for event in events_of(made[3])] == ["insert"]


def test_one_that_may_not_be_is_named_and_nothing_is_written(
    community: Community, clerk: User, units: dict[str, Any]
) -> None:
    foreign = factories.make_community(units["DW"])
    wrong: list[tuple[Community, dict[str, Any]]] = [
        (foreign, {"kind": "clinic", "name": "别处"}),
        (community, {"kind": "clinic", "name": "套数", "housing_planned": 4}),
    ]
    for each in wrong:
        with pytest.raises(OneRefused) as refused:
            create_projects({**new(community, "甲"), 7: each}, actor=clerk)
        assert refused.value.key == 7
    with pytest.raises(RuleViolation, match="同名项目"):
        create_projects(new(community, "甲", "甲"), actor=clerk)
    with pytest.raises(KeyError):
        create_projects(new(community, "甲", registered_on=dt.date(2000, 1, 1)), actor=clerk)
    assert not Project.objects.exists()


def test_edited_together_each_is_a_version_further(community: Community, clerk: User) -> None:
    one, two = (factories.make_project(community, "clinic", fund_city=Decimal(5)) for _number in range(2))
    saved = edit_projects({one.pk: (1, {"fund_city": Decimal(6)}), two.pk: (1, {"name": "新名"})}, actor=clerk)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.fund_city, one.version, two.fund_city, two.version) == (6, 2, 5, 2)
    assert two.name == saved[two.pk].name == "新名" and saved[one.pk].version == 2


def test_an_edit_that_may_not_be_stops_all(community: Community, clerk: User) -> None:
    one, two = (factories.make_project(community, "clinic") for _number in range(2))
    stranger = factories.make_user(Role.LEADER)
    first: tuple[int, dict[str, Any]] = (1, {"fund_city": Decimal(6)})
    for actor, change, words in (
        (clerk, (2, {}), "被别人改过"),
        (clerk, (1, {"housing_planned": 4}), "只有住房"),
        (stranger, (1, {}), "不能修改"),
    ):
        with pytest.raises(OneRefused, match=words) as refused:
            edit_projects({two.pk: change, one.pk: first}, actor=actor)
        assert refused.value.key == two.pk
    with pytest.raises(RuleViolation, match="同名项目"):
        edit_projects({one.pk: first, two.pk: (1, {"name": one.name})}, actor=clerk)
    assert set(Project.objects.values_list("fund_city", "version")) == {(None, 1)}


def _report(project: Project, clerk: User) -> None:
    factories.make_report(project, factories.make_month(), entry=clerk, state="draft")


def _plan(project: Project, clerk: User) -> None:
    PlannedStage.objects.create(project=project, stage=6, planned_on=factories.LONG_AGO, recorded_by=clerk)


def _edit(project: Project, clerk: User) -> None:
    Project.objects.filter(pk=project.pk).update(version=2)


@pytest.mark.parametrize(("what", "words"), [(_report, "已经有月报"), (_plan, "已经有计划"), (_edit, "又有改动")])
def test_what_something_stands_on_holds_all_of_them(
    community: Community, clerk: User, what: Callable[[Project, User], None], words: str
) -> None:
    made = create_projects(new(community, "甲", "乙", planned_start=dt.date(2013, 5, 6)), actor=clerk)
    what(made[3], clerk)
    with pytest.raises(OneRefused, match=words) as refused:
        withdraw_projects({project.pk: 1 for project in made.values()}, actor=clerk)
    assert refused.value.key == made[3].pk and Project.objects.count() == 2


def test_many_ask_no_more_than_few(community: Community, clerk: User) -> None:
    def asked(names: list[str]) -> list[int]:
        counts = []
        with CaptureQueriesContext(connection) as queries:
            made = create_projects(new(community, *names), actor=clerk).values()
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            edit_projects({row.pk: (1, {"fund_city": Decimal(row.pk)}) for row in made}, actor=clerk)
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            withdraw_projects({row.pk: 2 for row in made}, actor=clerk)
        return [*counts, len(queries)]

    asked(["先问岗位"])
    assert asked([f"少{number}" for number in range(2)]) == asked([f"多{number}" for number in range(40)])
