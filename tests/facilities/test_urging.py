"""催报 by the city office, its limits and its record; and what is told when a report comes back."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest

from communities.actions import close_month
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today
from facilities import urging
from facilities.notice_kinds import RETURNED, URGED
from facilities.report_actions import return_many
from facilities.urging import urge, urges_of
from jobs import broker
from notices.actions import sign
from notices.models import Delivery, Notice
from tests.dashboards.month_scene import THREE_DAYS_BEFORE, Team, open_month, send_back, submit, submit_again, today_is
from tests.factories import make_user
from tests.jobs.threads import in_parallel

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def team(units: Units) -> Team:
    return Team(units["XC"])


@pytest.fixture
def office(db: None) -> Any:
    return make_user(Role.CITY_OFFICE, full_name="市办")


def test_the_city_office_urges_and_signatures_are_counted(team: Team, units: Units, office: Any) -> None:
    month = open_month()
    make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    submit(team.projects[0], month, team.entry)
    notice = urge(month, units["XC"], actor=office, words="  今天内报齐。 ")
    assert notice.title == "市新社区办催报：孝昌 2013-12 月报还有 3 个项目没有交"
    assert notice.body == "孝昌应报 4 个项目，没报 3 个。1 月 6 日（星期一）截止，还有 3 天。\n今天内报齐。"
    assert (notice.sender, notice.tone, notice.kind) == (office, "bad", URGED)
    sign(notice.deliveries.get(recipient=team.entry, channel="portal"), actor=team.entry)
    last = urges_of(month)["XC"]
    assert (last.notice, last.times, last.signed, last.people) == (notice, 1, 1, 2)
    assert set(urges_of(month)) == {"XC"}


def test_what_came_back_is_not_handed_in(team: Team, office: Any) -> None:
    month = open_month()
    for project in team.projects[1:]:
        submit(project, month, team.entry)
    send_back(team.projects[0], month, team.entry, team.reviewer, "数字不对")
    assert "还有 1 个" in urge(month, team.unit, actor=office).title


def test_nobody_else_urges(team: Team) -> None:
    month = open_month()
    for person in (team.entry, team.reviewer, make_user(Role.LEADER), make_user(administrator="system"), make_user()):
        with pytest.raises(NotAllowed, match="市新社区办"):
            urge(month, team.unit, actor=person)
    assert not Notice.objects.exists()


def test_nothing_missing_is_not_urged(team: Team, office: Any) -> None:
    month = open_month()
    for project in team.projects:
        submit(project, month, team.entry)
    with pytest.raises(RuleViolation, match="孝昌 2013-12 的月报都交了，不用催"):
        urge(month, team.unit, actor=office)


def test_only_an_open_month_is_urged(team: Team, office: Any) -> None:
    month = open_month()
    close_month(ReportingMonth.objects.get(pk=month.pk), actor=office)
    with pytest.raises(WrongState, match="不在填报中"):
        urge(month, team.unit, actor=office)


def test_a_unit_without_people_cannot_be_urged(units: Units, office: Any) -> None:
    team = Team(units["XC"])
    team.entry.memberships.update(valid_until=dt.date(2013, 6, 1))
    with pytest.raises(RuleViolation, match="孝昌现在没有填报人"):
        urge(open_month(), team.unit, actor=office)


def test_words_are_bounded(team: Team, office: Any) -> None:
    with pytest.raises(RuleViolation, match="最多 200 字，现在 201 字"):
        urge(open_month(), team.unit, actor=office, words="字" * 201)


def test_once_a_day_for_a_unit_and_month(team: Team, units: Units, office: Any, monkeypatch: Any) -> None:
    month, other = open_month(), open_month(2013, 11, dt.date(2013, 12, 6))
    Team(units["DW"])
    urge(month, team.unit, actor=office)
    with pytest.raises(RuleViolation, match=r"孝昌 \d\d-\d\d \d\d:\d\d 已催过，一天只催一次"):
        urge(month, team.unit, actor=make_user(Role.CITY_OFFICE))
    urge(month, units["DW"], actor=office)
    urge(other, team.unit, actor=office)
    tomorrow = today() + dt.timedelta(days=1)
    monkeypatch.setattr(urging, "today", lambda: tomorrow)
    urge(month, team.unit, actor=office)
    assert urges_of(month)["XC"].times == 2 and urges_of(other)["XC"].times == 1


@pytest.mark.django_db(transaction=True)
def test_two_of_the_office_at_once_urge_once(team: Team) -> None:
    month, people = open_month(), [make_user(Role.CITY_OFFICE) for _ in range(4)]

    def attempt(person: Any) -> str:
        try:
            return str(urge(month, team.unit, actor=person).pk)
        except RuleViolation as refusal:
            return refusal.message

    outcomes: Any = in_parallel([partial(attempt, person) for person in people])
    assert sum("已催过" in each for each in outcomes) == 3 and Notice.objects.count() == 1


# --- A report that came back ---------------------------------------------------------------------


def told() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(notice__kind=RETURNED).select_related("notice", "recipient").order_by("pk")
    return [(row.recipient.full_name, row.notice.body) for row in rows]


def test_who_entered_it_learns_why_it_came_back(team: Team, units: Units) -> None:
    month = open_month()
    make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="没填这份的人")
    report = send_back(team.projects[0], month, team.entry, team.reviewer, "和施工月报不一致")
    assert told() == [("孝昌填报人", "理由：和施工月报不一致")]
    notice = Notice.objects.get()
    assert notice.sender == team.reviewer and notice.title.endswith("2013-12 月报被退回")
    assert notice.link == f"/projects/{report.project_id}/months/2013-12/"
    again = submit_again(report, team.entry)
    [outcome] = return_many([(again.pk, again.version)], actor=team.reviewer, reason="还是不对")
    assert outcome.error == "" and [body for _who, body in told()] == ["理由：和施工月报不一致", "理由：还是不对"]


def test_where_they_have_left_who_fills_in_now_learns_it(team: Team, units: Units) -> None:
    report = submit(team.projects[0], open_month(), team.entry)
    make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="接手的人")
    team.entry.memberships.update(valid_until=dt.date(2013, 6, 1))
    return_many([(report.pk, report.version)], actor=team.reviewer, reason="补照片")
    assert told() == [("接手的人", "理由：补照片")]


def test_a_return_that_is_refused_tells_nobody(team: Team) -> None:
    report = submit(team.projects[0], open_month(), team.entry)
    for version, reason in ((report.version, " "), (report.version + 1, "理由")):
        [outcome] = return_many([(report.pk, version)], actor=team.reviewer, reason=reason)
        assert outcome.error
    assert not Notice.objects.exists()
