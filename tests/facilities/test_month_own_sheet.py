"""The month from sheets that the portal did not make, or made for reading: a county's own, and the page's Excel."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.models import User
from communities.actions import move_placement
from communities.models import ReportingUnit
from communities.roles import Role
from core.errors import RuleViolation
from exchange import actions
from exchange.models import Batch, ColumnMap
from exchange.preview import shown
from exchange.registry import get
from facilities.batch_rows import sheet_rows
from facilities.models import ProgressReport, Project
from facilities.report_actions import save_draft
from facilities.workflow import Stage
from jobs import broker
from tests import factories
from tests.exchange.conftest import apply, not_in_english, problems_of, saved, workbook, worked
from tests.facilities.batch_scene import PAGE, batch_scene, december
from tests.facilities.report_scene import DAY, Scene

TARGET = get("month")
Units = dict[str, ReportingUnit]


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of a test's own, and no wake-up calls."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    with override_settings(MEDIA_ROOT=str(tmp_path_factory.mktemp("media"))):
        yield


@pytest.fixture
def scene(units: Units) -> Scene:
    """金桥社区 of 孝昌 with 卫生室, whose November said 10 %."""
    scene = batch_scene(units)
    community = scene.project.community
    community.name, community.code = "金桥社区", "XC-P-001"
    community.save()
    scene.project.name = "卫生室A"
    scene.project.save()
    return scene


def built(scene: Scene, name: str, **values: Any) -> Project:
    """Another project of the community, with a report of November."""
    project = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY), name=name)
    november = scene.project.reports.get().month
    factories.make_report(project, november, entry=scene.entry, **values)
    return project


def upload(clerk: User, content: bytes, place: str = "XC") -> Batch:
    file, size = io.BytesIO(content), len(content)
    return worked(
        actions.upload(
            actor=clerk, target="month", place=place, scope="2013-12", file=file, name="本月.xlsx", size=size
        )
    )


def sent(clerk: User, *rows: Sequence[Any]) -> Batch:
    """Rows below their heads, read."""
    return upload(clerk, workbook(rows))


def test_a_row_is_known_by_community_and_name(scene: Scene) -> None:
    heads = ["社区名称", "项目名称", "形象进度", "本月完成投资"]
    for community, name in (("金桥社区", "卫生室A"), ("\u3000金桥 社区", "卫生室Ａ"), ("金桥社区 ", " 卫生室 a")):
        batch = sent(scene.entry, heads, [community, name, 15, 3])
        assert (batch.changed, batch.rejected) == (1, 0), problems_of(batch)
    assert [row.name.split() for row in shown(batch, batch.rows.all())] == [["金桥社区", "卫生室", "a"]]
    apply(batch, scene.entry)
    assert (december(scene).percent, december(scene).invested) == (15, Decimal(3))
    again = sent(scene.entry, heads, ["金桥社区", "卫生室A", 15, 3])
    assert (again.changed, again.unchanged) == (0, 1)


def test_the_code_tells_communities_of_one_name_apart(scene: Scene, units: Units) -> None:
    same = factories.make_community(units["XC"], code="XC-E-009", name="金桥社区", population="existing")
    other = factories.make_project(same, "clinic", (Stage.STARTED, DAY), name="卫生室A")
    factories.make_report(other, scene.project.reports.get().month, entry=scene.entry)
    row = ["金桥社区", "卫生室A", "征地"]
    batch = sent(scene.entry, ["社区编号", "社区", "项目", "问题"], [None, *row], ["ｘｃ-e-009", *row])
    reason = problems_of(batch)[2]["community"]
    assert "XC-P-001" in reason and "XC-E-009" in reason and "写社区编号" in reason
    assert batch.rows.get(outcome="changed").base["project"] == other.pk
    assert not_in_english(batch) == []


def test_projects_whose_names_look_alike_need_the_number(scene: Scene) -> None:
    one, two = built(scene, "给水 一期"), built(scene, "给水一期 ")
    heads = ["项目编号", "社区", "项目", "问题"]
    batch = sent(
        scene.entry,
        heads,
        [None, "金桥社区", "给 水一期", "征地"],
        [None, "金桥社区", one.name, "征地"],
        [two.pk, "", "", "征地"],
    )
    reason = problems_of(batch)[2]["project"]
    assert str(one.pk) in reason and str(two.pk) in reason and "写项目编号" in reason
    assert (batch.changed, batch.rejected) == (2, 1), problems_of(batch)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (["", "", "卫生室A"], "community_code", "没有写社区"),
        (["XC-P-099", "", "卫生室A"], "community_code", "“XC-P-099”不是这个单位的社区"),
        (["DW-P-001", "", "卫生室"], "community_code", "“DW-P-001”不是这个单位的社区"),
        (["", "金乔社区", "卫生室A"], "community", "没有叫“金乔社区”的社区。社区名称要和登记的一样"),
        (["", "楚王社区", "卫生室"], "community", "没有叫“楚王社区”的社区"),
        (["", "金桥社区", ""], "project", "没有写项目"),
        (["", "金桥社区", "诊所"], "project", "没有叫“诊所”的项目，要报的有：卫生室A。"),
        (["", "文昌社区", "诊所"], "project", "文昌社区这个月没有要报的项目，找不到“诊所”"),
        (["XC-P-001", "文昌社区", "卫生室A"], "community", "对不上"),
    ],
)
def test_what_is_not_found_is_named_with_the_way_out(
    scene: Scene, units: Units, cells: list[str], column: str, words: str
) -> None:
    foreign = factories.make_community(units["DW"], code="DW-P-001", name="楚王社区")
    factories.make_project(foreign, "clinic", name="卫生室")
    factories.make_community(units["XC"], code="XC-P-002", name="文昌社区")
    batch = sent(scene.entry, ["社区编号", "社区", "项目", "问题"], [*cells, "征地"])
    assert words in problems_of(batch)[2][column]
    assert not_in_english(batch) == []


@pytest.mark.parametrize(
    ("head", "given", "column"),
    [("项目", "诊所", "project"), ("社区", "文昌社区", "community"), ("社区编号", "XC-P-002", "community_code")],
)
def test_the_number_and_the_names_must_agree(scene: Scene, head: str, given: str, column: str) -> None:
    batch = sent(scene.entry, ["项目编号", head, "问题"], [scene.project.pk, given, "征地"])
    reason = problems_of(batch)[2][column]
    assert "卫生室A" in reason and given in reason and "对不上" in reason
    assert not_in_english(batch) == []


def test_one_project_stands_in_one_row_however_it_is_named(scene: Scene) -> None:
    heads = ["项目编号", "社区", "项目", "问题"]
    named, numbered = [None, "金桥社区", "卫生室A", "征地"], [scene.project.pk, None, None, "资金"]
    batch = sent(scene.entry, heads, named, numbered, [None, "金桥社区", "卫生室 A", "用电"])
    assert (batch.changed, batch.rejected) == (1, 2)
    assert "和第 2 行是同一个项目" in problems_of(batch)[3][""] and not_in_english(batch) == []


ROW = ["金桥社区", "卫生室A"]
OWN: list[list[Any]] = [
    ["孝昌县新社区建设月调度表"],
    ["序", "哪个小区", "工程", "干到百分之几", "当月花了", "备考"],
    [1, "金桥社区", "卫生室A", 15, 3, ""],
    [2, "金桥社区", "给水", 10, 0, ""],
    ["合计", None, None, None, 3, None],
]


def test_a_county_s_own_sheet_is_mapped_once_and_remembered(scene: Scene, as_user: Any) -> None:
    built(scene, "给水", invested=Decimal(0))
    batch = upload(scene.entry, workbook(OWN))
    assert batch.state == "mapping"
    address, client = reverse("exchange:columns", args=[batch.pk]), as_user(scene.entry)
    page = client.post(address, {"community": "2", "percent": "4"})
    assert "选“项目编号”，或“社区编号”和“项目”，或“社区”和“项目”在哪一列" in page.content.decode()
    with pytest.raises(RuleViolation, match="看得出每一行是哪一条"):
        actions.say_columns(batch, actor=scene.entry, columns={"community": 2, "percent": 4}, head=2)
    columns = {"community": "2", "project": "3", "percent": "4", "invested": "5"}
    assert client.post(address, columns).status_code == 302
    batch = apply(worked(batch), scene.entry)
    assert (batch.state, batch.changed, batch.unchanged, batch.layout["skipped"]) == ("applied", 1, 1, [5])
    assert ColumnMap.objects.get().columns == {code: int(place) for code, place in columns.items()}
    again = upload(scene.entry, workbook(OWN))
    assert (again.state, again.layout["by"], again.changed, again.unchanged) == ("ready", "memory", 0, 2)


def test_heads_that_name_no_row_are_asked_about(scene: Scene) -> None:
    for heads in (["社区", "形象进度", "阶段"], ["项目", "形象进度", "阶段"], ["形象进度", "阶段"]):
        assert sent(scene.entry, heads, ["金桥社区", 15, "动工"]).state == "mapping"
    assert sent(scene.entry, ["社区编号", "项目", "问题"], ["XC-P-001", "卫生室A", "征地"]).changed == 1


def exported(client: Any, **asked: str) -> Any:
    """The page's Excel, and the row of its heads."""
    answer = client.get(PAGE, {"export": "xlsx", **asked})
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return sheet, next(line[0].row for line in sheet.iter_rows() if len([c for c in line if c.value]) > 5)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_s_excel_comes_back_with_the_one_change(scene: Scene, as_user: Any, language: str) -> None:
    for number in range(4):
        built(scene, f"工程{number}", percent=20 + number, problem="征地\n没有完" if number else "")
    filed = built(scene, "已报的", text="照常")
    scene.filed(project=filed, percent=12)
    save_draft(scene.project, scene.month, {"help_wanted": "请协调\r\n  电力"}, actor=scene.entry)
    client = as_user(scene.entry)
    client.cookies["django_language"] = language
    sheet, heads = exported(client)
    untouched = upload(scene.entry, saved(sheet.parent))
    assert (untouched.unchanged, untouched.rows_in) == (6, 6), problems_of(untouched)
    name, percent, invested = 3, 7, 8
    at = next(row for row in range(heads + 1, heads + 7) if sheet.cell(row, name).value == "工程2")
    sheet.cell(at, percent).value, sheet.cell(at, invested).value = 24, "12.50"
    batch = apply(upload(scene.entry, saved(sheet.parent)), scene.entry)
    assert (batch.changed, batch.unchanged, batch.rejected) == (1, 5, 0)
    drafts = ProgressReport.objects.of_month(scene.month).exclude(project__in=[filed, scene.project])
    (kept,) = drafts
    assert (kept.project.name, kept.percent, kept.problem) == ("工程2", 24, "征地\n没有完")
    assert december(scene).help_wanted == "请协调\r\n  电力"


