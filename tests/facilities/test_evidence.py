"""What proves a new stage: who reports without it says why, and the reviewer sees that it is missing before opening."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities.models import ReportingUnit
from core.errors import RuleViolation
from facilities import report_actions as actions
from facilities.batch_checks import notes_of
from facilities.batch_rows import sheet_rows
from facilities.models import StageDefinition
from facilities.report_checks import soft_warnings
from facilities.review_reads import decision_on, waiting_for
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene

PAPERS = {7: "监理月报", 8: "监理月报、主体验收记录"}
MOVED: dict[str, Any] = {"stage": Stage.MAIN_WORKS, "stage_on": dt.date(2013, 12, 10), "percent": 45}
EMPTY = "“主体施工”凭监理月报认定，认定依据还空着。补上，一时没有的写一句说明。"
STALE = "阶段变了，认定依据还是上一步的“施工许可证”；“主体施工”凭监理月报认定。改写依据，一时没有的写一句说明。"


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A project at 动工; 主体施工 is proved by papers and a photo, 基础 by nothing."""
    StageDefinition.objects.create(stage=Stage.MAIN_WORKS, definition="口径", evidence=PAPERS[7], needs_photo=True)
    StageDefinition.objects.create(stage=Stage.FOUNDATION, definition="口径")
    return make_scene(units["XC"])


def marks(scene: Scene) -> list[str]:
    """What the inbox says of the one report that waits."""
    (row,) = waiting_for(scene.reviewer)
    return [mark.text for mark in row.marks if mark.text.startswith("缺")]


@pytest.mark.parametrize(
    ("stage", "basis", "expected"),
    [
        (7, "", [EMPTY]),
        (7, "施工许可证", [STALE]),
        (7, "监理月报第 3 期", []),
        (5, "", []),  # not another stage
        (6, "", []),  # asks for nothing
        (7, None, []),  # not judged
    ],
)
def test_a_new_stage_without_its_papers(scene: Scene, stage: int, basis: str | None, expected: list[str]) -> None:
    before = {"stage": 5, "stage_on": DAY, "stage_basis": "施工许可证"}
    values = {"stage": stage, "stage_on": dt.date(2013, 12, 10), "stage_basis": basis}
    found = soft_warnings(scene.project, values, before=before, papers=PAPERS)
    assert [each.message for each in found] == expected
    assert {each.field for each in found} <= {"stage_basis"}


def test_the_same_papers_may_prove_two_stages(scene: Scene) -> None:
    before = {"stage": 7, "stage_on": DAY, "stage_basis": "监理月报"}
    values = {"stage": 8, "stage_on": dt.date(2013, 12, 10), "stage_basis": "监理月报"}
    assert soft_warnings(scene.project, values, before=before, papers=PAPERS) == []


def test_a_report_without_them_says_why(scene: Scene) -> None:
    with pytest.raises(RuleViolation, match="认定依据还空着") as refusal:
        actions.submit_report(scene.project, scene.month, MOVED, actor=scene.entry)
    assert refusal.value.field == "explanation"
    said = {**MOVED, "explanation": "监理月报下月补"}
    assert actions.submit_report(scene.project, scene.month, said, actor=scene.entry).state == "submitted"


def test_the_form_the_table_of_the_month_and_its_drafts_say_so(scene: Scene, as_user: Any) -> None:
    page = as_user(scene.entry)
    sent = {"stage": "7", "stage_on": "2013-12-10", "percent": "45"}
    form = reverse("facilities:report_form", args=[scene.project.pk, str(scene.month)])
    answer = page.post(form, sent)
    assert answer.status_code == 422 and EMPTY in answer.content.decode()
    drafted = page.post(reverse("facilities:report_draft", args=[scene.project.pk, str(scene.month)]), sent).json()
    assert {"field": "stage_basis", "text": EMPTY} in drafted["warnings"]
    (row,) = sheet_rows(scene.entry, scene.month)
    notes = notes_of(row, scene.month, row.values)
    assert [each.message for each in notes.warnings] == [EMPTY] and notes.asks


def test_the_reviewer_sees_what_is_missing_before_opening_it(scene: Scene, as_user: Any) -> None:
    report = scene.filed(**MOVED)
    assert marks(scene) == ["缺依据", "缺照片"]
    shown = as_user(scene.reviewer).get(reverse("facilities:review"))
    text = shown.content.decode()
    assert '<span class="warn">缺依据</span>' in text and '<span class="warn">缺照片</span>' in text
    assert " checked>" not in text, "it is not among what is ticked to be approved together"
    (row,) = waiting_for(scene.reviewer)
    failed = [check.text for check in decision_on(row).checks if not check.passed]
    assert failed[-2:] == ["这一步要照片，没有传", "没有写认定依据"]
    draft = actions.withdraw_report(report, actor=scene.entry, expected_version=report.version)
    factories.make_photo(scene.project, scene.month, by=scene.entry, stage=Stage.TOPPED_OUT)
    given = {"stage_basis": "监理月报第 3 期", "explanation": ""}
    again = actions.submit_report(scene.project, scene.month, given, actor=scene.entry, expected_version=draft.version)
    assert marks(scene) == ["缺照片"], "a photo of another step is none"
    draft = actions.withdraw_report(again, actor=scene.entry, expected_version=again.version)
    factories.make_photo(scene.project, scene.month, by=scene.entry, stage=Stage.MAIN_WORKS)
    actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=draft.version)
    assert marks(scene) == []


def test_the_papers_of_the_step_before_prove_nothing(scene: Scene) -> None:
    scene.project.stages.create(
        stage=Stage.FOUNDATION, occurred_on=DAY + dt.timedelta(days=20), basis="施工许可证", reason=""
    )
    scene.filed(**MOVED)
    assert marks(scene) == ["缺依据", "缺照片"]
    (row,) = waiting_for(scene.reviewer)
    assert "认定依据还是上一步的" in [check.text for check in decision_on(row).checks if not check.passed]


def test_a_stage_that_stands_is_not_asked_again(scene: Scene) -> None:
    scene.approved(factories.make_month(2013, 11), **{**MOVED, "stage_on": dt.date(2013, 11, 10)})
    scene.filed(percent=45)
    assert marks(scene) == []


def test_a_stage_that_was_entered_without_papers_says_so_on_the_page(scene: Scene, as_user: Any) -> None:
    for stage, day, basis in ((6, 20, ""), (7, 60, "")):
        scene.project.stages.create(stage=stage, occurred_on=DAY + dt.timedelta(days=day), basis=basis)
    page, address = as_user(scene.office), scene.project.get_absolute_url()
    assert page.get(address).content.decode().count("缺依据") == 1, "基础 asks for none"
    sent = {"stage": "7", "occurred_on": "2013-12-01", "basis": "监理月报", "reason": "补依据"}
    assert page.post(reverse("facilities:stage", args=[scene.project.pk]), sent).status_code == 302
    shown = page.get(address)
    assert shown.content.decode().count("缺依据") == 1 and len(shown.context["stages"]) == 4


def test_as_many_queries_for_one_report_as_for_many(scene: Scene) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            waiting_for(scene.reviewer)
        return len(queries)

    scene.filed(**MOVED)
    counted()
    one = counted()
    for _ in range(4):
        other = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
        scene.filed(project=other, **MOVED)
    assert counted() == one
