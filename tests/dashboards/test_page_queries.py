"""A page of figures asks as many questions of a large city as of a small one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import sessions
from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from facilities.workflow import Stage
from inspections.models import Round
from tests.dashboards.pages import LEADER
from tests.dashboards.scene import JUNE, SHAPES, inspect, organise, settle, standardise
from tests.dashboards.small_city import build
from tests.factories import make_community, make_project, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
PAGES = [LEADER, *(f"/dashboards/2013Q4/{code}/{more}" for code in SHAPES for more in ("", "?counted=no"))]
# The leadership page all in: session, membership, frame, the page's own; somebody of a unit reads two tables.
LEADER_PIN = {Role.LEADER: 25, Role.COUNTY_ENTRY: 28}


@pytest.fixture(autouse=True)
def untouched_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session is written once a minute, and this many pages may take longer."""
    monkeypatch.setattr(sessions, "_TOUCH_SECONDS", 86_400)


def asked(client: Client) -> dict[str, int]:
    client.get(LEADER)  # warms what is remembered for the life of the process
    counts = {}
    for address in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[address] = len(queries)
    return counts


def grow(unit: ReportingUnit, number: int) -> None:
    round_ = Round.objects.get()
    for _ in range(number):
        new = make_community(unit, pilot_from=JUNE)
        old = make_community(unit, population="existing")
        make_project(new, "service_centre", (Stage.BASICALLY_BUILT, JUNE))
        make_project(make_community(unit), "clinic", (Stage.LAND, JUNE))
        standardise(old, JUNE)
        inspect(round_, new, 3)
        for kind in ("party", "autonomous", "social"):
            organise(kind, unit=unit)
    settle()


@pytest.mark.parametrize("role", [Role.LEADER, Role.COUNTY_ENTRY])
def test_the_number_of_queries_is_the_same(role: Role, units: Units, half_year: Quarters, as_user: Any) -> None:
    build(units, half_year["2013Q4"])
    settle()
    client = as_user(make_user(role, unit=units["XN"]))
    few = asked(client)
    grow(units["XN"], 30)
    assert asked(client) == few
    assert few[LEADER] == LEADER_PIN[role]
