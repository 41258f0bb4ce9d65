"""What a county team finds first: the month's work, what came back, what is late, what a predecessor left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from communities.models import Membership, ReportingUnit
from communities.roles import Role
from core.periods import today
from facilities import report_actions as reports
from facilities.workflow import Stage
from tests.dashboards.home_reading import HOME, home, panel, titles
from tests.dashboards.month_scene import (
    FOUR_DAYS_AFTER,
    THREE_DAYS_BEFORE,
    Team,
    draft,
    open_month,
    send_back,
    submit,
    submit_again,
    today_is,
    values,
)
from tests.dashboards.pages import source, words
from tests.factories import grant, make_user

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]


@pytest.fixture(autouse=True)
def three_days_before() -> None:
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def team(units: Units) -> Team:
    return Team(units["XC"])


def test_the_month_is_one_sentence_with_its_due_date_and_a_bar_that_sums_up(team: Team, as_user: Any) -> None:
    month = open_month()
    team.one_of_each(month)
    page = home(as_user(team.entry))
    assert page.head.title == "12 月月报还有 2 个项目要填"
    assert "1 月 6 日（星期一）截止" in page.head.text and page.head.left == "还有 3 天" and not page.head.late
    assert [(part.label, part.value) for part in page.head.segments] == [
        ("已通过", 1), ("待审核", 1), ("被退回", 1), ("未填", 1),
    ]  # fmt: skip
    assert page.head.total == "共 4 个项目"
    first = reverse("facilities:report_form", args=[team.projects[3].pk, "2013-12"])
    assert page.head.action.url == first and as_user(team.entry).get(first).status_code == 200
    assert page.head.desk_url == reverse("facilities:batch", args=["2013-12"]), "a desk has the room for all"
    for part in page.head.segments:
        assert as_user(team.entry).get(part.url).status_code == 200


def test_what_was_returned_stands_there_with_its_reason(team: Team, as_user: Any) -> None:
    team.one_of_each(open_month())
    page = panel(home(as_user(team.entry)), "returned")
    assert [line.text for line in page.lines] == ["和施工月报不一致，请核对。"]
    assert page.note == f"退回人：{team.reviewer}" and page.lines[0].action == "去修改"


def test_a_reviewer_sees_what_waits_since_when_and_not_what_they_entered(team: Team, as_user: Any) -> None:
    month = open_month()
    submit(team.projects[0], month, team.entry)
    submit(team.projects[1], month, team.reviewer)
    page = home(as_user(team.reviewer))
    assert page.head.title == "有 1 份月报等你审核" and page.head.action.url == reverse("facilities:review")
    assert titles(page, "queue") == ["1 份等你审核", "另有 1 份是你本人填报"]
    assert "最早一份" in panel(page, "queue").lines[0].text


def test_a_reviewer_sees_what_was_returned_and_did_not_come_again(team: Team, as_user: Any) -> None:
    month = open_month()
    send_back(team.projects[0], month, team.entry, team.reviewer, "请核对。")
    found = panel(home(as_user(team.reviewer)), "returned")
    assert found.title == "退回后还没有重交" and found.lines[0].text == "请核对。" and not found.lines[0].action
    report = team.projects[0].reports.get()
    submit_again(report, team.entry)
    assert panel(home(as_user(team.reviewer)), "returned") is None


def test_what_is_overdue_in_an_earlier_month_and_the_mark_that_stays(team: Team, as_user: Any) -> None:
    november = open_month(2013, 11, dt.date(2013, 12, 5))
    open_month()
    submit(team.projects[0], november, team.entry)
    page = panel(home(as_user(team.entry)), "late")
    assert page.pill == "4" and [line.pill for line in page.lines] == ["逾期 29 天"] * 3 + ["迟报"]
    assert page.lines[0].url == reverse("facilities:report_form", args=[team.projects[1].pk, "2013-11"])


def test_after_the_due_date_the_days_are_counted_in_red(team: Team, as_user: Any) -> None:
    open_month()
    today_is(FOUR_DAYS_AFTER)
    page = home(as_user(team.entry))
    assert page.head.left == "已过 4 天" and page.head.late
    assert '<b class="bad">已过 4 天</b>' in source(as_user(team.entry), HOME)


def test_what_is_overdue_or_came_late_in_the_newest_month_is_named_from_the_due_date_on(
    team: Team, as_user: Any
) -> None:
    december = open_month()
    open_month(2013, 11, dt.date(2013, 12, 5), state="closed")
    assert panel(home(as_user(team.entry)), "late") is None, "three days are left"
    today_is(FOUR_DAYS_AFTER)
    submit(team.projects[0], december, team.entry)
    for person in (team.entry, team.reviewer):
        page = panel(home(as_user(person)), "late")
        assert page.pill == "4" and [line.pill for line in page.lines] == ["逾期 4 天"] * 3 + ["迟报"]


def test_a_successor_takes_over_drafts_and_what_came_back(team: Team, as_user: Any) -> None:
    month = open_month()
    draft(team.projects[0], month, team.entry)
    send_back(team.projects[1], month, team.entry, team.reviewer, "请核对。")
    draft(team.projects[2], month, team.entry)
    team.projects[2].reports.update(is_blank=True)  # as an import that was taken back leaves it: nobody has begun
    successor = make_user(Role.COUNTY_ENTRY, unit=team.unit)
    assert panel(home(as_user(successor)), "left-over") is None, "the predecessor is still there"
    yesterday = today() - dt.timedelta(days=1)
    Membership.objects.filter(user=team.entry).update(valid_until=yesterday)
    page = home(as_user(successor))
    assert panel(page, "left-over").note == f"{team.entry}移交的草稿 2 份"
    assert len(titles(page, "left-over")) == 2 and len(titles(page, "returned")) == 1
    assert page.head.title == "12 月月报还有 4 个项目要填"
    for line in panel(page, "left-over").lines:
        assert as_user(successor).get(line.url).status_code == 200
    nothing = home(as_user(team.entry))
    assert nothing.head.title == "你现在没有业务岗位" and nothing.panels == []
    report = team.projects[0].reports.get()
    reports.save_draft(
        team.projects[0], month, values() | {"text": "接着写。"}, actor=successor, expected_version=report.version
    )
    assert len(titles(home(as_user(successor)), "left-over")) == 1


def test_no_month_and_no_projects_are_said(team: Team, units: Units, as_user: Any) -> None:
    assert home(as_user(team.entry)).head.title == "现在没有开放填报的月份"
    assert home(as_user(team.reviewer)).head.title == "没有等你审核的月报"
    open_month()
    nobody_yet = make_user(Role.COUNTY_ENTRY, unit=units["SF"])
    page = home(as_user(nobody_yet))
    assert page.head.title == "12 月没有要填的项目" and page.head.action is None


def test_when_all_is_filed_it_says_so(team: Team, as_user: Any) -> None:
    month = open_month()
    for project in team.projects:
        submit(project, month, team.entry)
    page = home(as_user(team.entry))
    assert page.head.title == "12 月月报都填完了" and page.head.action is None


def test_planned_days_and_due_dates_come_nearest_first(team: Team, as_user: Any) -> None:
    open_month()
    team.projects[0].plans.create(stage=Stage.STARTED, planned_on=dt.date(2014, 1, 5), reason="测试")
    team.projects[1].plans.create(stage=Stage.BASICALLY_BUILT, planned_on=dt.date(2014, 9, 5), reason="测试")
    lines = panel(home(as_user(team.entry)), "dates").lines
    assert [(line.day, line.pill) for line in lines] == [
        (dt.date(2014, 1, 5), "2 天"), (dt.date(2014, 1, 6), "3 天"),
    ]  # fmt: skip


def test_no_foreign_unit_is_named_or_counted(team: Team, units: Units, as_user: Any) -> None:
    month = open_month()
    team.one_of_each(month)
    before = words(source(as_user(team.entry), HOME))
    foreign = Team(units["DW"])
    foreign.one_of_each(month)
    draft(foreign.projects[3], month, foreign.entry)
    after = words(source(as_user(team.entry), HOME))
    assert after == before and "大悟" not in after


def test_somebody_who_enters_for_two_units_finds_both(team: Team, units: Units, as_user: Any) -> None:
    open_month()
    Team(units["DW"], 2)
    grant(team.entry, Role.COUNTY_ENTRY, unit=units["DW"])
    page = home(as_user(team.entry))
    assert page.head.title == "12 月月报还有 6 个项目要填" and page.place == "孝昌县、大悟县"
