"""The inbox: what changed apart from what did not, decided one by one or together, never on one's own."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities.models import Membership, ReportingUnit
from communities.roles import Role
from facilities import report_actions as actions
from facilities.models import ProgressReport
from facilities.report_workflow import ReportState
from facilities.review_reads import waiting_for
from tests import factories
from tests.facilities.report_scene import Scene, make_scene

SignIn = Callable[[User], Client]
INBOX = "/projects/review/"


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A project of Xiaochang whose report of November is approved."""
    scene = make_scene(units["XC"])
    scene.approved(factories.make_month(2013, 11))
    return scene


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's reviewer."""
    return as_user(scene.reviewer)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def decide(page: Client, report: ProgressReport, how: str = "approve", **sent: Any) -> Any:
    """Press a button of the detail."""
    return page.post(reverse(f"facilities:report_{how}", args=[report.pk]), {"version": report.version, **sent})


def state(report: ProgressReport) -> str:
    """As stored."""
    return ProgressReport.objects.get(pk=report.pk).state


def test_changed_and_unchanged_stand_apart_with_the_differences_of_the_first(scene: Scene, page: Client) -> None:
    same = scene.filed()
    other = scene.filed_one()
    answer = page.get(INBOX)
    assert [row.report for row in answer.context["changed"]] == [other]
    assert [row.report for row in answer.context["unchanged"]] == [same]
    assert answer.context["current"].row.report == other
    chosen = page.get(f"{INBOX}?report={same.pk}")
    assert "和上次通过的一样" in text(chosen) and "上次通过（2013-11）" in chosen.context["current"].before_label
    assert page.get(f"{INBOX}?report=abc").status_code == 200


def test_a_new_explanation_is_a_change_and_not_ticked(scene: Scene, page: Client) -> None:
    """It answers a warning: nobody approves it unread, in a batch of what did not change."""
    report = scene.filed(explanation="上月多报，这月核实")
    answer = page.get(INBOX)
    assert [row.report for row in answer.context["changed"]] == [report]
    assert answer.context["unchanged"] == [] and " checked>" not in text(answer)
    (change,) = answer.context["changed"][0].changes
    assert (change.field, change.now) == ("explanation", "上月多报，这月核实")


def test_approval_opens_the_next_one(scene: Scene, page: Client) -> None:
    first, second = scene.filed_one(), scene.filed_one()
    rows = page.get(INBOX).context["changed"]
    assert "通过，看下一条" in text(page.get(INBOX))
    answer = decide(page, rows[0].report)
    assert answer.url == f"{INBOX}?report={rows[1].report.pk}#detail"
    assert decide(page, rows[1].report).url == INBOX
    assert {state(first), state(second)} == {ReportState.APPROVED}
    assert "没有待审核的月报" in text(page.get(INBOX))
    assert "12 月 3 个项目审完了 2 个，其余 1 个" in text(page.get(INBOX))
    decide(page, scene.filed())
    assert "12 月 3 个项目都审完了" in text(page.get(INBOX))


def test_a_return_needs_its_reason(scene: Scene, page: Client) -> None:
    report = scene.filed()
    refused = decide(page, report, "return")
    assert refused.status_code == 400 and "退回请写明理由" in text(refused)
    assert decide(page, report, "return", reason="请核对日期").status_code == 302
    stored = ProgressReport.objects.get(pk=report.pk)
    assert (stored.state, stored.return_reason) == (ReportState.RETURNED, "请核对日期")


def test_what_moved_meanwhile_is_refused_with_what_was_written(scene: Scene, page: Client) -> None:
    report = scene.filed()
    actions.withdraw_report(report, actor=scene.entry, expected_version=report.version)
    answer = decide(page, report, "return", reason="长长的理由")
    assert answer.status_code == 409 and state(report) == ReportState.DRAFT
    scene.project.refresh_from_db()
    again = actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=2)
    answer = page.post(reverse("facilities:report_return", args=[again.pk]), {"version": 1, "reason": "长长的理由"})
    assert answer.status_code == 409 and "长长的理由" in text(answer)


def test_ones_own_entry_is_locked_with_the_reason(scene: Scene, page: Client) -> None:
    own = actions.submit_unchanged(scene.project, scene.month, actor=scene.reviewer)
    shown = text(page.get(f"{INBOX}?report={own.pk}"))
    assert "你本人填报，须由他人审核" in shown and "通过，看下一条" not in shown
    assert decide(page, own).status_code == 403
    answer = page.post(INBOX + "approve/", {"report": f"{own.pk}:{own.version}"}, follow=True)
    assert "1 条没有通过" in text(answer) and state(own) == ReportState.SUBMITTED


def test_a_batch_tells_each_that_did_not_go_through(scene: Scene, page: Client) -> None:
    good, stale = scene.filed_one(), scene.filed_one()
    sent = {"report": [f"{good.pk}:{good.version}", f"{stale.pk}:{stale.version + 7}"]}
    shown = text(page.post(INBOX + "approve/", sent, follow=True))
    assert "通过了 1 条。" in shown and "1 条没有通过" in shown and str(stale.project) in shown
    assert (state(good), state(stale)) == (ReportState.APPROVED, ReportState.SUBMITTED)