def test_what_waits_for_review_may_be_said_again_but_not_changed(scene: Scene, as_user: Any) -> None:
    scene.filed(percent=12)
    heads = ["项目编号", "形象进度"]
    assert sent(scene.entry, heads, [scene.project.pk, 12]).unchanged == 1
    assert "待审核" in problems_of(sent(scene.entry, heads, [scene.project.pk, 13]))[2][""]


def test_a_community_that_moved_is_imported_where_its_page_shows_it(scene: Scene, units: Units) -> None:
    """It moved after December's end; December is still open, and the new unit reports it."""
    clerk, office = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]), scene.office
    since = dt.date(2014, 1, 10)
    move_placement(scene.project.community, unit=units["DW"], valid_from=since, reason="区划调整", actor=office)
    shown = {str(row.project.pk) for row in sheet_rows(clerk, scene.month)}
    assert {row["number"] for row in TARGET.known("DW", "2013-12", clerk)} == shown == {str(scene.project.pk)}
    for place, person in (("XC", scene.entry), ("XC", office)):
        assert list(TARGET.known(place, "2013-12", person)) == []
    batch = upload(clerk, workbook([["社区", "项目", "问题"], ["金桥社区", "卫生室A", "征地"]]), "DW")
    assert batch.rejected == 0, problems_of(batch)
    assert apply(batch, clerk).state == "applied"
    assert december(scene).problem == "征地"


