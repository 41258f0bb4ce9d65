"""A first page asks as many questions of a unit with three hundred projects as of one with three."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from communities.scoping import reach_of
from dashboards.home.counts import to_fill_in, to_review
from facilities.models import FacilityKind, ProgressReport, Project
from facilities.report_reads import month_work
from tests.dashboards.home_reading import HOME, home
from tests.dashboards.month_scene import FOUR_DAYS_AFTER, THREE_DAYS_BEFORE, Team, away, open_month, submit, today_is
from tests.factories import LONG_AGO, make_project, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
COMPLETENESS = "/dashboards/periods/"
# All in: session, membership, the frame with its counts, the page's own.
PINS = {
    (Role.COUNTY_ENTRY, HOME): 32,
    (Role.COUNTY_REVIEWER, HOME): 32,
    (Role.CITY_OFFICE, HOME): 25,
    (Role.COUNTY_ENTRY, COMPLETENESS): 18,
    (Role.CITY_OFFICE, COMPLETENESS): 20,
}


def grow(team: Team, month: ReportingMonth, number: int) -> None:
    """Projects in every state, `number` of them, written at once."""
    new = [
        Project(community=team.community, kind=FacilityKind.OTHER, name=f"工程{n}", registered_on=LONG_AGO)
        for n in range(number)
    ]
    made = Project.objects.bulk_create(new)
    rows = []
    for place, project in enumerate(made):
        filed = {"state": "submitted", "submitted_by": team.entry, "submitted_at": timezone.now()}
        more = {} if place % 3 == 0 else filed
        if place % 3 != 2:
            row = ProgressReport(project=project, month=month, stage=0, percent=0, entered_by=team.entry, **more)
            row.entered_as = Role.COUNTY_ENTRY
            rows.append(row)
    ProgressReport.objects.bulk_create(rows)


def asked(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_three_hundred_projects_cost_no_more_than_a_few(units: Units, as_user: Any) -> None:
    today_is(THREE_DAYS_BEFORE)
    team, month = Team(units["XC"]), open_month()
    team.one_of_each(month)
    people = {
        Role.COUNTY_ENTRY: team.entry,
        Role.COUNTY_REVIEWER: team.reviewer,
        Role.CITY_OFFICE: make_user("city_office"),
    }
    clients = {role: as_user(person) for role, person in people.items()}
    few = {key: asked(clients[key[0]], key[1]) for key in PINS}
    grow(team, month, 300)
    many = {key: asked(clients[key[0]], key[1]) for key in PINS}
    assert home(clients[Role.COUNTY_ENTRY]).head.total == "共 304 个项目"
    assert many == few == PINS


def test_the_counts_beside_the_navigation_are_those_of_the_pages(units: Units, as_user: Any) -> None:
    today_is(THREE_DAYS_BEFORE)
    team, month = Team(units["XC"]), open_month()
    open_month(2013, 11, THREE_DAYS_BEFORE)
    team.one_of_each(month)
    Team(units["DW"])
    reach_of(team.entry)
    with CaptureQueriesContext(connection) as queries:
        waits = to_fill_in(team.entry)
    assert len(queries) == 1
    assert (waits.number, waits.overdue) == (6, False)
    # A project of which no report is expected, since it was registered after the month: as on the page, no work.
    make_project(team.community, "other", registered_on=dt.date(2013, 12, 1))
    assert to_fill_in(team.entry).number == 7
    assert len(month_work(team.entry, month)) == 5
    today_is(FOUR_DAYS_AFTER)
    assert to_fill_in(team.entry).overdue
    assert to_fill_in(make_user(Role.COUNTY_ENTRY, unit=units["SF"])).number == 0
    assert to_review(team.reviewer).number == 1 and to_review(team.entry).number == 0


def test_the_city_office_has_a_count_only_where_it_may_stand_in(units: Units, as_user: Any) -> None:
    team, office = Team(units["XC"]), make_user(Role.CITY_OFFICE)
    submit(team.projects[0], open_month(), team.entry)
    assert to_review(office).number == 0
    away(team.reviewer, office)
    assert to_review(office).number == 1
    text = as_user(office).get(HOME).content.decode()
    assert '<span class="count">1</span>' in text


def test_a_count_is_red_only_when_something_is_overdue(units: Units, as_user: Any) -> None:
    team = Team(units["XC"])
    open_month()
    today_is(THREE_DAYS_BEFORE)
    assert "is-overdue" not in as_user(team.entry).get(HOME).content.decode()
    today_is(FOUR_DAYS_AFTER)
    assert '<span class="count is-overdue">4</span>' in as_user(team.entry).get(HOME).content.decode()
