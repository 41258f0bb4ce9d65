"""What changed since the person last looked: others' acts, within scope, each with its page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from communities import actions
from communities.models import Placement, ReportingUnit
from communities.roles import Role
from dashboards.models import LastLook
from facilities import report_actions as reports
from facilities.actions import record_stage
from facilities.models import StageEvent
from facilities.workflow import Stage
from tests.dashboards.home_reading import HOME, home, panel, titles
from tests.dashboards.month_scene import THREE_DAYS_BEFORE, Team, approve, open_month, submit, today_is
from tests.dashboards.pages import words
from tests.dashboards.scene import inspect
from tests.factories import grant, make_quarter, make_round, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
SITED_ON = dt.date(2013, 12, 20)
MOVED_ON = dt.date(2013, 12, 1)


@pytest.fixture(autouse=True)
def three_days_before() -> None:
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def team(units: Units) -> Team:
    return Team(units["XC"])


def looked(person: User, ago: dt.timedelta = dt.timedelta(hours=1)) -> None:
    """The person looked a while ago; what has been done before that is known to them."""
    LastLook.objects.update_or_create(user=person, defaults={"looked_at": timezone.now() - ago, "previous": None})


def changes(as_user: Any, person: User, address: str = HOME) -> list[str]:
    return titles(home(as_user(person), address), "changes")


def test_reports_are_grouped_and_a_single_one_leads_to_its_record(team: Team, as_user: Any) -> None:
    month = open_month()
    looked(team.reviewer)
    first = submit(team.projects[0], month, team.entry)
    line = panel(home(as_user(team.reviewer)), "changes").lines[0]
    assert line.title == f"{team.projects[0].name}：2013-12 月报已提交"
    assert line.url == reverse("facilities:report", args=[first.pk])
    submit(team.projects[1], month, team.entry)
    line = panel(home(as_user(team.reviewer)), "changes").lines[0]
    assert line.title == "2013-12 月报提交 2 个" and line.text.startswith("孝昌")
    listed = as_user(team.reviewer).get(line.url)
    assert listed.status_code == 200 and listed.context["paginator"].count == 2


def test_ones_own_acts_are_no_news(team: Team, as_user: Any) -> None:
    month = open_month()
    looked(team.entry)
    approve(team.projects[0], month, team.entry, team.reviewer)
    submit(team.projects[1], month, team.entry)
    assert [title for title in changes(as_user, team.entry) if "提交" in title] == []
    assert f"{team.projects[0].name}：2013-12 月报已通过" in changes(as_user, team.entry)
    assert f"{team.projects[0].name}：2013-12 月报已通过" not in changes(as_user, team.reviewer)


def test_due_dates_that_were_moved_say_from_when_to_when_and_why(team: Team, as_user: Any) -> None:
    month, office = open_month(), make_user(Role.CITY_OFFICE)
    looked(team.entry)
    assert "2013-12 开放填报，2014-01-06 截止" in changes(as_user, team.entry)
    actions.move_due_date(month, dt.date(2014, 1, 8), reason="元旦放假", expected_version=1, actor=office)
    lines = {line.title: line for line in panel(home(as_user(team.entry)), "changes").lines}
    line = lines["2013-12 截止日期从 2014-01-06 改到 2014-01-08"]
    assert line.text.startswith("元旦放假")
    assert as_user(team.entry).get(line.url).status_code == 200


def test_stages_inspections_and_roles(team: Team, as_user: Any) -> None:
    office = make_user(Role.CITY_OFFICE)
    round_ = make_round(make_quarter(2013, 4))
    looked(team.entry)
    before = changes(as_user, team.entry)
    record_stage(team.projects[0], Stage.SITED, occurred_on=SITED_ON, basis="批复", actor=office)
    inspect(round_, team.community, 0)
    grant(team.entry, Role.COUNTY_REVIEWER, unit=team.unit)
    make_user(Role.COUNTY_ENTRY, unit=team.unit, full_name="同县的人")
    assert set(changes(as_user, team.entry)) - set(before) == {
        f"{team.projects[0].name}：补登了阶段",
        f"{team.community}：检查评分已提交",
        f"{team.entry} 等 2 人次任职",
    }
    for line in panel(home(as_user(team.entry)), "changes").lines:
        assert as_user(team.entry).get(line.url).status_code == 200
    assert [title for title in changes(as_user, office) if "同县的人" in title]


def test_a_stage_that_an_approved_report_added_is_told_once(team: Team, as_user: Any) -> None:
    month = open_month()
    looked(team.entry)
    project = team.projects[0]
    values = {
        "stage": Stage.SITED,
        "stage_on": dt.date(2013, 12, 20),
        "stage_basis": "批复",
        "percent": 5,
        "text": "好",
    }
    report = reports.submit_report(project, month, values, actor=team.entry)
    reports.approve_report(report, actor=team.reviewer, expected_version=report.version)
    assert StageEvent.objects.filter(project=project).count() == 1
    colleague = make_user(Role.COUNTY_ENTRY, unit=team.unit)
    assert [title for title in changes(as_user, colleague) if project.name in title] == [
        f"{project.name}：2013-12 月报已通过"
    ]


def test_a_stage_in_a_community_that_has_moved_is_told_once_and_where_it_stands_now(
    team: Team, units: Units, as_user: Any
) -> None:
    office, reader = make_user(Role.CITY_OFFICE), make_user(Role.CITY_OFFICE)
    present = Placement.objects.get(community=team.community)
    actions.move_placement(
        team.community, actor=office, expected=present.pk, unit=units["DW"], valid_from=MOVED_ON, reason="区划调整"
    )
    looked(reader)
    record_stage(team.projects[0], Stage.SITED, occurred_on=SITED_ON, basis="批复", actor=office)
    lines = [line for line in panel(home(as_user(reader)), "changes").lines if "补登" in line.title]
    assert [line.title for line in lines] == [f"{team.projects[0].name}：补登了阶段"]
    assert lines[0].text.startswith("大悟")


def test_what_was_known_at_the_last_look_is_no_news(team: Team, as_user: Any) -> None:
    submit(team.projects[0], open_month(), team.entry)
    assert f"{team.projects[0].name}：2013-12 月报已提交" in changes(as_user, team.reviewer)
    now = timezone.now()
    LastLook.objects.create(user=team.reviewer, looked_at=now + dt.timedelta(seconds=1), previous=now)
    assert changes(as_user, team.reviewer) == []


def test_at_most_ten_lines_and_how_many_more_there_are(units: Units, as_user: Any) -> None:
    office = make_user(Role.CITY_OFFICE)
    looked(office)
    for code in ("XN", "XC", "DW", "YM", "YC", "AL", "HC", "GX", "LK", "SF"):
        make_user(Role.COUNTY_ENTRY, unit=units[code])
        make_user(Role.COUNTY_REVIEWER, unit=units[code], valid_until=dt.date(2014, 1, 1))
    open_month()
    found = panel(home(as_user(office)), "changes")
    more = int(found.rest.split()[1])
    assert len(found.lines) == 10 and more >= 2
    everything = panel(home(as_user(office), found.rest_url), "changes")
    assert len(everything.lines) == 12 and not everything.rest


def test_a_foreign_unit_is_no_news(team: Team, units: Units, as_user: Any) -> None:
    month = open_month()
    looked(team.entry)
    before = changes(as_user, team.entry)
    foreign = Team(units["DW"])
    foreign.one_of_each(month)
    record_stage(
        foreign.projects[3],
        Stage.SITED,
        occurred_on=SITED_ON,
        basis="批复",
        actor=make_user("city_office"),
    )
    inspect(make_round(make_quarter(2013, 4, state="planned")), foreign.community, 0)
    assert changes(as_user, team.entry) == before


def test_only_a_page_that_came_into_view_is_a_look(team: Team, as_user: Any) -> None:
    client = as_user(team.entry)
    client.get(HOME)
    client.get(HOME, headers={"Sec-Purpose": "prefetch"})
    assert not LastLook.objects.filter(user=team.entry).exists()
    at = client.get(HOME).context["home"].at
    assert client.post(reverse("dashboards:looked"), {"at": at}).status_code == 200
    assert LastLook.objects.get(user=team.entry).looked_at.isoformat() == dt.datetime.fromisoformat(at).isoformat()
    for nonsense in ("", "abc", "2013-01-01T00:00:00", "0001-01-01T00:00:00+00:00", "9999-99-99T00:00:00+00:00"):
        assert client.post(reverse("dashboards:looked"), {"at": nonsense}).status_code == 400


def test_the_page_says_since_when(team: Team, as_user: Any) -> None:
    assert "近 7 天" in words(as_user(team.entry).get(HOME).content.decode())
    looked(team.entry, dt.timedelta(days=3))
    assert "上次查看以来" in words(as_user(team.entry).get(HOME).content.decode())
