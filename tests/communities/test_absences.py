"""Who is away: recorded and ended by the city office and by the unit's own people, judged day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities import actions
from communities.models import Absence, Membership, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from tests import factories

Units = dict[str, ReportingUnit]
DAY = dt.timedelta(days=1)


@pytest.fixture
def reviewer(units: Units) -> User:
    """The reviewer of Xiaochang."""
    return factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])


def away(user: User, actor: User, first: int = 0, last: int = 0, reason: str = "出差") -> Absence:
    """Away from so many days after today to so many."""
    return actions.record_absence(
        user, first_day=today() + first * DAY, last_day=today() + last * DAY, reason=reason, actor=actor
    )


@pytest.mark.parametrize(("first", "last", "there"), [(0, 0, False), (-3, 2, False), (1, 2, True), (-2, -1, True)])
def test_a_reviewer_is_there_except_on_the_days(
    units: Units, reviewer: User, first: int, last: int, there: bool
) -> None:
    away(reviewer, reviewer, first, last)
    assert Membership.objects.reviewing(today()).filter(user=reviewer).exists() == there


def test_who_is_back_early_is_there_from_today(reviewer: User) -> None:
    absence = away(reviewer, reviewer, -2, 5)
    assert actions.end_absence(absence, actor=reviewer).ended_on == today()
    assert Membership.objects.reviewing(today()).exists()
    assert not Membership.objects.reviewing(today() - DAY).exists(), "what was true yesterday stays true"
    with pytest.raises(WrongState, match="已返岗"):
        actions.end_absence(absence, actor=reviewer)


def test_one_that_is_over_cannot_be_ended(reviewer: User) -> None:
    with pytest.raises(WrongState, match="已经结束"):
        actions.end_absence(away(reviewer, reviewer, -5, -1), actor=reviewer)


def test_the_unit_and_the_city_office_record_and_nobody_else(units: Units, reviewer: User) -> None:
    colleague = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    office = factories.make_user(Role.CITY_OFFICE)
    absences = [away(reviewer, actor) for actor in (reviewer, colleague, office)]
    assert [absence.recorded_by for absence in absences] == [reviewer, colleague, office]
    for actor in (factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"]), factories.make_user(Role.LEADER)):
        with pytest.raises(NotAllowed):
            away(reviewer, actor)
        with pytest.raises(NotAllowed):
            actions.end_absence(absences[0], actor=actor)


@pytest.mark.parametrize(
    ("first", "last", "reason", "field"),
    [(2, 1, "出差", None), (0, 0, " ", "reason"), (0, 184, "出差", "last_day")],
)
def test_what_cannot_be_is_refused(reviewer: User, first: int, last: int, reason: str, field: str | None) -> None:
    with pytest.raises(RuleViolation) as refusal:
        away(reviewer, reviewer, first, last, reason)
    assert refusal.value.field == field and not Absence.objects.exists()


def test_only_people_of_a_unit_are_away(reviewer: User) -> None:
    with pytest.raises(RuleViolation, match="没有县专班岗位"):
        away(factories.make_user(Role.LEADER), factories.make_user(Role.CITY_OFFICE))


def test_the_database_refuses_days_out_of_order(reviewer: User) -> None:
    with pytest.raises(IntegrityError, match="absence_in_order"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO communities_absence (user_id, first_day, last_day, reason, is_sample)"
            " VALUES (%s, '2014-01-02', '2014-01-01', '出差', false)",
            [reviewer.pk],
        )


def test_the_page_records_lists_and_ends(
    units: Units, reviewer: User, as_user: Callable[[User], Client], make_user: Callable[..., Any]
) -> None:
    other = factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"])
    away(other, other)
    page = as_user(reviewer)
    form = page.get(reverse("communities:absence_create"))
    assert list(form.context["form"].fields["user"].queryset) == [reviewer]
    sent = {"user": reviewer.pk, "first_day": today(), "last_day": today(), "reason": "学习"}
    listed = page.post(reverse("communities:absence_create"), sent, follow=True)
    assert [row.user for row in listed.context["page_obj"]] == [reviewer]
    ended = page.post(reverse("communities:absence_end", args=[Absence.objects.get(user=reviewer).pk]), follow=True)
    assert "返岗" in ended.content.decode()
    assert page.post(reverse("communities:absence_end", args=[Absence.objects.get(user=other).pk])).status_code == 404


def test_the_page_asks_no_more_for_many_than_for_one(units: Units, as_user: Callable[[User], Client]) -> None:
    office = factories.make_user(Role.CITY_OFFICE)
    page, counts = as_user(office), []
    page.get(reverse("communities:absences"))
    for more in (1, 9):
        for _ in range(more):
            away(factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"]), office)
        with CaptureQueriesContext(connection) as queries:
            assert page.get(reverse("communities:absences")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
