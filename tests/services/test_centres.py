"""Service centres and their standardisation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from communities.models import Community, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from facilities import actions as facility_actions
from facilities.models import FacilityKind
from services import actions
from services.models import ServiceCentre
from tests import factories

Units = dict[str, ReportingUnit]
MAY = dt.date(2013, 5, 8)


@pytest.fixture
def community(units: Units) -> Community:
    """An existing community in Xiaochang."""
    return factories.make_community(units["XC"], population="existing")


@pytest.fixture
def clerk(units: Units) -> User:
    """County entry of Xiaochang."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def office(db: None) -> User:
    """The city office."""
    return factories.make_user(Role.CITY_OFFICE)


@pytest.fixture
def centre(community: Community, clerk: User) -> ServiceCentre:
    """A centre without a project."""
    return actions.create_centre(community=community, name="测试中心", actor=clerk)


def test_a_second_centre_is_refused_with_a_sentence(centre: ServiceCentre, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="重复") as refusal:
        actions.create_centre(community=centre.community, name="又一个", actor=clerk)
    assert refusal.value.field == "community" and ServiceCentre.objects.count() == 1


def test_a_centre_takes_its_own_communitys_centre_project_alone(
    units: Units, centre: ServiceCentre, clerk: User
) -> None:
    elsewhere = factories.make_project(factories.make_community(units["XC"]))
    clinic = factories.make_project(centre.community, FacilityKind.CLINIC)
    own = factories.make_project(centre.community)
    for wrong in (elsewhere, clinic):
        with pytest.raises(RuleViolation) as refusal:
            actions.edit_centre(centre, {"project": wrong}, expected_version=1, actor=clerk)
        assert refusal.value.field == "project"
        with pytest.raises(IntegrityError, match="does not build this centre"), transaction.atomic():
            ServiceCentre.objects.filter(pk=centre.pk).update(project=wrong)
    assert actions.edit_centre(centre, {"project": own}, expected_version=1, actor=clerk).project == own


def test_a_project_with_a_centre_on_it_stays_a_centre_project(centre: ServiceCentre, clerk: User) -> None:
    own = factories.make_project(centre.community)
    actions.edit_centre(centre, {"project": own}, expected_version=1, actor=clerk)
    with pytest.raises(RuleViolation, match="先在那里改掉"):
        facility_actions.edit_project(own, {"kind": FacilityKind.CLINIC}, expected_version=1, actor=clerk)
    facility_actions.edit_project(own, {"name": "改名的中心"}, expected_version=1, actor=clerk)


def test_standardisation_counts_from_acceptance_until_withdrawal(centre: ServiceCentre, office: User) -> None:
    actions.accept_standardisation(centre, on=MAY, basis="验收单", actor=office)
    with pytest.raises(RuleViolation, match="已经算规范化"):
        actions.accept_standardisation(centre, on=MAY, actor=office)
    actions.withdraw_standardisation(centre, on=dt.date(2013, 9, 1), reason="复查不合格", actor=office)
    counts = [centre.standardisations.on_day(day).count() for day in (dt.date(2013, 5, 7), MAY, dt.date(2013, 9, 1))]
    assert counts == [0, 1, 0]
    with pytest.raises(WrongState):
        actions.withdraw_standardisation(centre, reason="再撤", actor=office)
    actions.accept_standardisation(centre, on=dt.date(2013, 12, 1), actor=office)
    assert centre.standardisations.count() == 2


def test_an_acceptance_inside_an_earlier_term_is_refused(centre: ServiceCentre, office: User) -> None:
    actions.accept_standardisation(centre, on=MAY, actor=office)
    actions.withdraw_standardisation(centre, on=dt.date(2013, 9, 1), reason="复查", actor=office)
    with pytest.raises(RuleViolation, match="已经算规范化"):
        actions.accept_standardisation(centre, on=dt.date(2013, 6, 1), actor=office)


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [(dt.date(2013, 9, 1), " ", "reason"), (MAY, "复查", "on"), (today() + dt.timedelta(days=2), "复查", "on")],
)
def test_a_withdrawal_needs_a_reason_and_a_day_after_acceptance(
    centre: ServiceCentre, office: User, on: dt.date, reason: str, field: str
) -> None:
    actions.accept_standardisation(centre, on=MAY, actor=office)
    with pytest.raises(RuleViolation) as refusal:
        actions.withdraw_standardisation(centre, on=on, reason=reason, actor=office)
    assert refusal.value.field == field


def test_the_county_does_not_accept_its_own_centres(centre: ServiceCentre, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        actions.accept_standardisation(centre, on=MAY, actor=clerk)


def test_the_database_refuses_a_withdrawal_without_a_reason(centre: ServiceCentre, office: User) -> None:
    actions.accept_standardisation(centre, on=MAY, actor=office)
    with pytest.raises(IntegrityError, match="withdrawn_with_reason"), connection.cursor() as cursor:
        cursor.execute("UPDATE services_standardisation SET valid_until = '2013-09-01'")


def test_an_acceptance_on_a_day_that_is_a_slip_of_the_pen_is_refused(centre: ServiceCentre, office: User) -> None:
    with pytest.raises(RuleViolation, match="太早") as refusal:
        actions.accept_standardisation(centre, on=dt.date(1, 1, 1), actor=office)
    assert refusal.value.field == "on" and not centre.standardisations.exists()
