"""Pages and the API over HTTP, as a browser and a program ask for them."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench.report import compare
from communities.api import CommunityViewSet
from communities.models import Membership, ReportingQuarter, ReportingUnit
from communities.roles import Role
from communities.views import CommunityListView
from dashboards.indicators import REGISTRY
from facilities.api import ProjectViewSet
from facilities.calendar import present_day
from facilities.lights import with_light
from facilities.models import Project
from facilities.views import ProjectList
from services.models import Organisation
from services.organisation_views import OrganisationList

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_IN_ONLY = "a signed-in request for /health/live: session, person, rules, no page"
EXPORTED = 10_000


def person_as(role: Role, unit: ReportingUnit | None = None) -> User:
    """Somebody who holds a role in the whole city, or in a unit."""
    name = f"bench-{role}-{unit.code}" if unit else f"bench-{role}"
    person, _made = User.objects.get_or_create(
        username=name, defaults={"full_name": str(role.label), "must_change_password": False}
    )
    Membership.objects.get_or_create(user=person, role=role, unit=unit, defaults={"valid_from": dt.date(2013, 1, 1)})
    return person


class Visitor:
    """One signed-in person with one connection that stays open."""

    def __init__(self, port: int, person: User) -> None:
        self.client = Client(HTTP_HOST="127.0.0.1")
        self.client.force_login(person, backend=BACKEND)
        self.headers = {"Cookie": f"portal_session={self.client.cookies['portal_session'].value}"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str) -> bytes:
        """The body; ends the bench on anything but 200."""
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"GET {path}: {response.status}")
        return body

    def asks(self, path: str) -> Callable[[], object]:
        """The request, to be timed."""
        return lambda: self.get(path)

    def queries(self, path: str) -> int:
        """How many statements the page takes, once its caches are warm."""
        self.client.get(path)
        with CaptureQueriesContext(connection) as captured:
            self.client.get(path)
        return len(captured)


def bare(rows: QuerySet[Any]) -> Callable[[], object]:
    """The same rows with nothing around them: one statement, fetched."""
    statement, values = rows.query.sql_with_params()

    def run() -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    return run


def pages(port: int) -> None:
    """Leadership page, community list in both forms, drill-down."""
    leader, office = Visitor(port, person_as(Role.LEADER)), Visitor(port, person_as(Role.CITY_OFFICE))
    alone = leader.asks("/health/live")
    compare(
        "leadership page",
        leader.asks("/dashboards/"),
        SIGN_IN_ONLY,
        alone,
        times=60,
        queries=leader.queries("/dashboards/"),
    )
    listed = CommunityListView.queryset.all().order_by("pinyin", "pk")[: CommunityListView.paginate_by]
    the_select = "the bare SELECT of the same page"
    compare("community list, HTML", office.asks("/communities/"), the_select, bare(listed), times=60)
    offered = CommunityViewSet.queryset.all().order_by("code", "pk")[:50]
    compare("community list, API", office.asks("/api/v1/communities/"), the_select, bare(offered), times=60)
    quarter = ReportingQuarter.objects.chronological().last()
    assert quarter is not None
    indicator = REGISTRY["started"]
    facts = indicator.with_evidence(indicator.contributions(quarter.quarter), quarter.quarter).order_by("pk")[:20]
    path = f"/dashboards/{quarter}/started/"
    compare("drill-down", office.asks(path), the_select, bare(facts), times=40, queries=office.queries(path))


def projects(port: int) -> None:
    """The list of projects, as a page and through the API."""
    office, the_select = Visitor(port, person_as(Role.CITY_OFFICE)), "the bare SELECT of the same page"
    path, rows = "/projects/", Project.objects.count()
    listed = with_light(ProjectList.queryset.all(), present_day()).order_by("community__pinyin", "pk")
    told = {"queries": office.queries(path), "rows": rows}
    shown = listed[: ProjectList.paginate_by]
    compare("project list, HTML", office.asks(path), the_select, bare(shown), times=60, **told)
    offered = ProjectViewSet.queryset.all().order_by("pk")[:50]
    compare("project list, API", office.asks("/api/v1/projects/"), the_select, bare(offered), times=60, rows=rows)


def export(port: int, *, full: bool) -> None:
    """10,000 rows as Excel beside the same rows as CSV.

    Ends the bench where a `full` city has fewer, or where the workbook does not hold every row.
    """
    kept = Organisation.objects.order_by("pk").values("pk")[:EXPORTED]
    Organisation.objects.exclude(pk__in=kept).delete()
    rows = Organisation.objects.count()
    if full and rows != EXPORTED:
        raise SystemExit(f"The export has {rows} rows, not {EXPORTED}.")
    office = Visitor(port, person_as(Role.CITY_OFFICE))
    with connection.cursor() as cursor:
        statement = cursor.mogrify(*OrganisationList.queryset.all().order_by("pk").query.sql_with_params()).decode()

    def copy() -> None:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", _Nothing())

    path = "/services/organisations/?export=xlsx"
    workbook = office.get(path)
    if (written := rows_in(workbook)) <= rows:
        raise SystemExit(f"The workbook has {written} rows with its totals, the list {rows}.")
    told = {"rows": rows, "bytes": len(workbook)}
    compare("export to Excel", office.asks(path), "COPY of the same rows to CSV", copy, times=5, **told)


def rows_in(workbook: bytes) -> int:
    """The rows of the first sheet below its heads, with the row of totals."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    heads = re.search(rb'ySplit="(\d+)"', sheet)
    return sheet.count(b"<row ") - int(heads[1] if heads else 0)


class _Nothing:
    """Takes what is written and forgets it."""

    def write(self, data: bytes) -> int:
        """Says that it was written."""
        return len(data)
