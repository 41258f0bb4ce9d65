"""Many communities at once, as a sheet brings them: all of them or none, by the rules of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities import actions
from communities.models import Community, Division, DivisionLevel, Placement, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, OneRefused, RuleViolation
from core.history import events_of
from core.periods import today
from tests import factories

pytestmark = pytest.mark.django_db

NEW = {"type": "city", "population": "programme", "category": "", "valid_from": dt.date(2013, 5, 8)}


@pytest.fixture
def unit(units: dict[str, ReportingUnit]) -> ReportingUnit:
    """孝昌."""
    return units["XC"]


@pytest.fixture
def clerk(unit: ReportingUnit) -> User:
    """Its entry clerk."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=unit)


@pytest.fixture
def foreign(units: dict[str, ReportingUnit]) -> Division:
    """A township of another unit."""
    parent = units["DW"].division
    return Division.objects.create(
        code="420922199000", name="别处镇", level=DivisionLevel.TOWN, parent=parent, valid_from=dt.date(1990, 1, 1)
    )


def new(*names: str, **values: Any) -> dict[int, dict[str, Any]]:
    return {number: {"name": name, **NEW, **values} for number, name in enumerate(names, 2)}


def test_each_gets_the_next_code_of_its_population(unit: ReportingUnit, clerk: User) -> None:
    factories.make_community(unit, code="XC-P-007", name="金桥社区")
    rows = {**new("甲社区", "乙社区"), 9: {"name": "丙社区", **NEW, "population": "existing"}}
    made = actions.create_communities(unit, rows, actor=clerk)
    assert [made[key].code for key in (2, 3, 9)] == ["XC-P-008", "XC-P-009", "XC-E-001"]
    assert made[2].pinyin and Placement.objects.get(community=made[9]).population == "existing"
    assert [event.pgh_label for event in events_of(made[2])] == ["insert"]


@pytest.mark.parametrize(
    ("rows", "key", "words"),
    [
        (new("甲社区", "金桥社区"), 3, "编号 XC-P-001"),
        (new("甲社区", "乙社区", "甲社区 "), 4, "编号 XC-P-002"),
        (new("甲社区", "乙社区", valid_from=today() + dt.timedelta(days=1)), 2, "还没到"),
        ({**new("甲社区"), 3: {"name": "长" * 51, **NEW}}, 3, ""),
        ({**new("甲社区"), 3: {"name": "乙社区", **NEW, "type": "moon"}}, 3, ""),
    ],
)
def test_one_that_may_not_be_is_named_and_nothing_is_written(
    unit: ReportingUnit, clerk: User, rows: dict[int, dict[str, Any]], key: int, words: str
) -> None:
    factories.make_community(unit, code="XC-P-001", name="金桥社区")
    with pytest.raises(OneRefused) as refused:
        actions.create_communities(unit, rows, actor=clerk)
    assert refused.value.key == key and words in refused.value.message
    assert Community.objects.count() == 1


def test_a_division_of_another_unit_is_refused(unit: ReportingUnit, clerk: User, foreign: Division) -> None:
    with pytest.raises(OneRefused, match="不归"):
        actions.create_communities(unit, new("甲社区", division=foreign), actor=clerk)
    known = factories.make_community(unit)
    with pytest.raises(OneRefused, match="不归") as refused:
        actions.edit_communities({known.pk: (1, {"division": foreign})}, actor=clerk)
    assert refused.value.key == known.pk


def test_only_who_enters_for_the_unit_may(unit: ReportingUnit) -> None:
    leader = factories.make_user(Role.LEADER)
    known = factories.make_community(unit)
    with pytest.raises(NotAllowed):
        actions.create_communities(unit, new("甲社区"), actor=leader)
    with pytest.raises(OneRefused, match="不能修改"):
        actions.edit_communities({known.pk: (1, {"households": 1})}, actor=leader)
    with pytest.raises(OneRefused, match="不能修改"):
        actions.withdraw_communities({known.pk: 1}, actor=leader)


