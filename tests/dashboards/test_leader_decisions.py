"""What needs a decision: help wanted in approved reports, projects late for longest, and to whom it is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from communities.models import ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards.sentences import spoken
from facilities.models import Project
from tests.dashboards.pages import LEADER, source
from tests.dashboards.scene import LAST_DAY
from tests.factories import make_community, make_month, make_project, make_report, make_user

Units = dict[str, ReportingUnit]
pytestmark = pytest.mark.django_db
PUBLISHED = dt.date(2014, 2, 26)


@pytest.fixture
def months(units: Units, half_year: dict[str, ReportingQuarter]) -> dict[int, ReportingMonth]:
    """October to December 2013, open."""
    return {number: make_month(2013, number) for number in (10, 11, 12)}


def project(unit: ReportingUnit, **fields: Any) -> Project:
    return make_project(make_community(unit), "other", **fields)


def card(client: Client) -> Any:
    return client.get(LEADER).context["leader"].decisions


@pytest.fixture
def leader(as_user: Any, months: Any) -> Client:
    """A client of the city's leader."""
    return as_user(make_user(Role.LEADER))  # type: ignore[no-any-return]


def test_the_newest_approved_report_speaks(leader: Client, units: Units, months: dict[int, ReportingMonth]) -> None:
    waits, helped, drafted = project(units["XC"]), project(units["XC"]), project(units["XC"])
    make_report(waits, months[11], help_wanted="请市国土局批地")
    make_report(helped, months[10], help_wanted="请协调电力迁改")
    make_report(helped, months[11], help_wanted="")
    make_report(drafted, months[12], "submitted", help_wanted="还没有审过")
    shown = card(leader)
    assert [(item.project, item.unit, item.text) for item in shown.requests] == [(str(waits), "孝昌", "请市国土局批地")]
    assert shown.total == 1
    assert leader.get(shown.requests[0].url).status_code == 200
    assert "请市国土局批地" in source(leader)
    assert "还没有审过" not in source(leader)


def test_it_is_open_since_it_was_first_asked_without_a_break(
    leader: Client, units: Units, months: dict[int, ReportingMonth]
) -> None:
    def asked(where: Project, *wanted: str) -> None:
        for number, text in zip(months, wanted, strict=True):
            with time_machine.travel(dt.datetime(2013, number, 25, 1, tzinfo=dt.UTC)):
                make_report(where, months[number], help_wanted=text)

    asked(project(units["XC"], name="一直"), "要", "要", "要")
    asked(project(units["DW"], name="断过"), "要", "", "要")
    assert [(item.project.split(" · ")[1], item.since) for item in card(leader).requests] == [
        ("一直", dt.date(2013, 10, 25)),
        ("断过", dt.date(2013, 12, 25)),
    ]
    said = spoken(leader.get(LEADER).context["leader"].changed)
    assert said.endswith("有 2 项需要协调，最早的 10 月 25 日（星期五）提出。")


def test_late_for_longest_comes_first_and_leads_to_the_project(leader: Client, units: Units, months: Any) -> None:
    for days in (5, 40, 12, 3, 2):
        project(units["HC"], name=f"晚{days}天", planned_finish=LAST_DAY - dt.timedelta(days=days))
    shown = card(leader).overdue
    assert [(item.days, item.unit, item.kind) for item in shown] == [
        (40, "汉川", "finish"),
        (12, "汉川", "finish"),
    ]
    assert "晚40天" in leader.get(shown[0].url).content.decode()
    assert leader.get(card(leader).late.url).context["page_obj"].paginator.count == 5


def test_all_of_them_are_behind_one_link(leader: Client, units: Units, months: dict[int, ReportingMonth]) -> None:
    for _ in range(6):
        make_report(project(units["XC"]), months[12], help_wanted="请协调")
    make_report(project(units["XC"]), months[12])
    shown = card(leader)
    assert (shown.total, len(shown.requests)) == (6, 3)
    listing = leader.get(shown.url).context["page_obj"]
    assert listing.paginator.count == 6
    assert "全部 6 项" in source(leader)


@pytest.mark.parametrize("published", [None, PUBLISHED])
def test_a_county_sees_its_own(
    units: Units, months: dict[int, ReportingMonth], as_user: Any, published: dt.date | None
) -> None:
    """Reports and plans are records: publication opens figures, and not these."""
    make_report(project(units["DW"]), months[12], help_wanted="大悟的事")
    make_report(project(units["XC"]), months[12], help_wanted="孝昌的事")
    project(units["DW"], name="大悟晚的", planned_finish=LAST_DAY - dt.timedelta(days=9))
    ReportingQuarter.objects.update(published_on=published)
    client = as_user(make_user(Role.COUNTY_REVIEWER, unit=units["XC"]))
    shown = card(client)
    assert [item.text for item in shown.requests] == ["孝昌的事"]
    assert (shown.total, list(shown.overdue)) == (1, [])
    page = source(client)
    for foreign in ("大悟的事", "大悟晚的"):
        assert foreign not in page
    assert client.get(shown.url).context["page_obj"].paginator.count == 1


def test_nothing_waits(leader: Client) -> None:
    page = source(leader)
    assert "各单位通过的月报里没有需要协调的事项。" in page
    assert "没有项目逾期。" in page
