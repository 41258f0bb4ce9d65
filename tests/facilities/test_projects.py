"""Registering and changing projects."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from communities.models import Community, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, StaleVersion
from core.history import events_of
from facilities import actions
from facilities.models import FacilityKind, InfrastructureType, Project
from tests import factories

Units = dict[str, ReportingUnit]


@pytest.fixture
def community(units: Units) -> Community:
    """A sample community in Xiaochang."""
    return factories.make_community(units["XC"], is_sample=True)


@pytest.fixture
def clerk(units: Units) -> User:
    """County entry of Xiaochang."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


# What is no infrastructure, and no platform either.
BUILDINGS = sorted({*FacilityKind.values} - {"infrastructure", "service_centre"})


def create(community: Community, actor: User, **fields: object) -> Project:
    """A resettlement project, unless said otherwise."""
    values = {"kind": FacilityKind.RESETTLEMENT, "name": "还建房一期", **fields}
    return actions.create_project(community=community, actor=actor, **values)  # type: ignore[arg-type]


def test_a_project_of_a_sample_community_is_a_sample(community: Community, clerk: User) -> None:
    assert create(community, clerk).is_sample


def test_the_hundred_major_projects_are_numbered_one_to_a_hundred(community: Community, clerk: User) -> None:
    project = create(community, clerk, major_number=100)
    with pytest.raises(RuleViolation, match="1 到 100"):
        actions.edit_project(project, {"major_number": 101}, expected_version=1, actor=clerk)
    for number in (0, 101):
        with pytest.raises(IntegrityError, match="project_major_number_range"), transaction.atomic():
            Project.objects.update(major_number=number)


def test_a_namesake_and_a_second_centre_are_refused_with_a_sentence(community: Community, clerk: User) -> None:
    create(community, clerk)
    with pytest.raises(RuleViolation, match="同名项目"):
        create(community, clerk)
    create(community, clerk, kind=FacilityKind.SERVICE_CENTRE, name="中心")
    with pytest.raises(RuleViolation, match="已经有综合服务中心项目"):
        create(community, clerk, kind=FacilityKind.SERVICE_CENTRE, name="中心二期")
    assert community.projects.count() == 2


def test_a_plan_that_ends_before_it_begins_is_refused(community: Community, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="计划建成不能早于计划开工"):
        create(community, clerk, planned_start=dt.date(2013, 5, 1), planned_finish=dt.date(2013, 4, 1))


def test_another_countys_community_gets_no_project(units: Units, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        create(factories.make_community(units["DW"]), clerk)


def test_the_second_of_two_editors_sees_both_texts(community: Community, clerk: User) -> None:
    project = create(community, clerk)
    actions.edit_project(project, {"name": "还建房二期"}, expected_version=1, actor=clerk)
    with pytest.raises(StaleVersion) as stale:
        actions.edit_project(project, {"name": "还建房三期"}, expected_version=1, actor=clerk)
    conflict = stale.value.conflicts[0]
    assert (conflict.stored, conflict.sent) == ("还建房二期", "还建房三期")
    assert [event.pgh_label for event in events_of(project)] == ["insert", "update"]


def test_the_community_is_not_among_what_an_edit_may_set(community: Community, clerk: User) -> None:
    with pytest.raises(KeyError):
        actions.edit_project(create(community, clerk), {"community": community}, expected_version=1, actor=clerk)


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(1989, 12, 31), dt.date(2101, 1, 1), dt.date(9999, 12, 31)])
def test_a_plan_outside_of_all_reason_is_refused_by_the_database(
    community: Community, clerk: User, day: dt.date
) -> None:
    for field in ("planned_start", "planned_finish"):
        with pytest.raises(RuleViolation, match="1990-01-01 到 2100-12-31 之间"):
            create(community, clerk, **{field: day})
    assert not community.projects.exists()
    limits = {"planned_start": dt.date(1990, 1, 1), "planned_finish": dt.date(2100, 12, 31)}
    assert create(community, clerk, **limits).planned_finish == limits["planned_finish"]


@pytest.mark.parametrize(
    ("kind", "underground", "given", "expected"),
    [
        ("infrastructure", True, {}, ("underground", False)),
        ("infrastructure", False, {"position": ""}, ("above", False)),
        ("infrastructure", True, {"position": "above", "is_platform": True}, ("above", True)),
        ("infrastructure", None, {}, ("", False)),
        ("service_centre", None, {}, ("above", True)),
        ("service_centre", None, {"is_platform": None, "position": ""}, ("above", True)),
        ("service_centre", None, {"position": "underground", "is_platform": False}, ("underground", False)),
        *((kind, None, {}, ("above", False)) for kind in BUILDINGS),
    ],
)
def test_what_the_ordering_rules_ask_follows_from_what_it_is(
    community: Community, clerk: User, kind: str, underground: bool | None, given: dict[str, Any], expected: Any
) -> None:
    """Unless it is said; and a project that stands keeps what it has."""
    known = None
    if underground is not None:
        known = InfrastructureType.objects.create(code="water", name="给水", underground=underground)
    project = create(community, clerk, kind=kind, infrastructure=known, **given)
    assert (project.position, project.is_platform) == expected
    edited = actions.edit_project(project, {"position": "", "is_platform": False}, expected_version=1, actor=clerk)
    assert (edited.position, edited.is_platform) == ("", False)