def test_what_the_database_alone_holds_is_refused_in_words(unit: ReportingUnit, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="经纬度要么都填"):
        actions.create_communities(unit, new("甲社区", longitude=113), actor=clerk)
    assert not Community.objects.exists()


def test_edited_together_each_is_a_version_further(unit: ReportingUnit, clerk: User) -> None:
    one, two = (factories.make_community(unit, households=5) for _number in range(2))
    actions.edit_communities({one.pk: (1, {"households": 6}), two.pk: (1, {"name": "新华社区"})}, actor=clerk)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.households, one.version, two.households, two.version) == (6, 2, 5, 2)
    assert (two.name, two.initials) == ("新华社区", "xhsq")
    assert [event.pgh_label for event in events_of(one)] == ["insert", "update"]


@pytest.mark.parametrize("values", [{"households": -1}, {"name": ""}])
def test_a_stale_or_impossible_edit_stops_all(unit: ReportingUnit, clerk: User, values: dict[str, Any]) -> None:
    one, two = (factories.make_community(unit, households=5) for _number in range(2))
    tried: list[dict[int, tuple[int, dict[str, Any]]]] = [
        {one.pk: (1, {"households": 6}), two.pk: (1, values)},
        {one.pk: (1, {}), two.pk: (2, {})},
    ]
    for changes in tried:
        with pytest.raises(OneRefused) as refused:
            actions.edit_communities(changes, actor=clerk)
        assert refused.value.key == two.pk
    assert set(Community.objects.values_list("households", "version")) == {(5, 1)}


def _project(community: Community, unit: ReportingUnit) -> None:
    factories.make_project(community)


def _moved(community: Community, unit: ReportingUnit) -> None:
    Placement.objects.filter(community=community).update(valid_until=dt.date(2013, 1, 1))
    Placement.objects.create(
        community=community, unit=unit, type="town", population="programme", valid_from=dt.date(2013, 1, 1)
    )


def _edited(community: Community, unit: ReportingUnit) -> None:
    Community.objects.filter(pk=community.pk).update(version=2)


@pytest.mark.parametrize(("what", "words"), [(_project, "已经有项目"), (_moved, "又有改动"), (_edited, "又有改动")])
def test_what_something_stands_on_holds_all_of_them(
    unit: ReportingUnit, clerk: User, what: Callable[[Community, ReportingUnit], None], words: str
) -> None:
    one, two = (factories.make_community(unit) for _number in range(2))
    what(two, unit)
    with pytest.raises(OneRefused, match=words) as refused:
        actions.withdraw_communities({one.pk: 1, two.pk: 1}, actor=clerk)
    assert refused.value.key == two.pk and Community.objects.count() == 2


def test_taken_back_they_are_in_history_alone(unit: ReportingUnit, clerk: User) -> None:
    made = actions.create_communities(unit, new("甲社区", "乙社区"), actor=clerk)
    keys = {community.pk: community.version for community in made.values()}
    actions.withdraw_communities(keys, actor=clerk)
    assert not Community.objects.exists() and not Placement.objects.exists()
    assert [event.pgh_label for event in events_of(made[2])] == ["insert", "delete"]


def test_many_ask_no_more_than_few(unit: ReportingUnit, clerk: User) -> None:
    def asked(names: list[str]) -> list[int]:
        counts = []
        with CaptureQueriesContext(connection) as queries:
            made = actions.create_communities(unit, new(*names), actor=clerk).values()
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            actions.edit_communities({row.pk: (1, {"households": row.pk}) for row in made}, actor=clerk)
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            actions.withdraw_communities({row.pk: 2 for row in made}, actor=clerk)
        return [*counts, len(queries)]

    asked(["先问岗位社区"])
    assert asked([f"少{number}社区" for number in range(2)]) == asked([f"多{number}社区" for number in range(40)])
