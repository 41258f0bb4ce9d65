"""The bench's own arithmetic, and that it refuses what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.__main__ import machine, main
from bench.report import a_second, compare, percentile


def test_percentiles_are_by_nearest_rank() -> None:
    times = [float(number) for number in range(20, 0, -1)]
    assert (percentile(times, 0.5), percentile(times, 0.95), percentile([7.0], 0.95)) == (10.0, 19.0, 7.0)


def test_rows_per_second_are_by_the_median() -> None:
    assert a_second(10_000, [9_000.0, 500.0, 2_000.0]) == 5_000


def test_a_measure_stands_beside_its_yardstick_taken_by_turns(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []
    compare("page", lambda: order.append("own"), "bare", lambda: order.append("bare"), times=3, queries=4)
    # The first of each only warms up.
    assert order == ["own", "bare"] * 4
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (line["measure"], line["yardstick"], line["times"], line["queries"]) == ("page", "bare", 3, 4)
    assert set(line["p95"]) == {"ms", "yardstick_ms", "ratio"}


def test_the_machine_is_told_without_its_name() -> None:
    told = machine()
    assert {"cores", "memory_gb", "load_before", "python", "taken_at"} <= set(told)
    assert "host" not in " ".join(told)


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pages", "nonsense"])
    assert "no such part: nonsense" in capsys.readouterr().err
