"""What a measure is, how it is taken beside its yardstick, and the line that tells it."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any


class Rounds:
    """How often a measure is taken at most; `most` is None for as often as it says itself."""

    most: int | None = None


def tell(**values: Any) -> None:
    """One JSON line on stdout."""
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def percentile(times: list[float], share: float) -> float:
    """The nearest-rank percentile: of 20 times the 19th is the 95th."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(act: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def rounds(times: int) -> int:
    """How often to measure what says `times` of itself."""
    return times if Rounds.most is None else min(times, Rounds.most)


def compare(
    name: str, act: Callable[[], object], yardstick: str, bare: Callable[[], object], *, times: int, **more: Any
) -> None:
    """Take both by turns, so that what else the machine does meets both, and tell p50, p95 and their ratios.

    The first of each only warms up.
    """
    act()
    bare()
    beside(name, yardstick, [(milliseconds(act), milliseconds(bare)) for _ in range(rounds(times))], **more)


def beside(name: str, yardstick: str, pairs: Sequence[tuple[float, float]], **more: Any) -> None:
    """Tell p50, p95 and their ratios of times that were taken by turns: the measure's and its yardstick's."""
    own, other = [a for a, _b in pairs], [b for _a, b in pairs]
    values: dict[str, Any] = {}
    for label, share in (("p50", 0.5), ("p95", 0.95)):
        mine, its = percentile(own, share), percentile(other, share)
        values[label] = {"ms": round(mine, 2), "yardstick_ms": round(its, 2), "ratio": round(mine / its, 1)}
    tell(measure=name, yardstick=yardstick, times=len(pairs), **values, **more)


def a_second(rows: int, times: Sequence[float]) -> int:
    """Rows per second, by the median of the times that so many rows took."""
    return round(rows / percentile(list(times), 0.5) * 1000)
