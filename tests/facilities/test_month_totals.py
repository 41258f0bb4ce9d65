"""Sums in a month's sheet: they are computed, so one that does not follow from what is entered is named, not lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange.preview import in_a_line, lost, unread
from facilities.report_actions import save_draft, submit_report
from tests.exchange.conftest import apply, not_in_english, problems_of, saved
from tests.facilities.batch_scene import december
from tests.facilities.report_scene import Scene
from tests.facilities.test_month_own_sheet import ROW, alone, exported, scene, sent, upload

__all__ = ["alone", "scene"]
HEADS = ["社区", "项目", "本月完成投资", "累计完成投资", "累计到位", "累计支付", "累计到位：市级"]


@pytest.fixture
def known(scene: Scene) -> Scene:
    """480 万元 invested before December; of its money 1300 of the city and 200 of the county arrived, 120 were paid."""
    scene.project.invested_before = Decimal(480) - (scene.project.reports.get().invested or 0)
    scene.project.save()
    money: dict[str, Any] = {"arrived_city": Decimal(1300), "arrived_county": Decimal(200), "paid_city": Decimal(120)}
    save_draft(
        scene.project, scene.month, {**money, "invested": Decimal(20), "explanation": "已核对"}, actor=scene.entry
    )
    return scene


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (
            [20, 510, 1500, 120, 1300],
            "invested_total",
            "是 500.00 万元，这里写的是 510.00 万元。要改，就改“本月完成投资”",
        ),
        ([30, 520, 1500, 120, 1300], "invested_total", "现在是 510.00 万元，这里写的是 520.00 万元"),
        (
            [20, 500, 1501, 120, 1300],
            "arrived_total",
            "是 1,500.00 万元，这里写的是 1,501.00 万元。要改",
        ),
        ([20, 500, 1500, 130, 1300], "paid_total", "“累计支付”由各来源加起来，现在是 120.00 万元"),
        ([20, 500, 1500, 120, 1310], "arrived_total", "现在是 1,510.00 万元，这里写的是 1,500.00 万元"),
    ],
)
def test_a_changed_sum_is_refused_in_its_cell(known: Scene, cells: list[Any], column: str, words: str) -> None:
    batch = sent(known.entry, HEADS, [*ROW, *cells])
    [(wrong, reason)] = problems_of(batch)[2].items()
    assert wrong == column and words in reason and "不改，就清空这一格" in reason


@pytest.mark.parametrize(
    "cells",
    [
        [20, 500, 1500, 120, 1300],
        [30, 510, 1500, 120, 1300],
        # As the page's Excel is edited: the sums beside stay as they were.
        [30, 500, 1500, 120, 1300],
        [20, "不清楚", None, "", 1300],
        [20, "500.00万元", "１５００", "120", 1300],
        [20, 500, 1510, 120, 1310],
    ],
)
def test_a_sum_that_follows_or_is_left_is_taken(known: Scene, cells: list[Any]) -> None:
    batch = sent(known.entry, HEADS, [*ROW, *cells])
    assert batch.rejected == 0, problems_of(batch)
    assert lost(batch) == "" and unread(batch) == []


def test_no_money_at_all_is_no_wrong_sum(scene: Scene) -> None:
    assert sent(scene.entry, ["社区", "项目", "累计支付"], [*ROW, 0]).unchanged == 1
    batch = sent(scene.entry, ["社区", "项目", "累计支付"], [*ROW, 5])
    assert "现在是 0.00 万元" in problems_of(batch)[2]["paid_total"]


def test_what_waits_for_review_keeps_its_sums(known: Scene) -> None:
    submit_report(known.project, known.month, {}, actor=known.entry, expected_version=december(known).version)
    heads = ["社区", "项目", "累计支付"]
    assert sent(known.entry, heads, [*ROW, 120]).unchanged == 1
    assert "待审核" in problems_of(sent(known.entry, heads, [*ROW, 130]))[2][""]


def test_a_sum_of_the_page_s_excel_is_looked_at(known: Scene, as_user: Any) -> None:
    sheet, heads = exported(as_user(known.entry))
    place = {str(cell.value).split("（")[0]: cell.column for cell in sheet[heads]}
    sheet.cell(heads + 1, place["累计到位"]).value = 900
    batch = upload(known.entry, saved(sheet.parent))
    assert set(problems_of(batch)[heads + 1]) == {"arrived_total"}
    assert (in_a_line(unread(batch)), lost(batch)) == ("D 单位、E 状态", ""), "what the page only shows"
    sheet.cell(heads + 1, place["累计到位"]).value = 1500
    sheet.cell(heads + 1, place["本月完成投资"]).value = 25
    for changed in (1, 0):
        batch = upload(known.entry, saved(sheet.parent))
        assert (batch.changed, batch.rejected) == (changed, 0), problems_of(batch)
        if changed:
            apply(batch, known.entry)
    assert december(known).invested == Decimal(25)


def test_a_percentage_under_a_head_that_is_not_known_is_not_lost_without_a_word(scene: Scene, as_user: Any) -> None:
    batch = sent(scene.entry, ["社区", "项目", "本月完成投资", "进度"], [*ROW, 0, 25])
    page = as_user(scene.entry).get(batch.get_absolute_url()).content.decode()
    assert batch.state == "ready" and "有 1 列没有读，里面写的不会导入：D 进度。" in page
    assert not_in_english(batch) == []
