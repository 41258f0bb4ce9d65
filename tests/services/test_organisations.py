"""Organisations: one place, a counting rule of their kind, an end that is kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.models import User
from communities.models import Community, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from services import organisation_actions as actions
from services.models import Organisation
from tests import factories

Units = dict[str, ReportingUnit]
MAY = dt.date(2013, 5, 8)


@pytest.fixture
def community(units: Units) -> Community:
    """A community in Xiaochang."""
    return factories.make_community(units["XC"])


@pytest.fixture
def clerk(units: Units) -> User:
    """County entry of Xiaochang."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


def create(actor: User, **fields: Any) -> Organisation:
    """A villagers' group, unless said otherwise."""
    values = {"kind": "autonomous", "counting_rule": "group", "name": "第一小组", "valid_from": MAY, **fields}
    return actions.create_organisation(actor=actor, **values)


def test_it_stands_in_a_community_or_in_a_village_of_a_unit(units: Units, community: Community, clerk: User) -> None:
    create(clerk, community=community)
    create(clerk, unit=units["XC"], village_name="示例村")
    for place in (
        {},
        {"unit": units["XC"]},
        {"community": community, "unit": units["XC"], "village_name": "示例村"},
        {"community": community, "village_name": "示例村"},
    ):
        with pytest.raises(RuleViolation) as refusal:
            create(clerk, name="别的", **place)
        assert refusal.value.field == "community"
    assert Organisation.objects.count() == 2


def test_a_double_click_makes_one(units: Units, community: Community, clerk: User) -> None:
    for place in ({"community": community}, {"unit": units["XC"], "village_name": "示例村"}):
        first = create(clerk, **place)
        with pytest.raises(RuleViolation, match="同名的同类组织"):
            create(clerk, **place)
        actions.end_organisation(first, on=dt.date(2013, 9, 1), expected_version=1, actor=clerk)
        create(clerk, valid_from=dt.date(2013, 9, 1), **place)


def test_a_party_organisation_is_not_counted_as_a_group(community: Community, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="党组织不能按") as refusal:
        create(clerk, kind="party", community=community)
    assert refusal.value.field == "counting_rule"
    create(clerk, community=community)
    with pytest.raises(IntegrityError, match="organisation_rule_fits_kind"), connection.cursor() as cursor:
        cursor.execute("UPDATE services_organisation SET kind = 'party'")


def test_it_is_registered_and_moved_within_ones_own_unit_only(units: Units, community: Community, clerk: User) -> None:
    mine = create(clerk, community=community)
    foreign = {"community": None, "unit": units["DW"], "village_name": "外村"}
    with pytest.raises(NotAllowed):
        create(clerk, **foreign)
    with pytest.raises(NotAllowed):
        actions.edit_organisation(mine, foreign, expected_version=1, actor=clerk)
    with pytest.raises(NotAllowed):
        create(factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"]), community=community)


def test_an_end_is_entered_once_and_counts_from_its_day(community: Community, clerk: User) -> None:
    mine = create(clerk, community=community)
    with pytest.raises(RuleViolation, match="成立之后"):
        actions.end_organisation(mine, on=MAY, expected_version=1, actor=clerk)
    ended = actions.end_organisation(mine, on=dt.date(2013, 9, 1), expected_version=1, actor=clerk)
    assert Organisation.objects.on_day(dt.date(2013, 8, 31)).count() == 1
    assert not Organisation.objects.on_day(dt.date(2013, 9, 1)).exists()
    with pytest.raises(WrongState):
        actions.end_organisation(ended, on=dt.date(2013, 10, 1), expected_version=2, actor=clerk)


def test_the_second_of_two_editors_is_told(community: Community, clerk: User) -> None:
    mine = create(clerk, community=community)
    actions.edit_organisation(mine, {"name": "第二小组"}, expected_version=1, actor=clerk)
    with pytest.raises(StaleVersion):
        actions.edit_organisation(mine, {"name": "第三小组"}, expected_version=1, actor=clerk)


def test_a_beginning_that_is_a_slip_of_the_pen_is_refused(community: Community, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="太早") as refusal:
        create(clerk, community=community, valid_from=dt.date(1, 1, 1))
    assert refusal.value.field == "valid_from" and not Organisation.objects.exists()
