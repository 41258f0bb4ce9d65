"""The form of the monthly report: filled in already, kept while typing, submitted on to the next one."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene

SignIn = Callable[[User], Client]
# Everything as it was: what the form opens with after `approved()` of the month before.
SAME: dict[str, Any] = {
    "stage": Stage.STARTED,
    "stage_on": DAY.isoformat(),
    "percent": "10",
    "invested": "0",
    "text": "土方开挖",
    "version": "",
}


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A project of Xiaochang whose report of November is approved."""
    scene = make_scene(units["XC"])
    scene.approved(factories.make_month(2013, 11), text="土方开挖")
    return scene


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's entry."""
    return as_user(scene.entry)


def address(scene: Scene, name: str = "report_form", project: Project | None = None) -> str:
    """A route of the scene's project and month."""
    return reverse(f"facilities:{name}", args=[(project or scene.project).pk, "2013-12"])


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def report(scene: Scene) -> ProgressReport:
    """The scene's one report of December."""
    return ProgressReport.objects.get(project=scene.project, month=scene.month)


def test_the_form_opens_with_the_last_values_beside_their_labels(scene: Scene, page: Client) -> None:
    answer = page.get(address(scene))
    form = answer.context["form"]
    assert (form["percent"].value(), form["text"].value(), form["stage"].value()) == (10, "土方开挖", Stage.STARTED)
    assert "上次：10%" in text(answer) and "上次：动工" in text(answer) and "2013-11 的数已填好" in text(answer)
    assert answer.context["changed"] == 0 and "1 个中的第 1 个" in text(answer)
    assert "本月没有变化，直接提交" in text(answer)


def test_a_first_report_has_nothing_to_repeat(units: dict[str, ReportingUnit], as_user: SignIn) -> None:
    scene = make_scene(units["XC"])
    answer = as_user(scene.entry).get(address(scene))
    assert "本月没有变化" not in text(answer) and "第一次填报" in text(answer)


def test_no_change_is_not_offered_while_an_earlier_month_waits(scene: Scene, page: Client) -> None:
    factories.make_month(2014, 1)
    january = reverse("facilities:report_form", args=[scene.project.pk, "2014-01"])
    assert "本月没有变化，直接提交" in text(page.get(january))
    scene.filed(percent=30)
    assert "本月没有变化，直接提交" not in text(page.get(january))


def test_submitting_goes_to_the_next_unfilled_and_offers_to_take_it_back(scene: Scene, page: Client) -> None:
    following = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    answer = page.post(address(scene), SAME | {"percent": "15", "invested": "6"}, follow=True)
    assert answer.redirect_chain[-1][0] == address(scene, project=following)
    assert (report(scene).state, report(scene).percent) == (ReportState.SUBMITTED, 15)
    undo = reverse("facilities:report_withdraw", args=[report(scene).pk]) + "?version=1"
    assert f'action="{undo}"' in text(answer)
    assert page.post(undo).status_code == 302
    assert report(scene).state == ReportState.DRAFT


