"""Numbers of the leadership page that are doors too, and what its line of provenance says."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.figures import figures_of
from dashboards.rollup import ROLLUP, backlog
from inspections.models import Inspection
from jobs.models import Job
from jobs.workflow import JobState
from services.models import Organisation
from tests.dashboards.pages import LEADER, facts, number_links, source, words
from tests.dashboards.scene import Q4, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_quarter, make_user

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(units: Units, half_year: Quarters, as_user: Any) -> Client:
    """A client of the city's leader, in a city with a little of everything."""
    build(units, half_year["2013Q4"])
    settle()
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


def park() -> Job:
    """A roll-up that was given up."""
    return Job.objects.create(kind=ROLLUP, key="XN", state=JobState.PARKED, attempts=3, finished_at=timezone.now())


def test_numbers_beside_the_figures_are_doors_too(leader: Client) -> None:
    doors = {(link.url, link.number) for link in number_links(source(leader))}
    q4 = "/dashboards/2013Q4"
    expected = {
        (f"{q4}/started/?unit=XN&counted=no", ""),  # who lags
        (f"{q4}/started/?unit=DW&counted=no", ""),
        (f"{q4}/started/", "75.0%"),  # shares of what is planned
        (f"{q4}/centres_built/", "25.0%"),
        (f"{q4}/planned/", "8"),  # base of the trends, whole of the inspected share
        (f"{q4}/existing/", "6"),
        (f"{q4}/started/?unit=YC", "0"),  # a zero in the table of units
    }
    assert expected <= doors
    assert {link.url for link in number_links(source(leader)) if link.number == "18.3"}  # points lost


def test_a_single_laggard_leads_to_its_gap(leader: Client, units: Units) -> None:
    for _ in range(3):
        make_community(units["YC"])
    settle()
    (link,) = (link for link in number_links(source(leader)) if "unit=YC&counted=no" in link.url)
    assert link.number == "3"
    assert facts(leader, link.url).page.paginator.count == 3
    assert "应城占 3 个 。" in words(source(leader))


def test_every_record_is_counted_once(leader: Client) -> None:
    """A community stands in up to six figures; it is one record."""
    there = Community.objects.count() + Organisation.objects.count() + Inspection.objects.submitted().count()
    assert figures_of(Q4).records == there
    assert f"{there} 条记录" in words(source(leader))


def test_a_closed_quarter_is_not_a_draft(leader: Client) -> None:
    assert "未定稿" in source(leader)
    make_quarter(2013, 2, state="closed")
    page = source(leader, f"{LEADER}?quarter=2013Q2")
    assert "已关闭，未公布" in page
    assert "未定稿" not in page


def test_a_roll_up_given_up_is_said(leader: Client) -> None:
    before = leader.get(LEADER).context["state"]
    assert "汇总停放" not in source(leader)
    park()
    assert (backlog().pending, backlog().parked) == (0, 1)
    page = leader.get(LEADER, {"seen": before}, headers={"HX-Request": "true"}).content.decode()
    assert "1 项汇总停放，请联系系统管理员" in page
    assert "待汇总" not in page
    assert "1 项汇总停放，请联系系统管理员" in source(leader, "/dashboards/2013Q4/started/")
