"""Handing in a unit's month, and keeping drafts of it: all or none where something is wrong, once however often."""

from __future__ import annotations

import json
import re
import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from communities.models import ReportingMonth, ReportingUnit
from facilities import report_actions as actions
from facilities.models import ProgressReport
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.batch_scene import JSON, PAGE, SignIn, batch_scene, december, line_of, row, send, text
from tests.facilities.report_scene import DAY, Scene, make_scene
from tests.jobs.threads import in_parallel


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit with a report of the month before."""
    return batch_scene(units)


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's entry."""
    return as_user(scene.entry)


def test_changed_and_unchanged_rows_are_handed_in_at_once(scene: Scene, page: Client) -> None:
    november = ReportingMonth.objects.get(number=11)
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    done = scene.filed(november, other)
    actions.approve_report(done, actor=scene.reviewer, expected_version=done.version)
    answer = send(
        page, row(scene.project, {"percent": "２０", "invested": "46", "arrived_city": "1,300.5"}), row(other, None)
    )
    assert json.loads(answer.content) == {"location": PAGE, "done": [scene.project.pk, other.pk]}
    report = december(scene)
    assert (report.percent, report.arrived_city, report.text) == (20, Decimal("1300.50"), "土方开挖")
    assert december(scene, other).state == ReportState.SUBMITTED
    shown = page.get(PAGE)
    assert "已提交 2 个项目" in text(shown) and shown.context["counts"]["filed"] == 2


def test_where_one_row_is_wrong_none_is_handed_in_and_each_says_why(scene: Scene, page: Client) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    answer = send(page, row(scene.project, {"arrived_city": "1120"}), row(other, {"percent": "85"}))
    said = json.loads(answer.content)
    assert answer.status_code == 422 and not ProgressReport.objects.of_month(scene.month).exists()
    mine, others = said["rows"][str(scene.project.pk)], said["rows"][str(other.pk)]
    assert (mine["errors"], others["errors"], others["warnings"]) == (["arrived_city"], [], ["percent"])
    for part in ("上月 1,200.00", "本月填了 1,120.00", "少 80.00 万元", "改回 1,200.00", "申请更正上月数"):
        assert part in mine["said"]
    assert "进度 85%" in others["said"] and "p" + str(other.pk) + "-explanation" in others["said"]
    answer = send(page, row(other, {"percent": "85", "explanation": "预制件"}))
    assert answer.status_code == 200 and december(scene, other).explanation == "预制件"


def test_the_way_to_correct_last_month_leads_there(scene: Scene, page: Client) -> None:
    said = json.loads(send(page, row(scene.project, {"arrived_city": "1120"})).content)["rows"]
    address = re.findall(r'href="([^"]+/correct/)"', said[str(scene.project.pk)]["said"])[0]
    assert page.get(address).status_code == 200


def test_a_stage_without_its_day_is_told_in_its_row(scene: Scene, page: Client) -> None:
    said = json.loads(send(page, row(scene.project, {"stage": "6", "stage_on": "", "percent": "15"})).content)
    told = said["rows"][str(scene.project.pk)]
    assert told["errors"] == ["stage_on"] and "请填实际到达“基础”的日期" in told["said"] and "改回" not in told["said"]


def test_no_change_that_is_odd_asks_too(scene: Scene, page: Client) -> None:
    odd = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    done = scene.filed(ReportingMonth.objects.get(number=11), odd, percent=80)
    actions.approve_report(done, actor=scene.reviewer, expected_version=done.version)
    answer = send(page, row(odd, None))
    assert answer.status_code == 422 and json.loads(answer.content)["rows"][str(odd.pk)]["warnings"] == ["percent"]


def test_no_change_with_a_word_keeps_the_word(scene: Scene, page: Client) -> None:
    odd = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    done = scene.filed(ReportingMonth.objects.get(number=11), odd, percent=80, explanation="预制件")
    actions.approve_report(done, actor=scene.reviewer, expected_version=done.version)
    assert line_of(page.get(PAGE), odd).row.now["explanation"] == "", "last month's answers nothing"
    plain = {f"p{odd.pk}-percent": "80", f"p{odd.pk}-explanation": "还在装"}
    assert page.post(PAGE, plain).status_code == 302
    assert (december(scene, odd).percent, december(scene, odd).explanation) == (80, "还在装")


