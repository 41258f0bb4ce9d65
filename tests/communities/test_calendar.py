"""What “today” means: the clock's day, or the sample city's; never for rights."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from communities.calendar import working_day
from communities.models import ReportingUnit, SampleDay
from communities.roles import Role
from communities.scoping import reach_of
from core.periods import today
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_real_city_goes_by_the_clock_and_a_sample_city_by_its_day() -> None:
    assert working_day() == today()
    SampleDay.objects.create(day=dt.date(2014, 1, 3))
    assert working_day() == dt.date(2014, 1, 3)


def test_there_is_one_sample_day() -> None:
    SampleDay.objects.create(day=dt.date(2014, 1, 3))
    with pytest.raises(IntegrityError), transaction.atomic():
        SampleDay.objects.create(id=2, day=dt.date(2014, 1, 4))


def test_rights_end_by_the_clock_even_in_a_sample_city(units: dict[str, ReportingUnit]) -> None:
    SampleDay.objects.create(day=dt.date(2014, 1, 3))
    user = factories.make_user(Role.LEADER, valid_until=dt.date(2015, 1, 1))
    assert not reach_of(user).roles
