"""The page of a unit's month: filled in already, grouped, checked in place, handed in with or without a script."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities.models import ReportingMonth, ReportingUnit
from facilities import report_actions as actions
from facilities.models import ProgressReport, Project, StageDefinition
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.batch_scene import PAGE, SignIn, batch_scene, december, line_of, row, send, text
from tests.facilities.report_scene import DAY, Scene


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit with a report of the month before."""
    return batch_scene(units)


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's entry."""
    return as_user(scene.entry)


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
    ReportingMonth.objects.filter(pk=scene.month.pk).update(due_on=dt.date(2014, 1, 6), due_reason="测试")
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


def test_the_counting_rules_stand_on_the_page(page: Client) -> None:
    told = {"definition": "基坑开挖", "evidence": "施工许可证", "needs_photo": True}
    StageDefinition.objects.update_or_create(stage=Stage.STARTED, defaults=told)
    shown = text(page.get(PAGE))
    for name in ("percent", "invested", "arrived_county"):
        field: Any = ProgressReport._meta.get_field(name)
        assert str(field.help_text) in shown
    assert "基坑开挖 依据：施工许可证" in shown
