"""One function turns an instant into a quarter, and it goes by Shanghai's clock."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st
import pytest
from django.db import connection
from hypothesis import given

from communities.models import Membership, ReportingUnit
from communities.roles import Role
from core.periods import Month, Quarter, day_of
from tests import factories

quarters = st.builds(Quarter, st.integers(2, 9990), st.integers(1, 4))
months = st.builds(Month, st.integers(2, 9990), st.integers(1, 12))


@given(quarters)
def test_a_quarter_reads_back_and_has_neighbours(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.next().previous() == quarter == quarter.previous().next()
    assert quarter.previous() < quarter < quarter.next()
    assert quarter.last_day + dt.timedelta(days=1) == quarter.next().first_day
    assert Quarter.of(quarter.first_day) == Quarter.of(quarter.last_day) == quarter


@given(months)
def test_a_month_reads_back_and_lies_in_its_quarter(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert month < month.next()
    assert month.quarter.first_day <= month.first_day <= month.last_day <= month.quarter.last_day


@given(st.dates(dt.date(1, 2, 1), dt.date(9998, 11, 30)))
def test_every_day_lies_in_its_quarter(day: dt.date) -> None:
    assert Quarter.of(day).first_day <= day <= Quarter.of(day).last_day


@pytest.mark.parametrize("text", ["2013Q5", "2013Q0", "2013q4", "13Q4", "2013-4", "", "2013Q4 ", "２013Q4", "0000Q1"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quarter"):
        Quarter.parse(text)


def test_half_past_midnight_in_shanghai_on_the_first_of_october_is_the_fourth_quarter() -> None:
    instant = dt.datetime(2013, 9, 30, 16, 30, tzinfo=dt.UTC)
    assert day_of(instant) == dt.date(2013, 10, 1)
    assert Quarter.of(instant) == Quarter(2013, 4)


def test_an_instant_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError):
        Quarter.of(dt.datetime(2013, 9, 30, 16, 30))  # noqa: DTZ001  the very thing that is refused


@pytest.mark.django_db
def test_a_term_ends_at_midnight_in_shanghai_whatever_the_databases_zone(units: dict[str, ReportingUnit]) -> None:
    factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"], valid_until=dt.date(2014, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'America/New_York'")
    last = day_of(dt.datetime(2013, 12, 31, 15, 59, tzinfo=dt.UTC))
    over = day_of(dt.datetime(2013, 12, 31, 16, 0, tzinfo=dt.UTC))
    assert Membership.objects.all().in_term(last).exists()
    assert not Membership.objects.all().in_term(over).exists()
