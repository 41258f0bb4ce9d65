"""What the browser sees: a small sample city with its accounts, and one community that waits to be worked on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import StringIO

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.test import override_settings

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities.models import FacilityKind, Project
from facilities.workflow import Stage
from inspections.models import Inspection, Round
from tests.browser.batch_unit import build_unit
from tests.factories import make_community, make_project, make_report, make_user
from xiaogan_portal.sample import loader
from xiaogan_portal.sample.people import make_accounts

COMMUNITIES = 40
NAME = "浏览器测试社区"
REPORTED = "月报测试社区"
UNIT, WAITING_UNIT = "XN", "XC"
# Whose one-time password is to be changed, and who proves twice who they are.
UNCHANGED, STEPPED = "unchanged", "stepped"
PASSWORD = "Tall-7-trees"
# The web process knows no other; this one's own are quicker and weaker.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass(frozen=True)
class City:
    """The accounts' passwords by user name, and the records of the community that waits."""

    passwords: dict[str, str]
    inspection: Inspection
    project: Project
    # Projects for the tests of monthly reports, one for each, one for a form that is sent back, the last for pictures.
    sites: list[Project]
    # The sixty of a whole unit.
    unit: list[Project]


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
        for number in range(10)
    ]
    round_ = Round.objects.get(quarter__year=2013, quarter__number=4)
    inspection = Inspection.objects.create(round=round_, community=community, inspected_on=round_.ends_on)
    with override_settings(PASSWORD_HASHERS=HASHERS):
        passwords = {account["username"]: account["password"] for account in make_accounts()}
        passwords |= {username: _somebody(username) for username in (UNCHANGED, STEPPED)}
    TOTP.activate(User.objects.get(username=STEPPED), generate_totp_secret())
    User.objects.filter(username=UNCHANGED).update(must_change_password=True)
    _let_reports_wait(ReportingUnit.objects.get(code=WAITING_UNIT))
    return City(passwords, inspection, project, sites, build_unit())


def _somebody(username: str) -> str:
    """A person of the county who is no sample; their password."""
    user = make_user(Role.COUNTY_ENTRY, unit=ReportingUnit.objects.get(code=UNIT), username=username)
    user.set_password(PASSWORD)
    user.save()
    return PASSWORD


def _let_reports_wait(unit: ReportingUnit) -> None:
    """Two reports for the reviewer of a unit."""
    community = make_community(unit, name="待审核测试社区", since=dt.date(2012, 9, 1))
    month = ReportingMonth.objects.get(year=2013, number=12)
    entry = make_user(Role.COUNTY_ENTRY, unit=unit)
    for number, percent in enumerate((12, 14)):
        project = make_project(
            community, FacilityKind.OTHER, (Stage.STARTED, dt.date(2013, 11, 5)), name=f"待审核项目{number}"
        )
        make_report(project, month, "submitted", entry=entry, percent=percent)
