"""PostgreSQL restarted under load, the broker away: friendly answers, nothing promised is lost, nobody helps."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest
from django.test import Client
from django.urls import reverse

from accounts.token_actions import issue_token
from communities.models import ReportingMonth
from communities.roles import Role
from tests import factories
from tests.conftest import BACKEND, DEEP
from tests.servers import Servers, servers_for_test, until
from tests.xiaogan_portal.load import PersonWriter, ProgramWriter, Reader, Worker, Writer, ask
from tests.xiaogan_portal.own_database import STOPS, OwnDatabase, own_database

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

PAGES = ("/dashboards/", "/communities/", "/projects/", "/services/centres/", "/accounts/")
OPEN_PAGES = ("/health/ready", "/accounts/login/")
# How it is stopped, one after the other.
STOPPED = ["fast", *random.Random(1).choices(list(STOPS), k=5)] if DEEP else ["fast"]
AWAY_SECONDS = 1.0
LOAD_SECONDS = 3.0
SETTLED_SECONDS = 60


@dataclass
class City:
    """Who is at work, and at what."""

    session: str
    tokens: list[str]
    communities: list[int]
    month: int


@pytest.fixture
def city() -> City:
    """A signed-in person of the city office, programs with tokens, a community for each, a month."""
    units = factories.make_units()
    factories.make_quarter(2013, 4)
    month = ReportingMonth.objects.create(
        year=2013, number=12, opens_on=dt.date(2013, 12, 1), due_on=dt.date(2014, 1, 6), state="open"
    )
    office = factories.make_user(Role.CITY_OFFICE)
    client = Client()
    client.force_login(office, backend=BACKEND)
    communities = [factories.make_community(units["XC"]).pk for _ in range(2)]
    tokens = [issue_token(actor=office, name="负载", read_only=False)[1] for _ in communities]
    return City(client.cookies["portal_session"].value, tokens, communities, month.pk)


@pytest.fixture
def portal(city: City) -> Iterator[tuple[Servers, OwnDatabase]]:
    """Broker, web, worker and beat on a database of their own."""
    with servers_for_test() as servers, own_database(servers.place.data) as database:
        servers.database_url = database.url
        servers.start("broker", "web", "worker", "beat")
        yield servers, database
        servers.stop()


def test_restarts_lose_nothing_that_was_promised(city: City, portal: tuple[Servers, OwnDatabase]) -> None:
    servers, database = portal
    workers = _people(city, servers.address)
    for worker in workers:
        worker.start()
    for how in STOPPED:
        assert until(lambda: _all_have_worked(workers), SETTLED_SECONDS), servers.logs()
        time.sleep(LOAD_SECONDS)
        database.stop(how)
        time.sleep(AWAY_SECONDS)
        database.start()
        for worker in workers:
            worker.seen.clear()
    assert until(lambda: _all_have_worked(workers), SETTLED_SECONDS), servers.logs()
    for worker in workers:
        worker.finish()

    assert [line for worker in workers for line in worker.bad] == [], servers.logs()
    assert servers.ended() == []
    for worker in workers:
        if isinstance(worker, Writer):
            assert worker.promised
    _promises_are_kept(city, workers, database)
    # Worker and beat found their way back too: an edit that changes figures is added up.
    _make_pilot(city, servers, "2013-05-01")
    assert until(lambda: _open_work(database) == 0, SETTLED_SECONDS), servers.logs()
    _broker_away(city, servers, database)


def _people(city: City, address: str) -> list[Worker]:
    person = {"Cookie": f"portal_session={city.session}; portal_csrf={'c' * 32}", "X-CSRFToken": "c" * 32}
    programs = [
        ProgramWriter(address, {"Authorization": f"Bearer {token}"}, path=f"/api/v1/communities/{community}/")
        for token, community in zip(city.tokens, city.communities, strict=True)
    ]
    clerk = PersonWriter(address, person, path=reverse("communities:month_due", args=[city.month]))
    return [Reader(address, person, pages=PAGES), Reader(address, {}, pages=OPEN_PAGES), *programs, clerk]


def _all_have_worked(workers: list[Worker]) -> bool:
    """Each was answered well a few times."""
    assert [line for worker in workers for line in worker.bad] == []
    return all(sum(count for status, count in worker.seen.items() if status < 400) > 5 for worker in workers)


def _rows(database: OwnDatabase, query: str) -> list[tuple[Any, ...]]:
    opened = psycopg2.connect(host=str(database.place.sockets), user="portal", dbname="portal")
    try:
        with opened.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        opened.close()


def _promises_are_kept(city: City, workers: list[Worker], database: OwnDatabase) -> None:
    """Every number that was acknowledged stands in the history, once."""
    kept = _rows(database, "select id, households from communities_communityevent")
    reasons = [reason for (reason,) in _rows(database, "select due_reason from communities_reportingmonthevent")]
    programs = [worker for worker in workers if isinstance(worker, ProgramWriter)]
    for community, program in zip(city.communities, programs, strict=True):
        saved = [number for key, number in kept if key == community]
        assert [number for number in program.promised if saved.count(number) != 1] == []
    (clerk,) = (worker for worker in workers if isinstance(worker, PersonWriter))
    assert [number for number in clerk.promised if reasons.count(f"第 {number} 次") != 1] == []


def _open_work(database: OwnDatabase) -> int:
    """Marks that nobody has collected, and jobs that are not done."""
    query = "select (select count(*) from dashboards_mark) + (select count(*) from jobs_job where state <> 'done')"
    return int(_rows(database, query)[0][0])


def _make_pilot(city: City, servers: Servers, day: str) -> None:
    """An edit that counts."""
    path, person = f"/api/v1/communities/{city.communities[0]}/", {"Authorization": f"Bearer {city.tokens[0]}"}
    version = ask(servers.address, "GET", path, person).headers["ETag"]
    headers = {**person, "If-Match": version, "Content-Type": "application/json"}
    answer = ask(servers.address, "PATCH", path, headers, json.dumps({"pilot_from": day}))
    assert answer.status == 200, answer


def _broker_away(city: City, servers: Servers, database: OwnDatabase) -> None:
    """Every page answers, what is saved waits in the ledger, and is done when the broker is back."""
    servers.kill("broker")
    person = {"Cookie": f"portal_session={city.session}"}
    answers = {page: ask(servers.address, "GET", page, person).status for page in PAGES}
    assert set(answers.values()) == {200}, answers
    _make_pilot(city, servers, "2013-06-01")
    assert _open_work(database) > 0
    servers.start("broker")

    def done() -> bool:
        # A worker that was taking a message just then may trip over its broken channel and end: kombu 5.7 does.
        servers.revive()
        return _open_work(database) == 0

    assert until(done, SETTLED_SECONDS), servers.logs()
