"""Geometry of the small trends: four quarters of one indicator, the axis from zero, the base dashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 190, 150
LEFT, RIGHT, TOP, BOTTOM = 14, 176, 26, 122


@dataclass(frozen=True)
class Reading:
    """The value of a quarter; None where the quarter was never computed."""

    name: str
    value: int | None
    url: str = ""
    present: bool = False


@dataclass(frozen=True)
class Dot:
    """A reading in its place."""

    reading: Reading
    x: str
    y: str
    text_y: str


@dataclass(frozen=True)
class Trend:
    """One small picture, as SVG coordinates."""

    label: str
    base: int
    base_url: str
    readings: Sequence[Reading]
    dots: Sequence[Dot]
    ticks: Sequence[tuple[str, Reading]]
    line: str
    area: str
    base_y: str
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = BOTTOM
    left: int = LEFT - 8
    right: int = RIGHT + 8


def trend(label: str, base: int, readings: Sequence[Reading], base_url: str = "") -> Trend:
    """Places the readings. `base` is the number that they are part of; 0 draws no base line."""
    top = max([base, *(reading.value or 0 for reading in readings)]) or 1
    step = (RIGHT - LEFT) / max(len(readings) - 1, 1)
    heights = [BOTTOM - (reading.value or 0) / top * (BOTTOM - TOP) for reading in readings]
    places = [LEFT + step * index for index in range(len(readings))]
    dots = [
        Dot(reading, f"{x:.1f}", f"{y:.1f}", f"{y - 9:.1f}")
        for reading, x, y in zip(readings, places, heights, strict=True)
        if reading.value is not None
    ]
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    area = f"{dots[0].x},{BOTTOM} {line} {dots[-1].x},{BOTTOM}" if dots else ""
    said = "，".join(f"{dot.reading.name} {dot.reading.value}" for dot in dots)
    return Trend(
        label=label,
        base=base,
        base_url=base_url,
        readings=readings,
        dots=dots,
        ticks=[(f"{x:.1f}", reading) for x, reading in zip(places, readings, strict=True)],
        line=line,
        area=area,
        base_y=f"{BOTTOM - base / top * (BOTTOM - TOP):.1f}" if base else "",
        sentence=f"{label}：{said}",
    )
