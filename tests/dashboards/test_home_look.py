"""What “since I last looked” means: the person's own looks, and no other request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from dashboards.actions import ONE_LOOK, look, looked_since
from dashboards.models import LastLook

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def person(make_user: Callable[..., User]) -> User:
    return make_user()


def test_nobody_who_never_looked_has_a_last_look(person: User) -> None:
    assert looked_since(person, NOW) is None


def test_the_first_look_is_compared_with_nothing_and_the_next_one_with_it(person: User) -> None:
    look(actor=person, at=NOW - 3 * HOUR)
    assert looked_since(person, NOW - 3 * HOUR + ONE_LOOK / 2) is None
    assert looked_since(person, NOW) == NOW - 3 * HOUR


def test_a_second_tab_within_minutes_keeps_what_the_first_one_lists(person: User) -> None:
    look(actor=person, at=NOW - 3 * HOUR)
    look(actor=person, at=NOW - HOUR)
    for minutes in (1, 20, 40):
        look(actor=person, at=NOW - HOUR + dt.timedelta(minutes=minutes))
        assert looked_since(person, NOW - HOUR + dt.timedelta(minutes=minutes)) == NOW - 3 * HOUR
    assert looked_since(person, NOW + HOUR) == NOW - HOUR + dt.timedelta(minutes=40)


def test_an_old_page_that_comes_into_view_moves_nothing(person: User) -> None:
    look(actor=person, at=NOW - HOUR)
    look(actor=person, at=NOW - 5 * HOUR)
    assert LastLook.objects.get(user=person).looked_at == NOW - HOUR


def test_no_look_lies_in_the_future(person: User) -> None:
    assert look(actor=person, at=NOW + 100 * HOUR).looked_at < NOW + HOUR


def test_everybody_sees_only_their_own_look(person: User, make_user: Any) -> None:
    other = make_user("city_office")
    look(actor=person, at=NOW)
    assert LastLook.objects.visible_to(other).count() == 0
    assert LastLook.objects.visible_to(person).count() == 1
