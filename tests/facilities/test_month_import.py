"""The month of a unit by Excel: template, upload, preview, drafts, submit, take back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import override_settings
from django.utils import translation

from accounts.models import User
from communities.actions import move_placement
from communities.models import ReportingMonth
from communities.roles import Role
from exchange import actions
from exchange.models import Batch
from exchange.registry import get
from exchange.template import write_template
from facilities.batch_actions import Entry, submit_month
from facilities.batch_rows import RowState, rows_of, sheet_rows
from facilities.models import ProgressReport, Project, StageDefinition
from facilities.report_actions import save_draft, submit_unchanged
from facilities.report_reads import unit_progress
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from jobs import broker
from tests import factories
from tests.exchange.conftest import apply, not_in_english, problems_of, saved, undo, worked
from tests.facilities.report_scene import DAY

TARGET = get("month")
HEADS = {column.code: str(column.label) for column in TARGET.columns if not column.computed}


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of a test's own, and no wake-up calls."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    with override_settings(MEDIA_ROOT=str(tmp_path_factory.mktemp("media"))):
        yield


@pytest.fixture
def month(units: dict[str, Any]) -> ReportingMonth:
    """December 2013."""
    return factories.make_month()


@pytest.fixture
def clerk(units: dict[str, Any]) -> User:
    """The entry of 孝昌."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def works(units: dict[str, Any], clerk: User) -> list[Project]:
    """Three projects whose November is approved, the last one homes."""
    community, november = factories.make_community(units["XC"]), factories.make_month(2013, 11)
    begun = (Stage.MAIN_WORKS, DAY)
    found = [factories.make_project(community, kind, begun) for kind in ("clinic", "other", "resettlement")]
    for project in found:
        homes: dict[str, Any] = {"housing_started": 120} if project.builds_homes else {}
        factories.make_report(
            project, november, entry=clerk, percent=30, stage=Stage.MAIN_WORKS, arrived_city=Decimal("1200"), **homes
        )
    return found


