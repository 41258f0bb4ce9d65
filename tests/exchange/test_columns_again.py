"""Columns of a sheet that are not read are named; whoever looks at the preview may say anew which column means what."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from exchange import actions, preview
from exchange.models import Batch, ColumnMap
from tests import factories
from tests.exchange.conftest import apply, saved, upload, work_off, workbook, worked

pytestmark = pytest.mark.django_db
HEADS = ["序号", "编号", "名称", "户数", "多少家", None, "备考"]
SHEET: list[list[Any]] = [
    HEADS,
    [1, "XC-P-001", "金桥社区", 400, 420, "另有 3 户", None],
    ["合计", None, None, 400, 420, None, "x"],
]


@pytest.fixture
def batch(clerk: Any, place: Any) -> Batch:
    """Read by its heads; two of its columns hold what is lost."""
    place("XC-P-001", "金桥社区", households=400, residents=1300)
    return upload(clerk, workbook(SHEET))


def columns_of(batch: Batch) -> str:
    return f"{reverse('exchange:columns', args=[batch.pk])}?seen={batch.reading}"


def test_each_column_that_is_not_read_is_named(batch: Batch, clerk: Any, as_user: Any) -> None:
    found = [(each.letter, each.head, each.filled, each.is_lost) for each in preview.unread(batch)]
    assert found == [
        ("A", "序号", 1, False),
        ("E", "多少家", 1, True),
        ("F", "", 1, True),
        ("G", "备考", 0, False),
    ]
    page = as_user(clerk).get(batch.get_absolute_url()).content.decode()
    above = page.index("有 2 列没有读，里面写的不会导入：E 多少家、F 没有表头。")
    assert above < page.index("import-rows") and "is-warn" in page[page.rindex("<div class", 0, above) - 80 : above]
    assert "A 序号、E 多少家、F 没有表头、G 备考" in page


def test_a_sheet_whose_columns_are_all_read_says_nothing(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    batch = upload(clerk, workbook([["编号", "名称", "户数"], ["XC-P-001", "金桥社区", 420]]))
    page = as_user(clerk).get(batch.get_absolute_url()).content.decode()
    assert batch.layout["unread"] == [] and "没有读" not in page
    assert columns_of(batch) in page, "what was read may be wrong all the same"


def test_columns_are_said_anew_and_remembered(batch: Batch, clerk: Any, as_user: Any) -> None:
    client = as_user(clerk)
    assert (batch.layout["by"], batch.unchanged) == ("labels", 1)
    assert columns_of(batch) in client.get(batch.get_absolute_url()).content.decode()
    page = client.get(columns_of(batch)).content.decode()
    assert "现在是按下面这样读的" in page and '<option value="4" selected>' in page
    answer = client.post(columns_of(batch), {"code": "2", "name": "3", "households": "5"})
    assert answer.status_code == 302
    batch = worked(batch)
    assert (batch.state, batch.changed, batch.layout["by"]) == ("ready", 1, "person")
    assert [each.head for each in preview.unread(batch) if each.is_lost] == ["户数", ""]
    # What was chosen for this head once is not beyond correction either.
    again = upload(clerk, workbook(SHEET))
    assert (again.layout["by"], again.changed) == ("memory", 1)
    assert "notice is-warn" not in client.get(again.get_absolute_url()).content.decode()
    actions.say_columns(again, actor=clerk, columns={"code": 2, "name": 3, "residents": 5}, head=1, seen=again.reading)
    assert worked(again).rows.get().values["residents"] == 420
    assert ColumnMap.objects.get().columns == {"code": 2, "name": 3, "residents": 5}
    assert "residents" in upload(clerk, workbook(SHEET)).layout["columns"]
    states = [event.state for event in events_of(again).order_by("pgh_id")]
    assert states == ["reading", "ready", "reading", "ready"]


def test_a_column_without_a_head_can_be_chosen_by_what_stands_in_it(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区", households=400)
    sheet = workbook([["编号", "名称", None], ["XC-P-001", "金桥社区", 420]])
    batch = upload(clerk, sheet)
    page = as_user(clerk).get(columns_of(batch)).content.decode()
    assert '<option value="3">C　没有表头（420）</option>' in page
    as_user(clerk).post(columns_of(batch), {"code": "1", "name": "2", "households": "3"})
    assert (worked(batch).changed, preview.unread(worked(batch))) == (1, [])
    again = upload(clerk, sheet)
    assert (again.layout["by"], again.changed) == ("memory", 1)
    assert '<option value="3" selected>' in as_user(clerk).get(columns_of(again)).content.decode()


def test_of_two_previews_the_older_one_is_not_taken_over(batch: Batch, clerk: Any, as_user: Any) -> None:
    older, client = batch.reading, as_user(clerk)
    take = reverse("exchange:apply", args=[batch.pk])
    columns = {"code": 2, "name": 3, "households": 5}
    batch = worked(actions.say_columns(batch, actor=clerk, columns=columns, head=1, seen=older))
    with pytest.raises(WrongState, match="刚刚重新核对过"):
        actions.say_columns(batch, actor=clerk, columns=columns, head=1, seen=older)
    assert client.post(f"{take}?seen={older}").status_code == 409
    batch.refresh_from_db()
    assert batch.state == "ready"
    assert f"{take}?seen={batch.reading}" in client.get(batch.get_absolute_url()).content.decode()
    client.post(f"{take}?seen={batch.reading}")
    assert worked(batch).state == "applied"


def test_what_was_taken_over_or_given_up_is_not_read_again(batch: Batch, clerk: Any, as_user: Any, units: Any) -> None:
    columns = {"code": 2, "name": 3, "households": 5}
    with pytest.raises(NotAllowed):
        actions.say_columns(batch, actor=factories.make_user("county_entry", unit=units["DW"]), columns=columns, head=1)
    with pytest.raises(RuleViolation, match="请选“名称”"):
        actions.say_columns(batch, actor=clerk, columns={"code": 2}, head=1)
    other = actions.discard_batch(upload(clerk, workbook(SHEET)), actor=clerk)
    batch = apply(worked(actions.say_columns(batch, actor=clerk, columns=columns, head=1)), clerk)
    for ended in (batch, other):
        with pytest.raises(WrongState):
            actions.say_columns(ended, actor=clerk, columns=columns, head=1)
        assert "重新对应列" not in as_user(clerk).get(ended.get_absolute_url()).content.decode()


def test_nothing_of_an_earlier_reading_stays(batch: Batch, clerk: Any) -> None:
    """The new head stands below the only row."""
    batch = worked(actions.say_columns(batch, actor=clerk, columns={"code": 1, "name": 4}, head=3))
    assert (batch.state, batch.rows_in, batch.rows.count()) == ("refused", 0, 0)


def test_the_returned_workbook_names_them_on_its_explaining_sheet(clerk: Any, place: Any, as_user: Any) -> None:
    place("XC-P-001", "金桥社区")
    book = openpyxl.load_workbook(io.BytesIO(workbook([HEADS[1:5], ["XC-P-001", "金桥社区", "多", 420]])))
    book.create_sheet("说明")["A1"] = "填表说明"
    lines = []
    for head in ("多少家", "几家"):
        book.worksheets[0]["D1"] = head
        batch = upload(clerk, saved(book))
        answer = as_user(clerk).get(reverse("exchange:red", args=[batch.pk]))
        book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        lines.append([cell.value for cell in book["说明"]["A"] if cell.value])
    assert lines == [["填表说明", "没有读的列：D 多少家"], ["填表说明", "没有读的列：D 几家"]]
    assert [each.head for each in preview.unread(batch)] == ["几家"], "the reasons are the portal's own"


def test_a_preview_that_waits_for_a_worker_offers_nothing(batch: Batch, clerk: Any, as_user: Any) -> None:
    actions.say_columns(batch, actor=clerk, columns={"code": 2, "name": 3}, head=1)
    assert "重新对应列" not in as_user(clerk).get(batch.get_absolute_url()).content.decode()
    with pytest.raises(WrongState):
        actions.say_columns(batch, actor=clerk, columns={"code": 2, "name": 3}, head=1)
    work_off()
