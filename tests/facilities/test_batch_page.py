"""The page of a unit's month: filled in already, grouped, checked in place, handed in with or without a script."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene
from tests.jobs.threads import in_parallel

SignIn = Callable[[User], Client]
PAGE = "/projects/months/2013-12/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit whose one project has a report of November, with money of one source."""
    scene = make_scene(units["XC"])
    Project.objects.filter(pk=scene.project.pk).update(fund_city=Decimal(2000), invested_before=Decimal(160))
    scene.project.refresh_from_db()
    scene.approved(factories.make_month(2013, 11), text="土方开挖", arrived_city=Decimal("1200.00"))
    return scene


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's entry."""
    return as_user(scene.entry)


def text(answer: Any) -> str:
    """The answer as text."""
    return str(answer.content.decode())


def december(scene: Scene, project: Project | None = None) -> ProgressReport:
    """The report of December."""
    return ProgressReport.objects.get(project=project or scene.project, month=scene.month)


def row(project: Project, values: dict[str, str] | None, version: int | None = None) -> dict[str, Any]:
    """A row as the script sends it."""
    return {"project": project.pk, "version": version, "values": values}


def send(page: Client, *rows: dict[str, Any], to: str = PAGE, **more: Any) -> Any:
    """Rows as the script sends them."""
    return page.post(to, {"rows": json.dumps(rows), **more}, headers=JSON)


def line_of(answer: Any, project: Project) -> Any:
    """The project's line on the page."""
    return next(line for group in answer.context["groups"] for line in group.lines if line.row.project.pk == project.pk)


def plain_fields(answer: Any) -> dict[str, str]:
    """Every named control of the table with its value, as a browser without a script would send it."""
    html = text(answer)
    fields = dict(re.findall(r'<input type="(?:text|hidden)" name="(p\d+-\w+)" value="([^"]*)"', html))
    fields |= dict(re.findall(r'<textarea[^>]* name="(p\d+-\w+)"[^>]*>([^<]*)</textarea>', html))
    for name, options in re.findall(r'<select name="(p\d+-\w+)"[^>]*>(.*?)</select>', html):
        fields[name] = re.findall(r'value="(\d+)" selected', options)[0]
    return fields


def test_the_page_opens_with_last_months_values_by_community(scene: Scene, page: Client) -> None:
    answer = page.get(PAGE)
    cells = {cell.column: cell for cell in line_of(answer, scene.project).cells}
    assert (cells["percent"].value, cells["invested"].value, cells["total"].value) == ("10", "0.00", "160.00")
    assert (cells["arrived"].kind, cells["arrived"].name, cells["arrived"].value) == (
        "input",
        "arrived_city",
        "1,200.00",
    )
    assert cells["housing_started"].kind == "none"
    assert {name: n for name, n in answer.context["counts"].items() if n} == {"all": 1, "open": 1, "blank": 1}
    assert "1 个项目，上月的数已填好" in text(answer) and scene.project.community.name in text(answer)


def test_several_sources_are_added_up_and_opened_below(scene: Scene, page: Client) -> None:
    Project.objects.filter(pk=scene.project.pk).update(fund_county=Decimal(100))
    cells = {cell.column: cell for cell in line_of(page.get(PAGE), scene.project).cells}
    assert (cells["arrived"].kind, cells["arrived"].value) == ("open", "1,200.00")


def test_communities_come_in_the_order_of_the_month(scene: Scene, page: Client) -> None:
    for _ in range(3):
        factories.make_project(factories.make_community(ReportingUnit.objects.get(code="XC")), "clinic")
    groups = page.get(PAGE).context["groups"]
    assert [group.community.pinyin for group in groups] == sorted(group.community.pinyin for group in groups)


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


def test_no_change_that_is_odd_asks_too(scene: Scene, page: Client) -> None:
    odd = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    done = scene.filed(ReportingMonth.objects.get(number=11), odd, percent=80)
    actions.approve_report(done, actor=scene.reviewer, expected_version=done.version)
    answer = send(page, row(odd, None))
    assert answer.status_code == 422 and json.loads(answer.content)["rows"][str(odd.pk)]["warnings"] == ["percent"]


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


