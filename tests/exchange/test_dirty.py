"""Promise R17: a dirty workbook. Rows in = accepted + rejected, each fault in its cell, nothing else changes."""

from __future__ import annotations

import io
import os
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from communities.models import Community, Placement
from exchange.marked import HIGHEST_ROW, RED, _make_room
from tests import factories
from tests.exchange import dirty
from tests.exchange.conftest import HEADS, apply, not_in_english, problems_of, upload

pytestmark = pytest.mark.django_db

ROWS = 10_000 if os.environ.get("PORTAL_DEEP") == "1" else 400
CODES = dict(
    zip(
        HEADS,
        [
            "code",
            "name",
            "type",
            "population",
            "category",
            "valid_from",
            "area_kind",
            "households",
            "residents",
            "division",
            "longitude",
            "latitude",
        ],
        strict=True,
    )
)


@pytest.fixture
def register(unit: Any) -> list[tuple[str, str]]:
    """A unit with very many communities."""
    rows = [
        Community(code=f"XC-P-{n:05}", name=f"示例{n}社区", pinyin=f"shili{n:05}", initials=f"sl{n:05}", residents=1)
        for n in range(ROWS)
    ]
    made = Community.objects.bulk_create(rows)
    Placement.objects.bulk_create(
        Placement(community=row, unit=unit, type="city", population="programme", valid_from=factories.LONG_AGO)
        for row in made
    )
    return [(row.code, row.name) for row in made]


def register_now() -> list[tuple[Any, ...]]:
    fields = ("code", "name", "area_kind", "residents", "longitude", "latitude", "division_id")
    return list(Community.objects.order_by("code").values_list(*fields))


@pytest.mark.parametrize("seed", [1] if ROWS > 1000 else [1, 2, 3])
def test_every_fault_is_named_in_its_cell_and_no_good_row_is_refused(
    seed: int, register: list[tuple[str, str]], clerk: Any, as_user: Any
) -> None:
    assert len(dirty.FAULTS) >= 15
    file = dirty.make(register, seed=seed)
    batch = upload(clerk, file.content)
    assert batch.state == "ready", batch.trouble
    assert batch.rows_in == file.rows == ROWS
    assert batch.new + batch.changed + batch.unchanged == len(file.good), "accepted"
    found = problems_of(batch)
    for (row, head), (kind, words) in file.planted.items():
        assert words in found[row].pop(CODES[head], ""), (kind, row, found[row])
    assert {row: rest for row, rest in found.items() if rest} == {}
    assert not_in_english(batch) == []
    assert {kind for kind, _words in file.planted.values()} == set(dirty.FAULTS)

    if seed == 1:
        red_file_shows_them(file, as_user(clerk).get(reverse("exchange:red", args=[batch.pk])))
    before = register_now()
    batch = apply(batch, clerk)
    assert batch.state == "applied", batch.trouble
    known = dict(Community.objects.values_list("code", "households"))
    expected = dict(file.good.values())
    assert {code: known[code] for code in expected} == expected
    assert {value for code, value in known.items() if code not in expected} == {None}
    wanted = set(expected)
    # The sheet has a column for residents, empty in good rows: what it says of them is “nothing known”.
    assert [row for row in register_now() if row[0] not in wanted] == [row for row in before if row[0] not in wanted]

    again = upload(clerk, file.content)
    assert (again.new, again.changed, again.unchanged) == (0, 0, len(file.good))
    assert again.rejected == batch.rejected


def red_file_shows_them(file: dirty.Dirty, answer: Any) -> None:
    """The clerk's own workbook: everything as it was, wrong cells red, reasons in the column after the last."""
    content = b"".join(answer.streaming_content)
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content))["2013年台账"]
    sent = openpyxl.load_workbook(io.BytesIO(file.content))["2013年台账"]
    assert [[sheet.cell(r, c).value for c in range(1, 13)] for r in range(1, 30)] == [
        [sent.cell(r, c).value for c in range(1, 13)] for r in range(1, 30)
    ]
    assert sheet.merged_cells.ranges == sent.merged_cells.ranges
    assert sheet.cell(4, 13).value == "错误原因"
    red = {
        (cell.row, HEADS[cell.column - 1])
        for line in sheet.iter_rows(min_row=5, max_col=12)
        for cell in line
        if cell.fill.start_color.rgb == RED.start_color.rgb
    }
    assert red == set(file.planted)
    for (row, _head), (_kind, words) in file.planted.items():
        assert words in sheet.cell(row, 13).value
    [long] = {row for (row, _head), (kind, _words) in file.planted.items() if kind == "unknown choice"} & set(range(30))
    assert sheet.row_dimensions[long].height == 30, "of two lines both are seen"
    assert not any(cell.data_type == "f" for line in sheet.iter_rows(min_col=13) for cell in line)


def test_no_row_is_made_higher_than_a_program_opens() -> None:
    book: Any = openpyxl.Workbook()
    row = book.active.row_dimensions[1]
    _make_room(row, ["因为" * 400] * 25)
    assert row.height == HIGHEST_ROW