def sheet(*lines: Mapping[str, Any]) -> bytes:
    """A sheet with the heads that the lines name."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append([HEADS[name] for name in names])
    for line in lines:
        page.append([line.get(name) for name in names])
    return saved(book)


def upload(clerk: User, content: bytes, scope: str = "2013-12") -> Batch:
    file = io.BytesIO(content)
    batch = actions.upload(
        actor=clerk, target="month", place="XC", scope=scope, file=file, name="月报.xlsx", size=len(content)
    )
    return worked(batch)


def line(project: Project, **values: Any) -> dict[str, Any]:
    return {"number": str(project.pk), **values}


def report(project: Project) -> ProgressReport:
    return ProgressReport.objects.get(project=project, month__number=12)


def test_the_template_is_filled_with_what_is_known(month: ReportingMonth, works: list[Project], clerk: User) -> None:
    known = {row["number"]: row for row in TARGET.known("XC", "2013-12", clerk)}
    assert set(known) == {str(project.pk) for project in works}
    first = known[str(works[0].pk)]
    assert (first["stage"], first["percent"], first["invested"]) == (str(Stage.MAIN_WORKS.value), 30, 0)
    assert first["arrived_city"] == Decimal("1200")
    submit_unchanged(works[0], month, actor=clerk)
    assert str(works[0].pk) not in {row["number"] for row in TARGET.known("XC", "2013-12", clerk)}


def test_changed_rows_become_drafts_and_the_rest_is_left_alone(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    content = sheet(
        line(works[0], percent=34, invested="46", arrived_city="1,250.50"),
        line(works[1], percent="30", invested=0, arrived_city=1200),
    )
    batch = upload(clerk, content)
    assert (batch.state, batch.changed, batch.unchanged, batch.rejected) == ("ready", 1, 1, 0)
    assert not ProgressReport.objects.filter(month=month).exists()
    apply(batch, clerk)
    kept = report(works[0])
    assert (kept.state, kept.percent, kept.invested) == (ReportState.DRAFT, 34, Decimal(46))
    assert (kept.arrived_city, kept.entered_by) == (Decimal("1250.50"), clerk)
    assert ProgressReport.objects.filter(month=month).count() == 1
    again = upload(clerk, content)
    assert (again.changed, again.unchanged) == (0, 2)


@pytest.mark.parametrize(
    ("values", "column", "sentence"),
    [
        ({"arrived_city": 1120}, "arrived_city", "上月 1,200.00，本月填了 1,120.00，少 80.00 万元"),
        ({"percent": 85, "invested": 1}, "percent", "阶段是“主体施工”"),
        ({"percent": 101}, "percent", ""),
        ({"stage": "主体"}, "stage", ""),
        ({"stage": ""}, "stage", "阶段不能空着。没有变化的，写回“主体施工”"),
        ({"stage": "主体封顶", "stage_on": ""}, "stage_on", "请填实际到达“主体封顶”的日期"),
        ({"stage": "主体封顶", "stage_on": "2013-09-01"}, "stage_on", "日期不能早于上一步"),
        ({"stage": "主体封顶", "stage_on": "2014-01-05"}, "stage_on", "之后，请写进那个月的月报"),
        ({"stage": "基础", "stage_on": "2013-12-05"}, "stage_reason", "没有前进"),
        ({"housing_started": 12}, "housing_started", "不是住房"),
    ],
)
def test_a_row_that_cannot_be_is_named_in_its_cell(
    month: ReportingMonth, works: list[Project], clerk: User, values: dict[str, Any], column: str, sentence: str
) -> None:
    batch = upload(clerk, sheet(line(works[0], **values)))
    assert batch.rejected == 1
    assert sentence in problems_of(batch)[2][column]
    assert not_in_english(batch) == []


def test_another_stage_without_its_papers_asks_for_a_word(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    StageDefinition.objects.create(stage=Stage.TOPPED_OUT, definition="口径", evidence="主体验收记录")
    moved = {"stage": "主体封顶", "stage_on": "2013-12-05", "percent": 75, "invested": 9}
    batch = upload(clerk, sheet(line(works[0], **moved), line(works[1], **moved, stage_basis="主体验收记录")))
    assert (batch.rejected, batch.changed) == (1, 1)
    assert "凭主体验收记录认定，认定依据还空着" in problems_of(batch)[2]["stage_basis"]
    assert upload(clerk, sheet(line(works[0], **moved, explanation="下月补"))).rejected == 0


def test_a_word_of_explanation_lets_what_is_odd_through(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    batch = upload(clerk, sheet(line(works[0], percent=85, invested=1, explanation="预制件，安装快")))
    assert (batch.changed, batch.rejected) == (1, 0)


def test_another_units_project_is_not_there(
    month: ReportingMonth, works: list[Project], clerk: User, units: dict[str, Any]
) -> None:
    foreign = factories.make_project(factories.make_community(units["DW"]), "clinic")
    batch = upload(clerk, sheet(line(foreign, percent=5)))
    assert "没有编号为" in problems_of(batch)[2]["number"]


def test_a_month_that_waits_for_review_is_refused(month: ReportingMonth, works: list[Project], clerk: User) -> None:
    submit_unchanged(works[0], month, actor=clerk)
    batch = upload(clerk, sheet(line(works[0], percent=34)))
    assert "待审核" in problems_of(batch)[2][""]
    with translation.override("en"):
        assert "待" not in problems_of(batch)[2][""]


def test_somebody_at_the_row_meanwhile_stops_the_whole_import(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    batch = upload(clerk, sheet(line(works[0], percent=31), line(works[1], percent=31)))
    save_draft(works[1], month, {"percent": 33}, actor=clerk)
    batch = apply(batch, clerk)
    assert not ProgressReport.objects.filter(project=works[0], month=month).exists()
    assert report(works[1]).percent == 33 and batch.state != "applied"


def test_a_project_that_left_meanwhile_stops_the_import_with_a_sentence(
    month: ReportingMonth, works: list[Project], clerk: User, units: dict[str, Any]
) -> None:
    batch = upload(clerk, sheet(line(works[0], percent=31)))
    office, day = factories.make_user(Role.CITY_OFFICE), dt.date(2013, 12, 1)
    move_placement(works[0].community, unit=units["DW"], valid_from=day, reason="区划调整", actor=office)
    batch = apply(batch, clerk)
    assert batch.state == "ready" and "已经不在这个单位" in batch.trouble
    assert not ProgressReport.objects.filter(month=month).exists()


def test_a_draft_that_was_there_before_the_import_stays_begun(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    save_draft(works[0], month, {"percent": 30}, actor=clerk)
    undo(apply(upload(clerk, sheet(line(works[0], percent=34, invested=5))), clerk), clerk)
    assert rows_of(clerk, month, {works[0].pk})[works[0].pk].standing == RowState.SAME


def test_what_an_import_left_blank_is_handed_in_like_any_other(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    undo(apply(upload(clerk, sheet(line(works[0], percent=34, invested=5))), clerk), clerk)
    assert report(works[0]).is_blank
    filed = submit_unchanged(works[0], month, actor=clerk)
    assert (filed.percent, filed.is_blank) == (30, False)


def test_what_an_import_left_blank_reads_as_not_begun_everywhere(
    month: ReportingMonth, works: list[Project], clerk: User, units: dict[str, Any], as_user: Any
) -> None:
    kept = save_draft(works[1], month, {"percent": 31}, actor=clerk)
    undo(apply(upload(clerk, sheet(line(works[0], percent=34, invested=5))), clerk), clerk)
    client = as_user(clerk)
    (unit,) = unit_progress(month, [units["XC"]])
    assert (unit.drafts, unit.missing) == (1, 3)
    assert [row.state_label for row in client.get("/projects/reports/", {"state": "draft"}).context["page_obj"]] == [
        "草稿"
    ]
    labels = {
        row.project_id: row.state_label
        for row in client.get("/projects/reports/", {"month": month.pk}).context["page_obj"]
    }
    assert (labels[works[0].pk], labels[kept.project_id]) == ("未填", "草稿")
    answered = client.get("/api/v1/reports/", {"state": "draft"}).json()["results"]
    assert [(row["project"], row["is_blank"]) for row in answered] == [(kept.project_id, False)]
    whole = client.get("/api/v1/reports/", {"month": month.pk}).json()["results"]
    assert {row["project"]: row["is_blank"] for row in whole}[works[0].pk] is True


def test_an_import_is_taken_back_while_nothing_newer_stands_on_it(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    batch = apply(upload(clerk, sheet(line(works[0], percent=34, invested=5))), clerk)
    batch = undo(batch, clerk)
    assert batch.state == "undone"
    assert (report(works[0]).percent, report(works[0]).invested) == (30, Decimal(0))
    standing = {row.project.pk: row.standing for row in sheet_rows(clerk, month)}
    assert standing[works[0].pk] == RowState.BLANK, "nobody has said that nothing changed"
    save_draft(works[0], month, {}, actor=clerk, expected_version=report(works[0]).version)
    assert rows_of(clerk, month, {works[0].pk})[works[0].pk].standing == RowState.SAME
    again = apply(upload(clerk, sheet(line(works[0], percent=35, invested=2))), clerk)
    save_draft(works[0], month, {"text": "新写的"}, actor=clerk, expected_version=report(works[0]).version)
    again = undo(again, clerk)
    assert again.state == "applied" and report(works[0]).text == "新写的"


def test_a_month_of_sixty_projects_goes_out_and_comes_back(
    month: ReportingMonth, works: list[Project], clerk: User
) -> None:
    """Download, edit ten rows, upload, take over, submit: what was not touched says what it said."""
    november, community = ReportingMonth.objects.get(number=11), works[0].community
    for number in range(57):
        project = factories.make_project(community, "other", (Stage.MAIN_WORKS, DAY), name=f"工程{number}")
        factories.make_report(project, november, entry=clerk, percent=20, stage=Stage.MAIN_WORKS)
        works.append(project)
    file = io.BytesIO()
    write_template(file, TARGET, place="XC", place_name="孝昌", scope="2013-12", user=clerk)
    book: Any = openpyxl.load_workbook(io.BytesIO(file.getvalue()))
    page = book.worksheets[0]
    column = {name: next(c.column for c in page[1] if str(c.value).startswith(head)) for name, head in HEADS.items()}
    changed = [str(page.cell(at, column["number"]).value) for at in range(2, 12)]
    for at in range(2, 12):
        page.cell(at, column["percent"]).value = 35
        page.cell(at, column["invested"]).value = "12.50万元"
    batch = upload(clerk, saved(book))
    assert (batch.changed, batch.unchanged, batch.new, batch.rejected) == (10, 50, 0, 0)
    apply(batch, clerk)
    drafts = {report.project_id: report.version for report in ProgressReport.objects.of_month(month)}
    entries = [Entry(project.pk, drafts.get(project.pk), {} if project.pk in drafts else None) for project in works]
    assert [filed.refusal for filed in submit_month(month, entries, actor=clerk) if filed.refusal] == []
    filed = {str(report.project_id): report for report in ProgressReport.objects.of_month(month)}
    assert len(filed) == 60 and {report.state for report in filed.values()} == {ReportState.SUBMITTED}
    assert {number for number, report in filed.items() if report.percent == 35} == set(changed)
    assert {report.percent for number, report in filed.items() if number not in changed} <= {20, 30}