def test_what_came_back_says_why_and_what_was_filed_is_only_read(scene: Scene, page: Client) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    filed = scene.filed()
    actions.return_report(filed, actor=scene.reviewer, expected_version=1, reason="照片与数字不符")
    waiting = scene.filed(project=other)
    answer = page.get(PAGE)
    assert "照片与数字不符" in text(answer) and line_of(answer, scene.project).state == "returned"
    assert {cell.name for cell in line_of(answer, other).cells} == {""}, "no controls"
    back = f"{reverse('facilities:report_withdraw', args=[waiting.pk])}?version=1&to=month"
    assert back.replace("&", "&amp;") in text(answer)
    assert page.post(back).url == PAGE  # type: ignore[attr-defined]
    assert december(scene, other).state == ReportState.DRAFT
    assert send(page, row(scene.project, {"percent": "12"}, 2)).status_code == 200
    assert december(scene).state == ReportState.SUBMITTED


def test_a_plain_form_hands_everything_in(scene: Scene, page: Client) -> None:
    homes = factories.make_project(scene.project.community, "resettlement", (Stage.STARTED, DAY))
    fields = plain_fields(page.get(PAGE))
    assert len(fields) == 2 * 5 + 3 + 1
    fields[f"p{homes.pk}-percent"] = "5"
    assert page.post(PAGE, fields).status_code == 302
    assert december(scene).invested == Decimal(0) and december(scene, homes).percent == 5


def test_a_plain_form_that_is_refused_keeps_everything_that_was_typed(scene: Scene, page: Client) -> None:
    fields = plain_fields(page.get(PAGE))
    key = f"p{scene.project.pk}"
    answer = page.post(PAGE, fields | {f"{key}-percent": "一半", f"{key}-problem": "缺料", f"{key}-arrived_city": "7"})
    assert answer.status_code == 422 and answer.context["counts"]["wrong"] == 1
    assert 'value="一半"' in text(answer) and "缺料" in text(answer) and "少 1,193.00 万元" in text(answer)
    assert not ProgressReport.objects.of_month(scene.month).exists()
    assert answer.context["counts"]["changed"] == 1


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


def test_the_city_office_has_one_unit_at_a_time(scene: Scene, as_user: SignIn, units: dict[str, ReportingUnit]) -> None:
    factories.make_project(factories.make_community(units["DW"], name="大悟的社区"), "clinic")
    office = as_user(scene.office)
    assert office.get(PAGE).context["unit"] == "XC" and "大悟的社区" not in text(office.get(PAGE))
    assert "大悟的社区" in text(office.get(f"{PAGE}?unit=DW"))


@pytest.mark.parametrize("month", ["2013-13", "2013-1", "abcd-ef", "2031-05"])
def test_a_month_that_is_none_is_not_found(page: Client, month: str) -> None:
    assert page.get(f"/projects/months/{month}/").status_code == 404


def test_a_closed_month_is_refused_in_words(scene: Scene, page: Client) -> None:
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    answer = page.get(PAGE)
    assert answer.status_code == 409 and "不在填报中" in text(answer)


def test_lateness_is_told_before(scene: Scene, page: Client) -> None:
    ReportingMonth.objects.filter(pk=scene.month.pk).update(due_on=dt.date(2014, 1, 6))
    assert "现在提交会标“迟报”" in text(page.get(PAGE))


def test_the_view_hides_rows_and_the_file_has_those_that_are_shown(scene: Scene, page: Client) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    scene.filed(project=other)
    answer = page.get(f"{PAGE}?show=blank")
    assert (line_of(answer, scene.project).shown, line_of(answer, other).shown) == (True, False)
    assert answer.context["export"].count == 1
    assert page.get(f"{PAGE}?show=blank&kind=other&export=xlsx").status_code == 200
    assert page.get(f"{PAGE}?show=nonsense&community=x&kind=y").context["export"].count == 2


def test_queries_do_not_grow_with_rows_whatever_their_state(scene: Scene, page: Client) -> None:
    def grow(number: int) -> int:
        for _ in range(number):
            blank, draft, back, waiting = (
                factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY)) for _ in range(4)
            )
            del blank
            actions.save_draft(draft, scene.month, {"percent": 85}, actor=scene.entry)
            report = scene.filed(project=back)
            actions.return_report(report, actor=scene.reviewer, expected_version=1, reason="请核对")
            scene.filed(project=waiting)
        page.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            assert page.get(PAGE).status_code == 200
        return len(queries)

    assert grow(1) == grow(5)


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