def test_money_in_another_unit_is_converted_and_the_page_says_so(scene: Scene, as_user: Any) -> None:
    heads = ["社区", "项目", "本月完成投资（元）", "累计到位：市级【亿元】", "累计支付：市级", "问题"]
    batch = sent(
        scene.entry, ["月报", None, None, None, None, "单位：千元"], heads, [*ROW, 32_000, "0.1200", 12_000, ""]
    )
    assert batch.layout["units"] == {"invested": "元", "arrived_city": "亿元", "paid_city": "千元"}
    page = as_user(scene.entry).get(batch.get_absolute_url()).content.decode()
    assert "按表头里的单位换算：“本月完成投资”从元换算成万元，“累计到位：市级”从亿元换算成万元" in page
    apply(batch, scene.entry)
    kept = december(scene)
    assert (kept.invested, kept.arrived_city, kept.paid_city) == (Decimal("3.2"), Decimal(1200), Decimal(1200))
    again = sent(scene.entry, ["社区", "项目", "本月完成投资（万元）"], [*ROW, "3.2"])
    assert (again.unchanged, again.layout["units"]) == (1, {})


@pytest.mark.parametrize(
    ("head", "value", "words"),
    [
        ("本月完成投资（元）", 32_010, "“32010”合 3.201 万元，小数超过 2 位"),
        ("本月完成投资(元)", "1234.5元", "“1234.5元”合 0.12345 万元"),
        ("本月完成投资（%）", 45, "表头的单位是%，这一列以万元计"),
        ("本月完成投资（元）", 10**12, "太大"),
        ("形象进度（万元）", 45, "表头的单位是万元，这一列以%计"),
    ],
)
def test_what_cannot_be_converted_is_refused_in_its_cell(
    scene: Scene, as_user: Any, head: str, value: Any, words: str
) -> None:
    batch = sent(scene.entry, ["社区", "项目", head], [*ROW, value])
    [(column, reason)] = problems_of(batch)[2].items()
    assert column in ("invested", "percent") and words in reason
    assert not_in_english(batch) == []
    page = as_user(scene.entry).get(batch.get_absolute_url()).content.decode()
    said = ("从元换算成万元" in page, "从%换算" in page, "换算成%" in page)
    assert said == (head[-2:-1] == "元" and column == "invested", False, False)


def test_a_column_that_a_person_chose_is_converted_too_and_so_is_the_next_one(scene: Scene) -> None:
    heads = [["哪个小区", "工程", "投入", None], [None, None, "花了（元）", "备考"]]
    own: list[list[Any]] = [["某县台账"], *heads, [*ROW, 32_000]]
    batch = upload(scene.entry, workbook(own))
    columns = {"community": 1, "project": 2, "invested": 3}
    actions.say_columns(batch, actor=scene.entry, columns=columns, head=2, depth=2)
    assert worked(batch).rows.get().values["invested"] == "3.20"
    own[1][2], own[2][2] = "投入（亿元）", "花了"
    assert upload(scene.entry, workbook(own)).layout["units"] == {"invested": "亿元"}, "the group's head speaks for it"