def test_a_batch_returns_for_one_reason(scene: Scene, page: Client) -> None:
    reports = [scene.filed_one(), scene.filed_one()]
    sent = {"report": [f"{report.pk}:{report.version}" for report in reports]}
    assert "2 条没有退回" in text(page.post(INBOX + "return/", sent, follow=True))
    assert "退回了 2 条。" in text(page.post(INBOX + "return/", sent | {"reason": "口径不对"}, follow=True))
    assert {state(report) for report in reports} == {ReportState.RETURNED}


@pytest.mark.parametrize("ticked", [[], ["x"], ["1"], ["1:-2"], ["9" * 30 + ":1"], ["1:1", "abc:\0"]])
def test_a_batch_of_nonsense_is_a_sentence(scene: Scene, page: Client, ticked: list[str]) -> None:
    answer = page.post(INBOX + "approve/", {"report": ticked}, follow=True)
    assert answer.status_code == 200 and ("先勾选" in text(answer) or "看不懂" in text(answer))


def test_the_city_office_decides_for_a_unit_whose_reviewer_is_away(scene: Scene, as_user: SignIn) -> None:
    report, office = scene.filed(), as_user(scene.office)
    assert str(scene.project) not in text(office.get(INBOX))
    assert decide(office, report, away_reason="公出").status_code == 403
    Membership.objects.filter(user=scene.reviewer).delete()
    assert "代审原因" in text(office.get(INBOX))
    refused = decide(office, report)
    assert refused.status_code == 400 and "请写明原因" in text(refused)
    assert decide(office, report, away_reason="公出到 20 日").status_code == 302
    assert "市新社区办代审" in text(office.get(report.get_absolute_url()))


def test_another_units_reviewer_and_those_who_enter_have_no_inbox_for_it(
    scene: Scene, units: dict[str, ReportingUnit], as_user: SignIn
) -> None:
    report = scene.filed()
    stranger = as_user(factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"]))
    assert str(scene.project) not in text(stranger.get(f"{INBOX}?report={report.pk}"))
    assert decide(stranger, report).status_code == 404
    entry = as_user(scene.entry)
    assert entry.get(INBOX).status_code == 403 and decide(entry, report).status_code == 403
    assert state(report) == ReportState.SUBMITTED


def test_the_inbox_asks_as_often_for_one_as_for_nine(scene: Scene, page: Client) -> None:
    counts = []
    for rows in (1, 8):
        for _ in range(rows):
            scene.filed_one()
        page.get(INBOX)
        with CaptureQueriesContext(connection) as queries:
            page.get(INBOX)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_city_office_reads_no_report_that_is_not_its_to_decide_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.filed()
    own = actions.submit_report(
        factories.make_project(scene.project.community, "other"), scene.month, {"percent": 0}, actor=scene.office
    )
    read, from_db = list[int](), ProgressReport.from_db.__func__  # type: ignore[attr-defined]  # a class method

    def reading(cls: Any, *args: Any) -> Any:
        report = from_db(cls, *args)
        read.append(report.pk)
        return report

    monkeypatch.setattr(ProgressReport, "from_db", classmethod(reading))
    rows = waiting_for(scene.office)
    assert [(row.report, bool(row.locked)) for row in rows] == [(own, True)]
    assert set(read) == {own.pk}


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 2), ("state=approved", 1), ("state=submitted", 1), ("late=true", 0), ("late=false", 2), ("unit=XC", 2)]
    + [("unit=DW", 0), ("sort=-percent", 2), ("sort=unit", 2), ("state=x", 0), ("month=x", 0), ("q=zzz", 0)],
)
def test_the_list_of_reports_is_filtered_and_sorted(scene: Scene, page: Client, query: str, found: int) -> None:
    scene.filed()
    answer = page.get(f"/projects/reports/?{query}")
    assert answer.status_code == 200 and answer.context["page_obj"].paginator.count == found


def test_a_report_is_read_by_others_only_when_it_is_approved(scene: Scene, as_user: SignIn) -> None:
    report, leader = scene.filed(), as_user(factories.make_user(Role.LEADER))
    assert leader.get(report.get_absolute_url()).status_code == 404
    done = ProgressReport.objects.approved().get()
    shown = text(leader.get(done.get_absolute_url()))
    assert str(scene.reviewer) in shown and "撤回" not in shown


def test_the_inbox_is_taken_out_with_what_each_changes_and_nothing_of_another_unit(
    scene: Scene, page: Client, units: dict[str, ReportingUnit], as_user: SignIn
) -> None:
    scene.filed()
    scene.filed_one()
    assert "导出 Excel（2 条）" in text(page.get(INBOX))
    lines = workbook(page)
    heads = next(line for line in lines if line[0] == "社区")
    rows = [dict(zip(heads, line, strict=False)) for line in lines[lines.index(heads) + 1 :]]
    assert "→" in rows[0]["变化"] and rows[1]["变化"] == "没有变化"
    assert {row["能否审核"] for row in rows[:2]} == {"能"} and str(rows[2]["社区"]).startswith("合计 2 条")
    assert any("口径：已提交、还没有人审核的月报" in str(line[0]) for line in lines)
    other = as_user(factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"]))
    assert [line for line in workbook(other) if "→" in str(line)] == []


def workbook(client: Client) -> list[list[Any]]:
    """Everything in the inbox's workbook."""
    answer: Any = client.get(f"{INBOX}?export=xlsx")
    sheet: Any = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    return [[cell.value for cell in line] for line in sheet.iter_rows()]
