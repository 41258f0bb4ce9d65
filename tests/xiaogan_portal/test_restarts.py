"""PostgreSQL restarted under load, the broker away: friendly answers, nothing promised is lost, nobody helps."""

from __future__ import annotations

import json
import random
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest
from django.test import Client
from django.urls import reverse

from accounts.token_actions import issue_token
from tests import factories
from tests.architecture.matrix import world
from tests.architecture.matrix.rows import ROWS
from tests.architecture.matrix.walker import address
from tests.architecture.matrix.world import World
from tests.conftest import BACKEND, DEEP
from tests.servers import Servers, servers_for_test, until
from tests.xiaogan_portal.load import PersonWriter, ProgramWriter, Reader, Worker, Writer, ask
from tests.xiaogan_portal.own_database import STOPS, OwnDatabase, own_database

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

PAGES = ("/dashboards/", "/communities/", "/projects/", "/services/centres/", "/accounts/")
AT_WORK = ("city_office", "county_entry", "county_reviewer")
REPORT = {"stage": "5", "stage_on": "2013-06-01", "percent": "10", "text": "土方开挖", "version": ""}
OPEN_PAGES = ("/health/ready", "/accounts/login/")
# How it is stopped, one after the other.
STOPPED = ["fast", *random.Random(1).choices(list(STOPS), k=5)] if DEEP else ["fast"]
AWAY_SECONDS = 1.0
LOAD_SECONDS = 3.0
SETTLED_SECONDS = 60


@dataclass
class City:
    """Who is at work, and at what."""

    sessions: dict[str, str]
    tokens: list[str]
    communities: list[int]
    month: int
    scene: World


@pytest.fixture
def city() -> City:
    """The world of the scope matrix with its people signed in, programs with tokens, a community for each."""
    scene, sessions = world.build(), {}
    for person in AT_WORK:
        client = Client()
        client.force_login(scene.people[person], backend=BACKEND)
        sessions[person] = client.cookies["portal_session"].value
    communities = [factories.make_community(scene.records["own"]["unit"]).pk for _ in range(2)]
    office = scene.people["city_office"]
    tokens = [issue_token(actor=office, name="负载", read_only=False)[1] for _ in communities]
    return City(sessions, tokens, communities, scene.records["own"]["month"].pk, scene)


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
    person = _headers(city, "city_office")
    programs = [
        ProgramWriter(address, {"Authorization": f"Bearer {token}"}, path=f"/api/v1/communities/{community}/")
        for token, community in zip(city.tokens, city.communities, strict=True)
    ]
    clerk = PersonWriter(address, person, path=reverse("communities:month_due", args=[city.month]))
    return [Reader(address, person, pages=PAGES), Reader(address, {}, pages=OPEN_PAGES), *programs, clerk]


def _headers(city: City, person: str) -> dict[str, str]:
    """What a signed-in person's browser sends."""
    return {"Cookie": f"portal_session={city.sessions[person]}; portal_csrf={'c' * 32}", "X-CSRFToken": "c" * 32}


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
    """Marks that nobody has collected, and jobs that are not done; the matrix's own was parked from the beginning."""
    jobs = "select count(*) from jobs_job where state <> 'done' and kind <> 'test'"
    query = f"select (select count(*) from dashboards_mark) + ({jobs})"
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
    answers = {page: ask(servers.address, "GET", page, _headers(city, "city_office")).status for page in _pages(city)}
    assert len(answers) > 60 and {page: status for page, status in answers.items() if status != 200} == {}
    _report_is_filed_and_approved(city, servers, database)
    _make_pilot(city, servers, "2013-06-01")
    assert _open_work(database) > 0
    servers.start("broker")

    def done() -> bool:
        # A worker that was taking a message just then may trip over its broken channel and end: kombu 5.7 does.
        servers.revive()
        return _open_work(database) == 0

    assert until(done, SETTLED_SECONDS), servers.logs()


# The files of the matrix's records lie with the test, not on the disk of these servers.
FILES = {
    "facilities:photo_thumb",
    "facilities:photo_display",
    "facilities:photo_original",
    "exchange:original",
    "exchange:red",
}


def _pages(city: City) -> list[str]:
    """Every page that the city office may open, record by record, as the scope matrix has written it down."""
    return [
        address(name, row, city.scene, "own")
        for name, row in ROWS.items()
        if "GET" in row.methods and "city_office" in (row.edit if row.form else row.view) and name not in FILES
    ]


def _report_is_filed_and_approved(city: City, servers: Servers, database: OwnDatabase) -> None:
    """By two people of the unit, through the pages."""
    project = city.scene.records["own"]["project"].pk
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def post(person: str, path: str, **fields: Any) -> None:
        headers, body = {**_headers(city, person), **form}, urllib.parse.urlencode(fields)
        answer = ask(servers.address, "POST", path, headers, body)
        assert answer.status == 302, (path, answer.status, answer.text[-3000:])

    def stored() -> list[tuple[Any, ...]]:
        query = f"select id, version, state from facilities_progressreport where project_id = {project}"
        return _rows(database, query)

    post("county_entry", reverse("facilities:report_form", args=[project, "2013-12"]), **REPORT)
    ((report, version, state),) = stored()
    assert state == "submitted"
    post("county_reviewer", reverse("facilities:report_approve", args=[report]), version=version)
    assert [state for _report, _version, state in stored()] == ["approved"]