def test_drafts_of_several_rows_are_kept_with_what_can_be_read(scene: Scene, page: Client) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    answer = send(
        page,
        row(scene.project, {"percent": "8x", "problem": "缺料"}),
        row(other, {"percent": "12"}),
        to=f"{PAGE}drafts/",
    )
    said = json.loads(answer.content)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", said["saved_at"])
    mine = said["rows"][str(scene.project.pk)]
    assert (mine["version"], mine["left_out"], mine["errors"]) == (1, ["percent"], ["percent"])
    assert (december(scene).problem, december(scene).percent, december(scene, other).percent) == ("缺料", 10, 12)
    shown = page.get(PAGE)
    assert line_of(shown, other).state == "changed" and shown.context["counts"]["changed"] == 2


def test_a_draft_that_somebody_else_changed_shows_both_texts(scene: Scene, page: Client, as_user: SignIn) -> None:
    send(as_user(scene.reviewer), row(scene.project, {"problem": "甲写的"}), to=f"{PAGE}drafts/")
    said = json.loads(send(page, row(scene.project, {"problem": "乙写的"}), to=f"{PAGE}drafts/").content)
    told = said["rows"][str(scene.project.pk)]
    assert told["renewed"] == 1 and "甲写的" in told["html"] and "乙写的" in told["html"]
    again = send(page, row(scene.project, {"problem": "乙写的"}, 1), to=f"{PAGE}drafts/")
    assert json.loads(again.content)["rows"][str(scene.project.pk)]["version"] == 2
    assert december(scene).problem == "乙写的"


def test_who_was_refused_meanwhile_is_named_and_the_others_go_through(scene: Scene, page: Client) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    scene.filed(percent=30)
    answer = send(page, row(scene.project, {"percent": "12"}), row(other, {"percent": "10"}))
    assert json.loads(answer.content)["done"] == [other.pk]
    shown = text(page.get(PAGE))
    assert "已提交 1 个项目" in shown and f"1 个没有提交，你填的还在。{scene.project}：" in shown
    assert december(scene).percent == 30


@pytest.mark.parametrize(
    "rows",
    ["", "{}", "[1]", '[{"project": "1", "values": null}]', '[{"project": 1, "values": {"state": "approved"}}]',
     '[{"project": 1, "values": {"percent": 1}}]', '[{"project": 1, "version": true, "values": null}]', "[]"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(scene: Scene, page: Client, rows: str) -> None:
    for address, status in ((PAGE, 422), (f"{PAGE}drafts/", 400)):
        answer = page.post(address, {"rows": rows}, headers=JSON)
        assert answer.status_code == status and json.loads(answer.content)["message"]


def test_a_foreign_project_is_refused_and_so_are_people_who_do_not_report(
    scene: Scene, page: Client, as_user: SignIn, units: dict[str, ReportingUnit]
) -> None:
    foreign = factories.make_project(factories.make_community(units["DW"]), "clinic", (Stage.STARTED, DAY))
    for address in (PAGE, f"{PAGE}drafts/"):
        assert send(page, row(foreign, {"percent": "10"}), to=address).status_code == 403
    assert not ProgressReport.objects.filter(project=foreign).exists()
    assert as_user(factories.make_user("leader")).get(PAGE).status_code == 403


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_twenty_identical_submissions_are_one_row_each(transactional_db: None, as_user: SignIn) -> None:
    scene = make_scene(factories.make_units()["XC"])
    projects = [scene.project, *(factories.make_project(scene.project.community, "other") for _ in range(3))]
    rows = [row(project, {"percent": "3", "stage": "0", "stage_on": ""}) for project in projects[1:]]
    clients = [as_user(scene.entry) for _ in range(20)]
    keys, barrier = {"request_key": str(uuid.uuid4())}, threading.Barrier(len(clients))

    def press(client: Client) -> Any:
        barrier.wait()
        return send(client, *rows, **keys)

    answers = in_parallel([lambda client=client: press(client) for client in clients])  # type: ignore[misc]
    assert {answer.status_code for answer in answers} == {200}  # type: ignore[attr-defined]
    assert len({answer.content for answer in answers}) == 1  # type: ignore[attr-defined]
    found = ProgressReport.objects.of_month(scene.month)
    assert sorted(found.values_list("project", "version")) == [(project.pk, 1) for project in projects[1:]]
