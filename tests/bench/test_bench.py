"""The bench itself, in a tiny city: every part that starts a portal runs to its end and tells what it measured."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from xlsxwriter import Workbook

from bench.web import rows_in
from xiaogan_portal.embedded.place import CHECKOUT

COMMUNITIES = 40
MEASURES = {
    "leadership page": "queries",
    "community list, HTML": "times",
    "community list, API": "times",
    "drill-down": "queries",
    "export to Excel": "rows",
    "project list, HTML": "queries",
    "project list, API": "rows",
    "roll-up of a quarter, whole": "communities",
    "roll-up after one edit": "communities",
    "month of a whole unit": "queries",
    "photos that look alike, one report": "asked",
    "photos that look alike, an inbox": "asked",
    "import, validated": "rows_per_second",
    "import, applied with history": "rows_per_second",
}


@pytest.mark.storm
def test_every_part_but_memory_in_a_tiny_city() -> None:
    if "DATABASE_URL" not in os.environ:
        pytest.skip("needs the embedded servers' programs and the built front end, as `make test` has them")
    parts = ["import", "photos", "batch", "rollup", "projects", "export", "pages"]
    words = [*parts, "--communities", str(COMMUNITIES), "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words], cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    machine, *lines = map(json.loads, done.stdout.splitlines())
    assert "load_before" in machine
    told: dict[str, Any] = {line["measure"]: line for line in lines}
    assert list(told) == list(MEASURES)
    for name, figure in MEASURES.items():
        assert told[name][figure] > 0 and told[name]["yardstick"], name
        assert {told[name][part]["ratio"] > 0 for part in ("p50", "p95")} == {True}, name
    assert told["roll-up of a quarter, whole"]["communities"] == COMMUNITIES
    assert told["month of a whole unit"]["projects"] == 300
    sheet = told["import, applied with history"]
    assert [sheet[name] for name in ("rows", "new", "changed", "unchanged")] == [500, 100, 200, 200]


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_of_a_workbook_are_counted_below_its_heads(rows: int) -> None:
    file = io.BytesIO()
    with Workbook(file) as book:
        page = book.add_worksheet()
        page.freeze_panes(2, 0)
        for number in range(2 + rows):
            page.write_string(number, 0, "x")
    assert rows_in(file.getvalue()) == rows
