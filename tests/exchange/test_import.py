"""From upload to undo: what a clerk sees of a good file, a changed one, the same one again."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest

from communities.models import Community, Placement
from core.errors import RuleViolation, WrongState
from core.history import events_of
from exchange import actions
from exchange.models import Batch
from tests import factories
from tests.exchange.conftest import apply, problems_of, saved, stored_files, table, undo, upload, workbook

pytestmark = pytest.mark.django_db

NEW = {"名称": "新华社区", "类型": "城市", "口径": "规划新社区", "起始日期": "2013-05-08", "户数": "1,200户"}


def test_new_changed_and_unchanged_rows_are_told_apart(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    place("XC-P-002", "文昌社区", households=500)
    content = table(
        {"编号": "XC-P-001", "名称": "金桥社区", "户数": 420},
        {"编号": "XC-P-002", "名称": "文昌社区", "户数": 500},
        NEW,
    )
    batch = upload(clerk, content)
    assert (batch.state, batch.new, batch.changed, batch.unchanged, batch.rejected) == ("ready", 1, 1, 1, 0)
    changed = batch.rows.get(outcome="changed")
    assert changed.changes == [{"column": "households", "before": "400", "after": "420"}]
    assert Community.objects.get(code="XC-P-001").households == 400, "nothing is written before it is confirmed"


def test_good_rows_are_taken_over_and_bad_ones_left(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": "四百"}, NEW))
    assert "户数" not in batch.trouble
    assert problems_of(batch) == {2: {"households": "“四百”不是数字。只填数字，不写文字。"}}
    batch = apply(batch, clerk)
    assert (batch.state, batch.decided_by) == ("applied", clerk)
    made = Community.objects.get(name="新华社区")
    assert (made.households, made.code) == (1200, "XC-P-002")
    assert Placement.objects.get(community=made).valid_from == dt.date(2013, 5, 8)
    assert Community.objects.get(code="XC-P-001").households == 400


def test_everything_that_is_wrong_in_a_row_is_told_at_once(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    wrong = {"编号": "XC-P-001", "名称": "金桥社区", "户数": "四百", "乡镇街道": "没有的镇", "经度": "东经"}
    problems = problems_of(upload(clerk, table(wrong, {**NEW, "户数": "四百", "类型": ""})))
    assert set(problems[2]) == {"households", "division", "longitude"}
    assert "不是数字" in problems[2]["longitude"], "of one cell the first reason"
    assert set(problems[3]) == {"households", "type"}


def test_history_says_who_and_as_what(clerk: Any, place: Any) -> None:
    known = place("XC-P-001", "金桥社区", households=400)
    batch = apply(upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420})), clerk)
    context = events_of(known).order_by("-pgh_id")[0].pgh_context
    assert (context["user"], context["batch"]) == (clerk.pk, batch.pk)
    assert context["roles"] == [["county_entry", "孝昌"]]


def test_the_same_file_again_changes_nothing_and_says_so(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    content = table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}, NEW)
    apply(upload(clerk, content), clerk)
    before = list(Community.objects.order_by("pk").values())
    again = upload(clerk, content)
    assert (again.new, again.changed, again.unchanged, again.rejected) == (0, 0, 2, 0)
    with pytest.raises(RuleViolation, match="没有要导入的行"):
        actions.apply_batch(again, actor=clerk)
    assert list(Community.objects.order_by("pk").values()) == before
    page = as_user(clerk).get(again.get_absolute_url()).content.decode()
    assert "同一个文件" in page and "导入过" in page


def test_an_import_is_taken_back_whole(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400, longitude="113.956200", latitude="31.251400")
    content = table({"编号": "XC-P-001", "名称": "金桥新社区", "户数": 420, "经度": 113.9, "纬度": 31.2}, NEW)
    batch = undo(apply(upload(clerk, content), clerk), clerk)
    assert (batch.state, batch.trouble) == ("undone", "")
    stored = Community.objects.get()
    assert (stored.name, stored.households, str(stored.longitude)) == ("金桥社区", 400, "113.956200")
    with pytest.raises(WrongState):
        actions.undo_batch(batch, actor=clerk)


@pytest.mark.parametrize("newer", ["edit", "record"])
def test_an_import_stays_where_something_newer_stands_on_it(clerk: Any, place: Any, newer: str) -> None:
    place("XC-P-001", "金桥社区", households=400)
    content = table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}, NEW)
    batch = apply(upload(clerk, content), clerk)
    made = Community.objects.get(name="新华社区")
    if newer == "edit":
        Community.objects.filter(pk=made.pk).update(version=2, households=1)
    else:
        factories.make_project(made)
    batch = undo(batch, clerk)
    assert batch.state == "applied"
    assert "没有撤回，一行也没有动。第 3 行：" in batch.trouble
    assert Community.objects.get(code="XC-P-001").households == 420, "all or nothing"


def test_what_somebody_changed_in_between_is_shown_again_and_nothing_is_written(clerk: Any, place: Any) -> None:
    known = place("XC-P-001", "金桥社区", households=400)
    batch = upload(clerk, table(NEW, {"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}))
    Community.objects.filter(pk=known.pk).update(version=2, households=410)
    batch = apply(batch, clerk)
    assert batch.state == "ready"
    assert "没有导入，一行也没有写。第 3 行：" in batch.trouble
    assert not Community.objects.filter(name="新华社区").exists()
    assert batch.rows.get(outcome="changed").changes[0]["before"] == "410"
    assert apply(batch, clerk).state == "applied"


def test_given_up_is_given_up(clerk: Any) -> None:
    batch = actions.discard_batch(upload(clerk, table(NEW)), actor=clerk)
    assert batch.state == "discarded"
    with pytest.raises(WrongState):
        actions.apply_batch(batch, actor=clerk)
    assert not Community.objects.exists()


def test_what_is_refused_leaves_no_file(clerk: Any) -> None:
    with pytest.raises(RuleViolation):
        upload(clerk, b"<html><table></table></html>")
    assert (stored_files(), Batch.objects.count()) == ([], 0)


def test_where_a_community_counts_is_not_changed_by_a_sheet(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区")
    batch = upload(clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "类型": "农村"}))
    assert "调整归属" in problems_of(batch)[2]["type"]


def test_a_template_of_another_unit_is_refused(clerk: Any, unit: Any) -> None:
    content = workbook([["名称"], ["甲"]])
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.create_sheet("说明")["A3"] = "模板编号：communities/1/DW/"
    batch = upload(clerk, saved(book))
    assert batch.state == "refused"
    assert "这是 DW 的模板" in batch.trouble


def test_two_rows_about_one_community_are_not_both_taken(clerk: Any, place: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    batch = upload(
        clerk, table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420}, {"名称": "金桥社区", "户数": 430})
    )
    assert (batch.changed, batch.rejected) == (1, 1)
    assert problems_of(batch) == {3: {"": "这一行和第 2 行是同一个社区（“金桥社区”）。只留一行。"}}
    apply(batch, clerk)
    assert Community.objects.get(code="XC-P-001").households == 420