def test_a_script_is_told_where_to_go(scene: Scene, page: Client) -> None:
    answer = page.post(address(scene), SAME, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert json.loads(answer.content) == {"location": f"/projects/reports/?month={scene.month.pk}"}


def test_the_same_key_twice_is_one_report(scene: Scene, page: Client) -> None:
    sent = SAME | {"request_key": str(uuid.uuid4())}
    answers = [page.post(address(scene), sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302] and report(scene).version == 1


def test_no_change_is_one_action(scene: Scene, page: Client) -> None:
    answer = page.post(address(scene, "report_unchanged"), follow=True)
    assert "已提交，和上次一样" in text(answer)
    filed = report(scene)
    assert (filed.state, filed.percent, filed.text) == (ReportState.SUBMITTED, 10, "土方开挖")


def test_what_differs_is_marked_and_what_is_odd_asks_for_a_sentence(scene: Scene, page: Client) -> None:
    answer = page.post(address(scene), SAME | {"percent": "85", "invested": "60.5"})
    assert answer.status_code == 422 and not ProgressReport.objects.filter(month=scene.month).exists()
    assert answer.context["changed"] == 2 and answer.context["asked"] == 1
    assert "进度 85%" in text(answer) and "is-warning" in text(answer)
    assert list(answer.context["form"].errors) == ["explanation"]
    page.post(address(scene), SAME | {"percent": "85", "invested": "60.5", "explanation": "预制件，安装快"})
    assert report(scene).explanation == "预制件，安装快"


@pytest.mark.parametrize("percent", ["", "101", "-1", "1.5", "一半", "9" * 30])
def test_a_wrong_percentage_is_said_beside_its_field(scene: Scene, page: Client, percent: str) -> None:
    answer = page.post(address(scene), SAME | {"percent": percent})
    assert answer.status_code == 422 and "percent" in answer.context["form"].errors
    assert "土方开挖" in text(answer)


def test_a_stage_without_its_day_is_refused_there(scene: Scene, page: Client) -> None:
    answer = page.post(
        address(scene), SAME | {"stage": Stage.FOUNDATION, "stage_on": "", "percent": "15", "invested": "6"}
    )
    assert answer.status_code == 400 and "stage_on" in answer.context["form"].errors


def test_a_draft_is_kept_with_what_can_be_read_of_it(scene: Scene, page: Client) -> None:
    answer = page.post(address(scene, "report_draft"), SAME | {"percent": "8x", "text": "基础"})
    said = json.loads(answer.content)
    assert (answer.status_code, said["version"], said["left_out"]) == (200, 1, ["percent"])
    assert (report(scene).text, report(scene).percent) == ("基础", 10)
    answer = page.post(address(scene, "report_draft"), SAME | {"percent": "85", "invested": "60.5", "version": "1"})
    assert [each["field"] for each in json.loads(answer.content)["warnings"]] == ["percent"]
    assert page.get(address(scene)).context["form"]["percent"].value() == 85


def test_of_two_tabs_the_second_sees_both_texts(scene: Scene, page: Client) -> None:
    page.post(address(scene, "report_draft"), SAME | {"text": "甲标签"})
    answer = page.post(address(scene, "report_draft"), SAME | {"text": "乙标签"})
    said = json.loads(answer.content)
    assert (answer.status_code, said["version"]) == (409, 1)
    assert "甲标签" in said["html"] and "乙标签" in said["html"]
    refused = page.post(address(scene), SAME | {"text": "乙标签"})
    assert refused.status_code == 409 and "甲标签" in text(refused) and "乙标签" in text(refused)
    assert refused.context["form"]["version"].value() == "1"
    assert page.post(address(scene), SAME | {"text": "乙标签", "version": "1"}).status_code == 302


def test_a_returned_report_says_why_and_by_whom(scene: Scene, page: Client) -> None:
    filed = scene.filed()
    actions.return_report(filed, actor=scene.reviewer, expected_version=filed.version, reason="照片与数字不符")
    answer = page.get(address(scene))
    assert "照片与数字不符" in text(answer) and str(scene.reviewer) in text(answer)


def test_what_was_filed_is_read_and_not_edited(scene: Scene, page: Client) -> None:
    filed = scene.filed()
    assert page.get(address(scene)).url == filed.get_absolute_url()  # type: ignore[attr-defined]
    assert page.post(address(scene), SAME | {"version": filed.version}).status_code == 409


def test_lateness_is_told_before_and_after(scene: Scene, page: Client) -> None:
    ReportingMonth.objects.filter(pk=scene.month.pk).update(due_on=dt.date(2014, 1, 6), due_reason="测试")
    assert "现在提交会标“迟报”" in text(page.get(address(scene)))
    page.post(address(scene), SAME)
    assert report(scene).is_late and "迟报" in text(page.get(report(scene).get_absolute_url()))


def test_whoever_is_not_of_the_entry_team_is_told_so(scene: Scene, page: Client, as_user: SignIn) -> None:
    assert "代填" not in text(page.get(address(scene)))
    office = as_user(scene.office)
    assert "代填" in text(office.get(address(scene)))
    office.post(address(scene), SAME)
    assert report(scene).on_behalf and "代填" in text(page.get(report(scene).get_absolute_url()))


@pytest.mark.parametrize("month", ["2013-13", "2013-1", "abcd-ef", "2031-05", "2013-12-01"])
def test_a_month_that_is_none_is_not_found(scene: Scene, page: Client, month: str) -> None:
    route = reverse("facilities:report_form", args=[scene.project.pk, month])
    assert page.get(route).status_code == 404 and page.post(route, SAME).status_code == 404


def test_a_closed_month_is_refused_in_words(scene: Scene, page: Client) -> None:
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    answer = page.get(address(scene))
    assert answer.status_code == 409 and "不在填报中" in text(answer)
    assert page.post(address(scene, "report_draft"), SAME).status_code == 409


def test_in_a_closed_month_nothing_is_offered_that_is_refused(scene: Scene, page: Client) -> None:
    """No taking back; what came back is mended, and handed in without a way back."""
    filed = scene.filed()
    undo = reverse("facilities:report_withdraw", args=[filed.pk]) + "?version=1"
    assert undo in text(page.get(filed.get_absolute_url()))
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    assert undo not in text(page.get(filed.get_absolute_url()))
    refused = page.post(undo)
    assert refused.status_code == 409 and "撤回后就不能再提交" in text(refused)
    assert report(scene).state == ReportState.SUBMITTED
    actions.return_report(filed, actor=scene.reviewer, expected_version=1, reason="请核对")
    assert page.get(address(scene)).status_code == 200
    again = page.post(address(scene), SAME | {"version": "2"}, follow=True)
    assert report(scene).state == ReportState.SUBMITTED and "withdraw/?version=" not in text(again)


def test_a_correction_needs_a_reason_and_opens_the_form_again(scene: Scene, page: Client, as_user: SignIn) -> None:
    done = scene.approved()
    route = reverse("facilities:report_correct", args=[done.pk])
    assert page.post(route, {"reason": " "}).status_code == 422
    answer = page.post(route, {"reason": "进度写错"}, follow=True)
    assert answer.redirect_chain[-1][0] == address(scene) and "进度写错" in text(answer)
    page.post(address(scene), SAME | {"percent": "20", "invested": "9", "version": "1"})
    correction = ProgressReport.objects.get(revision=2)
    assert (correction.state, correction.percent) == (ReportState.SUBMITTED, 20)
    shown = text(page.get(done.get_absolute_url()))
    assert "更正，第 2 版" in shown and "更正</a>" not in shown
