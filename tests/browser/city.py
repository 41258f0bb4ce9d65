"""What the browser sees: a small sample city with its accounts, and one community that waits to be worked on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command
from django.test import override_settings

from communities.models import ReportingUnit
from facilities.models import FacilityKind, Project
from facilities.workflow import Stage
from inspections.models import Inspection, Round
from tests.factories import make_community, make_project
from xiaogan_portal.sample import loader
from xiaogan_portal.sample.people import make_accounts

COMMUNITIES = 40
NAME = "浏览器测试社区"
REPORTED = "月报测试社区"
UNIT = "XN"
# The web process knows no other; this one's own are quicker and weaker.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass(frozen=True)
class City:
    """The accounts' passwords by user name, and the records of the community that waits."""

    passwords: dict[str, str]
    inspection: Inspection
    project: Project
    # Projects for the tests of monthly reports, one for each.
    sites: list[Project]


def build() -> City:
    """Load everything and commit it."""
    call_command("load_reference", stdout=StringIO())
    loader.load(COMMUNITIES, 1, lambda line: None)
    community = make_community(ReportingUnit.objects.get(code=UNIT), name=NAME, since=dt.date(2012, 9, 1))
    project = make_project(
        community, FacilityKind.INFRASTRUCTURE, (Stage.TENDERED, dt.date(2013, 11, 5)), name="道路和排水管网"
    )
    reported = make_community(ReportingUnit.objects.get(code=UNIT), name=REPORTED, since=dt.date(2012, 9, 1))
    sites = [
        make_project(reported, FacilityKind.OTHER, (Stage.STARTED, dt.date(2013, 11, 5)), name=f"月报项目{number}")
        for number in range(7)
    ]
    round_ = Round.objects.get(quarter__year=2013, quarter__number=4)
    inspection = Inspection.objects.create(round=round_, community=community, inspected_on=round_.ends_on)
    with override_settings(PASSWORD_HASHERS=HASHERS):
        passwords = {account["username"]: account["password"] for account in make_accounts()}
    return City(passwords, inspection, project, sites)
