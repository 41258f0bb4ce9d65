"""Queries per page: the same with 1 row and with 100, and pinned, so that a slow page is noticed when it is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from communities.models import ReportingMonth
from communities.roles import Role
from coordination.models import Pairing, PolicyDocument, SupportTeam
from facilities import notice_kinds
from facilities.models import FacilityKind
from facilities.workflow import Stage
from jobs.models import Job
from notices.actions import send
from services.models import Organisation, ServiceCentre, Standardisation
from tests import factories
from tests.architecture.matrix.world import DAY
from tests.architecture.matrix.world_imports import upload_of

pytestmark = pytest.mark.django_db

PINS = Path(__file__).parent / "query_counts.json"
PAGES = {
    "dashboards:leader": "",
    "dashboards:home": "",
    "dashboards:completeness": "",
    "dashboards:construction": "",
    "dashboards:facts started": "2013Q4/started/",
    "dashboards:facts average_score": "2013Q4/average_score/",
    "communities:list": "",
    "communities:periods": "",
    "coordination:documents": "",
    "coordination:teams": "",
    "facilities:list": "",
    "facilities:reports": "",
    "facilities:review": "",
    "facilities:batch": "",
    "services:centres": "",
    "services:organisations": "",
    "inspections:list": "",
    "inspections:rounds": "",
    "notices:list": "",
    "notices:sent": "",
    "jobs:list": "",
    "exchange:list": "",
}
# Where waiting reports are listed; the others are spared the work of making them.
WITH_REPORTS = ("facilities:reports", "facilities:review", "facilities:batch")
# Their address names the month.
OF_MONTH = {"facilities:batch": ["2013-12"]}


def grow(scene: dict[str, Any], number: int) -> None:
    """Add `number` of everything that a page could list."""
    for _ in range(number):
        community = factories.make_community(scene["unit"], pilot_from=DAY)
        kind = FacilityKind.SERVICE_CENTRE
        project = factories.make_project(community, kind, (Stage.STARTED, DAY), (Stage.BASICALLY_BUILT, DAY))
        if "month" in scene:
            factories.make_report(project, scene["month"], "submitted", entry=scene["entry"], percent=95)
        centre = ServiceCentre.objects.create(community=community, project=project, name=community.name)
        Standardisation.objects.create(centre=centre, valid_from=DAY)
        Organisation.objects.create(
            name=community.name, community=community, kind="party", counting_rule="party", valid_from=DAY
        )
        inspection = factories.make_inspection(scene["round"], community)
        type(inspection).objects.filter(pk=inspection.pk).update(total=90, submitted_at=timezone.now())
        team = SupportTeam.objects.create(name=community.name, department="市直部门")
        Pairing.objects.create(team=team, community=community, valid_from=DAY)
        PolicyDocument.objects.create(title=community.name)
        if "reader" in scene:
            send(notice_kinds.URGED, [scene["reader"]], title="测试", about=community.code, step="1")
        upload_of(scene["unit"], community, {"county_entry": scene["clerk"]}, remembered=False)
        Job.objects.create(kind="test", key=community.code, state="parked", finished_at=timezone.now())
    ReportingMonth.objects.create(year=2013, number=min(12, number % 12 + 1), opens_on=DAY, due_on=DAY, state="closed")


def count(client: Client, name: str, tail: str) -> int:
    address = reverse("dashboards:leader") + tail if tail else reverse(name, args=OF_MONTH.get(name))
    client.get(address)  # the first request of a client also warms caches of content types and templates
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture
def scene(units: dict[str, Any]) -> dict[str, Any]:
    round_ = factories.make_round(factories.make_quarter(2013, 4))
    return {"unit": units["XC"], "round": round_, "clerk": factories.make_user("county_entry", unit=units["XC"])}


@pytest.mark.parametrize("page", PAGES)
def test_page(page: str, scene: dict[str, Any], as_user: Any) -> None:
    name = page.split()[0]
    person = (
        factories.make_user(administrator="system") if name == "jobs:list" else factories.make_user(Role.CITY_OFFICE)
    )
    client = as_user(person)
    if name in WITH_REPORTS:
        scene["month"], scene["entry"] = factories.make_month(), factories.make_user("county_entry", unit=scene["unit"])
    if name.startswith("notices:"):
        scene["reader"] = person
    grow(scene, 1)
    few = count(client, name, PAGES[page])
    grow(scene, 99)
    many = count(client, name, PAGES[page])
    pinned = json.loads(PINS.read_text())
    if os.environ.get("PORTAL_PIN_QUERIES") == "1":  # after a deliberate change: look at the difference, commit it
        pinned[page] = few
        PINS.write_text(json.dumps(pinned, indent=2) + "\n")
    assert {"1 row": few, "100 rows": many} == {"1 row": pinned[page], "100 rows": pinned[page]}
