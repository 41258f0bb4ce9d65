"""Reminders by date: who gets which when, once however often it runs, and after the due date that counts now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from communities.actions import close_month, move_due_date
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities import reminders, tasks
from facilities.notice_kinds import DUE, REVIEW_DUE
from facilities.report_reads import month_work
from jobs import broker
from jobs.actions import work_off
from jobs.models import Job
from notices.models import Delivery, Notice
from tests.dashboards.month_scene import DUE as DUE_ON
from tests.dashboards.month_scene import Team, approve, away, draft, open_month, send_back, submit, today_is
from tests.dashboards.scene import move
from tests.factories import grant, make_user
from tests.jobs.threads import in_parallel

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]


@pytest.fixture(autouse=True)
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)


@pytest.fixture
def team(units: Units) -> Team:
    return Team(units["XC"])


def run(day: dt.date) -> int:
    """The job as it is done on that day."""
    today_is(day)
    return int(reminders.remind("months", {})["sent"])


def days(left: int) -> dt.date:
    """The day on which so many are left."""
    return DUE_ON - dt.timedelta(days=left)


def told(kind: str = DUE) -> list[tuple[str, str]]:
    """Who was told, with the step."""
    rows = Delivery.objects.filter(notice__kind=kind, channel="portal").order_by("notice_id", "pk")
    return [
        (row.recipient.full_name, row.notice.step.split(":")[0]) for row in rows.select_related("notice", "recipient")
    ]


def oracle(left: int) -> str:
    """The plan in words: three days before, one day before, the first day after, and each seventh after that."""
    name = ""
    for day in range(60, left - 1, -1):
        if day == 3:
            name = "before3"
        elif day == 1:
            name = "before1"
        elif day < 0 and (day + 1) % 7 == 0:
            name = f"overdue{-(day + 1) // 7}"
    return name


@given(left=st.integers(-400, 60), due=st.dates(dt.date(2013, 1, 1), dt.date(2030, 1, 1)))
def test_the_step_of_a_day_is_the_newest_that_is_owed(left: int, due: dt.date) -> None:
    step = reminders.step_on(due - dt.timedelta(days=left), due)
    assert step == (f"{oracle(left)}:{due}" if oracle(left) else "")


def test_from_three_days_before_to_weeks_after(team: Team) -> None:
    open_month()
    sent = {left: run(days(left)) for left in range(5, -16, -1)}
    assert {left for left, number in sent.items() if number} == {3, 1, -1, -8, -15}
    assert told() == [("孝昌填报人", step) for step in ("before3", "before1", "overdue0", "overdue1", "overdue2")]


def test_the_text_says_month_due_date_and_how_many_of_how_many(team: Team) -> None:
    month = open_month()
    team.one_of_each(month)
    run(days(3))
    notice = Notice.objects.get(kind=DUE)
    assert notice.title == "孝昌 2013-12 月报还有 2 个项目没有交"
    assert notice.body == "孝昌应报 4 个项目，没报 1 个，被退回要改 1 个。1 月 6 日（星期一）截止，还有 3 天。"
    assert (notice.link, notice.about, notice.tone) == (
        "/projects/months/2013-12/?unit=XC",
        "month:2013-12/unit:XC",
        "warn",
    )
    assert notice.sender is None
    run(days(-4))
    late = Notice.objects.filter(kind=DUE).latest("pk")
    assert late.body.endswith("已逾期 4 天。") and late.tone == "bad"
    run(days(0))
    assert Notice.objects.filter(kind=DUE, step__startswith="before1").get().body.endswith("就是今天。")


def test_a_unit_whose_reports_are_all_handed_in_is_left_alone(team: Team, units: Units) -> None:
    month = open_month()
    Team(units["DW"])
    for project in team.projects:
        submit(project, month, team.entry)
    run(days(3))
    assert told() == [("大悟填报人", "before3")]


def test_a_draft_is_not_handed_in(team: Team) -> None:
    month = open_month()
    for project in team.projects[1:]:
        submit(project, month, team.entry)
    draft(team.projects[0], month, team.entry)
    run(days(3))
    assert Notice.objects.get().title.endswith("还有 1 个项目没有交")


def test_a_day_that_was_missed_is_made_up_for_once(team: Team) -> None:
    open_month()
    run(days(2))
    run(days(2))
    assert told() == [("孝昌填报人", "before3")], "the day itself passed while the portal was off"
    run(days(-3))
    assert [step for _who, step in told()] == ["before3", "overdue0"], "and no older one after it"


@pytest.mark.parametrize("state", ["planned", "closed"])
def test_only_open_months_remind(team: Team, state: str) -> None:
    open_month(state=state)
    assert run(days(-1)) == 0


def test_a_month_that_is_closed_reminds_no_more(team: Team, units: Units) -> None:
    month = open_month()
    assert run(days(3)) == 1
    close_month(ReportingMonth.objects.get(pk=month.pk), actor=make_user(Role.CITY_OFFICE))
    assert run(days(1)) == 0 and run(days(-1)) == 0


def test_a_due_date_that_is_moved_begins_anew(team: Team) -> None:
    month, office = open_month(), make_user(Role.CITY_OFFICE)
    run(days(1))
    move_due_date(month, DUE_ON + dt.timedelta(days=10), reason="元旦放假", expected_version=1, actor=office)
    assert run(days(1)) == run(days(-1)) == run(days(-5)) == 0
    assert run(days(-7)) == 1
    assert [row.step for row in Notice.objects.order_by("pk")] == ["before1:2014-01-06", "before3:2014-01-16"]


# --- Who -----------------------------------------------------------------------------------------


def test_everybody_who_fills_in_there_today_and_nobody_else(team: Team, units: Units) -> None:
    open_month()
    second = make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="第二人")
    make_user(Role.COUNTY_ENTRY, unit=units["XC"], valid_until=dt.date(2013, 6, 1), full_name="已离任")
    make_user(Role.COUNTY_ENTRY, unit=units["XC"], is_active=False, full_name="已停用")
    make_user(Role.COUNTY_ENTRY, unit=units["YM"], full_name="没有项目的县")
    run(days(3))
    assert [who for who, _step in told()] == ["孝昌填报人", second.full_name]
    assert Notice.objects.count() == 1, "one notice, a delivery for each"


def test_a_community_that_moved_is_asked_of_its_new_unit_alone(team: Team, units: Units) -> None:
    month = open_month()
    taker = make_user(Role.COUNTY_ENTRY, unit=units["DW"], full_name="大悟填报人")
    reader = make_user(Role.COUNTY_REVIEWER, unit=units["DW"], full_name="大悟审核人")
    submit(team.projects[0], month, team.entry)
    move(team.community, units["DW"], dt.date(2014, 1, 1))
    run(days(1))
    assert told() == [(taker.full_name, "before1")] and told(REVIEW_DUE) == [(reader.full_name, "before1")]
    notice = Notice.objects.get(kind=DUE)
    assert notice.title == "大悟 2013-12 月报还有 3 个项目没有交" and notice.link.endswith("?unit=DW")
    left = [row.project for row in month_work(taker, month) if row.report is None]
    assert sorted(project.pk for project in left) == sorted(project.pk for project in team.projects[1:])
    assert month_work(team.entry, month) == []


def test_who_is_away_is_left_out_unless_there_is_nobody_else(team: Team, units: Units) -> None:
    open_month()
    office = make_user(Role.CITY_OFFICE)
    away(team.entry, office)
    run(days(3))
    assert told() == [("孝昌填报人", "before3")], "nobody else fills in"
    make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="第二人")
    run(days(1))
    assert told()[1:] == [("第二人", "before1")]


def test_a_unit_without_anybody_is_told_once_there_is_somebody(units: Units) -> None:
    team = Team(units["XC"])
    team.entry.memberships.update(valid_until=dt.date(2013, 6, 1))
    open_month()
    assert run(days(3)) == 0
    grant(team.entry, Role.COUNTY_ENTRY, unit=units["XC"], valid_from=dt.date(2013, 6, 1))
    assert run(days(2)) == 1


def test_reviewers_are_told_of_what_waits_from_the_day_before(team: Team) -> None:
    month = open_month()
    submit(team.projects[0], month, team.entry)
    submit(team.projects[1], month, team.entry)
    approve(team.projects[2], month, team.entry, team.reviewer)
    run(days(3))
    assert told(REVIEW_DUE) == []
    run(days(1))
    run(days(-1))
    assert told(REVIEW_DUE) == [("孝昌审核人", "before1"), ("孝昌审核人", "overdue0")]
    notice = Notice.objects.filter(kind=REVIEW_DUE).first()
    assert (
        notice is not None and notice.title == "孝昌 2013-12 月报有 2 份等你审核" and notice.link == "/projects/review/"
    )


def test_nothing_waiting_tells_no_reviewer(team: Team) -> None:
    send_back(team.projects[0], open_month(), team.entry, team.reviewer, "不对")
    run(days(-1))
    assert told(REVIEW_DUE) == []


# --- Once ----------------------------------------------------------------------------------------


def test_three_runs_send_once(team: Team) -> None:
    open_month()
    assert [run(days(3)) for _ in range(3)] == [1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_moment_send_once(team: Team) -> None:
    open_month()
    today_is(days(1))
    sent: Any = in_parallel([lambda: reminders.remind("months", {})["sent"] for _ in range(5)])
    assert sum(sent) == 1 and told() == [("孝昌填报人", "before1")]


@pytest.mark.django_db(transaction=True)
def test_two_beats_do_it_once(team: Team) -> None:
    open_month()
    today_is(days(3))
    in_parallel([tasks.remind, tasks.remind, tasks.remind])
    work_off()
    tasks.remind()
    work_off()
    job = Job.objects.get(kind=reminders.KIND)
    assert (job.state, job.result) == ("done", {"sent": 1})
    assert told() == [("孝昌填报人", "before3")]
