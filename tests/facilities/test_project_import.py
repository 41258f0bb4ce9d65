"""The register of projects by Excel: template, new and changed projects, what is wrong in which cell, taking back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import override_settings

from accounts.models import User
from communities.models import Community
from communities.roles import Role
from core.errors import NotAllowed, WrongState
from core.history import events_of
from exchange import actions as exchange_actions
from exchange.models import Batch
from exchange.registry import get
from facilities import actions
from facilities.models import InfrastructureType, PlannedStage, Project
from jobs import broker
from tests import factories
from tests.exchange.conftest import apply, not_in_english, problems_of, saved, undo, worked

TARGET = get("projects")
HEADS = {column.code: str(column.label) for column in TARGET.columns}


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of a test's own, and no wake-up calls."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    with override_settings(MEDIA_ROOT=str(tmp_path_factory.mktemp("media"))):
        yield


@pytest.fixture
def clerk(units: dict[str, Any]) -> User:
    """The entry of 孝昌."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def community(units: dict[str, Any]) -> Community:
    """A community of 孝昌."""
    return factories.make_community(units["XC"], code="XC-P-001", name="金桥社区")


def upload(clerk: User, *lines: Mapping[str, Any]) -> Batch:
    """A sheet with the heads that the lines name, read."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append([HEADS[name] for name in names])
    for line in lines:
        page.append([line.get(name) for name in names])
    content = saved(book)
    batch = exchange_actions.upload(
        actor=clerk,
        target="projects",
        place="XC",
        scope="",
        file=io.BytesIO(content),
        name="项目.xlsx",
        size=len(content),
    )
    return worked(batch)


NEW = {
    "community_code": "XC-P-001",
    "kind": "居民还建房",
    "name": "还建房一期",
    "is_platform": "否",
    "housing_planned": "480套",
    "planned_start": "2013年5月",
    "planned_finish": "2014-12-31",
    "fund_city": "1,200.50",
}


def counts(batch: Batch) -> tuple[int, int, int, int]:
    return batch.new, batch.changed, batch.unchanged, batch.rejected


def test_a_new_project_is_registered_with_its_first_plan(clerk: User, community: Community) -> None:
    row = {**NEW, "planned_start": "2013-05-06"}
    batch = apply(upload(clerk, row), clerk)
    made = Project.objects.get()
    assert (made.community, made.kind, made.name) == (community, "resettlement", "还建房一期")
    assert (made.housing_planned, made.fund_city, made.fund_county) == (480, Decimal("1200.50"), None)
    assert [str(plan.planned_on) for plan in made.plans.order_by("stage")] == ["2013-05-06", "2014-12-31"]
    assert batch.state == "applied"
    assert counts(upload(clerk, row)) == (0, 0, 1, 0), "the same file again changes nothing"


def test_an_empty_trait_of_a_new_project_follows_from_what_it_is(clerk: User, community: Community) -> None:
    """The preview shows it, and the same sheet again leaves it; a row with a number says what stands in it."""
    InfrastructureType.objects.create(code="water", name="给水", underground=True)
    common = {"community_code": "XC-P-001", "infrastructure": None, "position": None, "is_platform": None}
    pipes = {**common, "kind": "基础设施", "name": "管网", "infrastructure": "给水"}
    centre = {**common, "kind": "社区综合服务中心", "name": "中心", "position": "地上"}
    other = {**common, "kind": "社区综合服务中心", "name": "中心", "is_platform": "否"}
    batch = upload(clerk, pipes, centre)
    told = [{change["column"]: change["after"] for change in row.changes} for row in batch.rows.order_by("number")]
    assert [(row.get("position"), row["is_platform"]) for row in told] == [("地下", "否"), ("地上", "是")]
    apply(batch, clerk)
    assert counts(upload(clerk, pipes, centre)) == (0, 0, 2, 0)
    stands = dict(Project.objects.values_list("name", "pk"))
    found = {row.name: (row.position, row.is_platform) for row in Project.objects.all()}
    assert found == {"管网": ("underground", False), "中心": ("above", True)}
    apply(upload(clerk, other), clerk)
    apply(upload(clerk, {**pipes, "number": str(stands["管网"])}), clerk)
    found = {row.name: (row.position, row.is_platform) for row in Project.objects.all()}
    assert found == {"管网": ("", False), "中心": ("above", False)}


def test_the_template_is_filled_and_says_nothing_new(clerk: User, community: Community) -> None:
    water = InfrastructureType.objects.create(code="water", name="给水")
    pipes = factories.make_project(community, "infrastructure", infrastructure=water, position="underground")
    factories.make_project(community, "clinic", is_platform=True, fund_city=Decimal("80"))
    known = list(TARGET.known("XC", "", clerk))
    assert {row["number"] for row in known} == {str(key) for key in Project.objects.values_list("pk", flat=True)}
    [row] = [row for row in known if row["number"] == str(pipes.pk)]
    assert (row["infrastructure"], row["community_code"]) == (water.code, "XC-P-001")
    lines = [_as_shown(row) for row in known]
    assert counts(upload(clerk, *lines)) == (0, 0, 2, 0)


def _as_shown(row: Mapping[str, Any]) -> dict[str, Any]:
    choices = TARGET.choices()
    return {column.code: column.shown(row.get(column.code), choices.get(column.code, ())) for column in TARGET.columns}


def test_changed_values_are_told_and_written(clerk: User, community: Community) -> None:
    known = factories.make_project(community, "clinic", name="卫生室", fund_city=Decimal("80"))
    batch = upload(clerk, {"number": str(known.pk), "fund_city": "95.5", "is_platform": "是"})
    assert batch.rows.get().changes == [
        {"column": "is_platform", "before": "否", "after": "是"},
        {"column": "fund_city", "before": "80.00", "after": "95.50"},
    ]
    apply(batch, clerk)
    known.refresh_from_db()
    assert (known.fund_city, known.is_platform, known.name) == (Decimal("95.50"), True, "卫生室")


def test_a_row_without_a_number_is_known_by_community_and_name(clerk: User, community: Community) -> None:
    known = factories.make_project(community, "clinic", name="卫生室")
    batch = apply(upload(clerk, {"community": "金桥社区", "name": "卫生室", "major_number": 7}), clerk)
    known.refresh_from_db()
    assert (batch.changed, known.major_number) == (1, 7)


@pytest.mark.parametrize(
    ("values", "column", "sentence"),
    [
        ({"community_code": "XC-P-099"}, "community_code", "不是这个单位的社区"),
        ({"community_code": "DW-P-001"}, "community_code", "不是这个单位的社区"),
        ({"community_code": "", "community": "没有的社区"}, "community", "没有叫“没有的社区”的社区"),
        ({"community_code": ""}, "community_code", "写社区编号"),
        ({"kind": ""}, "kind", "必须填"),
        ({"name": ""}, "name", "必须填"),
        ({"kind": "卫生院"}, "kind", "卫生院"),
        ({"kind": "医疗卫生室"}, "housing_planned", "只有住房项目"),
        ({"infrastructure": "给水"}, "infrastructure", "只有基础设施项目"),
        ({"kind": "社区综合服务中心", "housing_planned": ""}, "kind", "已经有综合服务中心项目"),
        ({"major_number": 9}, "major_number", "9 号已经是另一个项目的"),
        ({"major_number": 101}, "major_number", "100"),
        ({"planned_start": "2015-01-01"}, "planned_finish", "不能早于计划开工"),
        ({"planned_start": "1890-01-01"}, "planned_start", ""),
        ({"fund_city": -3}, "fund_city", ""),
        ({"number": "999999"}, "number", "没有编号为 999999 的项目"),
    ],
)
def test_what_cannot_be_is_named_in_its_cell(
    clerk: User, community: Community, units: dict[str, Any], values: dict[str, Any], column: str, sentence: str
) -> None:
    factories.make_community(units["DW"], code="DW-P-001", name="楚王社区")
    InfrastructureType.objects.create(code="water", name="给水")
    centre = factories.make_project(community, "service_centre", name="服务中心", major_number=9)
    batch = upload(clerk, {**NEW, "planned_start": "2013-05-06", **values})
    assert counts(batch)[3] == 1 and column in problems_of(batch)[2], problems_of(batch)
    assert sentence in problems_of(batch)[2][column]
    assert not_in_english(batch) == []
    assert list(Project.objects.all()) == [centre]


def test_two_rows_of_a_sheet_cannot_be_the_same(clerk: User, community: Community) -> None:
    row = {**NEW, "planned_start": "2013-05-06", "major_number": 3}
    batch = upload(clerk, row, row, {**row, "name": "还建房二期"})
    assert counts(batch) == (1, 0, 0, 2)
    assert set(problems_of(batch)[3]) == {"name", "major_number"} and set(problems_of(batch)[4]) == {"major_number"}


def test_a_name_that_another_project_has_is_refused(clerk: User, community: Community) -> None:
    one, two = (factories.make_project(community, "clinic", name=name) for name in ("卫生室", "诊所"))
    batch = upload(clerk, {"number": str(two.pk), "name": one.name}, {"number": str(one.pk), "name": one.name})
    assert (counts(batch), set(problems_of(batch))) == ((0, 0, 1, 1), {2})
    assert "同名" in problems_of(batch)[2]["name"]


def test_a_known_project_keeps_its_community_and_its_plan(
    clerk: User, community: Community, units: dict[str, Any]
) -> None:
    factories.make_community(units["XC"], code="XC-P-002", name="文昌社区")
    known = factories.make_project(community, "clinic", planned_start=factories.LONG_AGO)
    moved = {"number": str(known.pk), "community_code": "XC-P-002", "planned_start": "2013-05-06"}
    found = problems_of(upload(clerk, {**moved, "planned_finish": "2014-05-06"}))[2]
    assert "不能换社区" in found["community_code"]
    assert "原计划是 2012-01-01。改计划要写原因" in found["planned_start"]
    assert "planned_finish" not in found, "it never had one"
    found = problems_of(upload(clerk, {"number": str(known.pk), "community": "文昌社区"}))[2]
    assert "不能换社区" in found["community"]
    assert not_in_english(Batch.objects.latest("pk")) == []


def test_another_units_project_is_not_there(clerk: User, units: dict[str, Any]) -> None:
    foreign = factories.make_project(factories.make_community(units["DW"]), "clinic")
    batch = upload(clerk, {"number": str(foreign.pk), "fund_city": 1})
    assert "没有编号为" in problems_of(batch)[2]["number"]


def test_an_import_is_taken_back_with_the_plans_it_brought(clerk: User, community: Community) -> None:
    known = factories.make_project(community, "clinic", fund_city=Decimal("80"))
    rows = {**NEW, "planned_start": "2013-05-06"}, {"number": str(known.pk), "fund_city": "95.5", "name": known.name}
    batch = apply(upload(clerk, {**rows[0], "number": ""}, {**_as_shown(_known(known, clerk)), **rows[1]}), clerk)
    made = Project.objects.exclude(pk=known.pk).get()
    batch = undo(batch, clerk)
    known.refresh_from_db()
    assert (batch.state, known.fund_city) == ("undone", Decimal("80"))
    assert list(Project.objects.all()) == [known]
    assert not PlannedStage.objects.filter(project_id=made.pk).exists()
    assert [event.pgh_label for event in events_of(made)] == ["insert", "delete"], "history keeps that it was there"


def _known(project: Project, clerk: User) -> Mapping[str, Any]:
    return next(row for row in TARGET.known("XC", "", clerk) if row["number"] == str(project.pk))


def test_what_something_stands_on_is_not_taken_back(clerk: User, community: Community) -> None:
    batch = apply(upload(clerk, {**NEW, "planned_start": "2013-05-06"}), clerk)
    made = Project.objects.get()
    factories.make_report(made, factories.make_month(), entry=clerk, percent=1, state="draft")
    batch = undo(batch, clerk)
    assert batch.state == "applied" and Project.objects.filter(pk=made.pk).exists()


def test_a_mistaken_registration_is_taken_back_on_its_page(clerk: User, community: Community, as_user: Any) -> None:
    project = actions.create_project(
        community=community, kind="clinic", name="错的", actor=clerk, planned_start=factories.LONG_AGO
    )
    client = as_user(clerk)
    assert "收回登记" in client.get(project.get_absolute_url()).content.decode()
    page = f"{project.get_absolute_url()}withdraw/"
    assert client.post(page, {"version": 1}).status_code == 302
    assert not Project.objects.exists()
    assert client.get(page).status_code == 404


def test_of_two_who_take_a_registration_back_the_second_is_told(clerk: User, community: Community) -> None:
    project = factories.make_project(community, "clinic")
    again = Project.objects.get(pk=project.pk)
    actions.withdraw_project(project, expected_version=project.version, actor=clerk)
    with pytest.raises(WrongState, match="已经收回"):
        actions.withdraw_project(again, expected_version=again.version, actor=clerk)


def test_what_holds_a_registration_in_place(clerk: User, community: Community, as_user: Any) -> None:
    project = factories.make_project(community, "clinic")
    with pytest.raises(WrongState, match="又有改动"):
        actions.withdraw_project(project, expected_version=project.version + 1, actor=clerk)
    stranger = factories.make_user(Role.LEADER)
    with pytest.raises(NotAllowed):
        actions.withdraw_project(project, expected_version=project.version, actor=stranger)
    PlannedStage.objects.create(project=project, stage=5, planned_on=factories.LONG_AGO, recorded_by=clerk)
    with pytest.raises(WrongState, match="已经有计划"):
        actions.withdraw_project(project, expected_version=project.version, actor=clerk)
    assert "收回登记" not in as_user(clerk).get(project.get_absolute_url()).content.decode()


def test_of_two_same_rows_far_apart_the_second_is_refused(clerk: User, community: Community) -> None:
    """More than a progress step lies between them: the sheet is judged as a whole."""
    lines = [{**NEW, "planned_start": "2013-05-06", "name": f"还建房{number}"} for number in range(520)]
    batch = upload(clerk, *lines, lines[0])
    assert counts(batch) == (520, 0, 0, 1)
    assert set(problems_of(batch)) == {522}
