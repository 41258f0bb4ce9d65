"""Geometry of the curve: months across, the share of projects upwards from 0 to 100 per cent. Three different lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.formats import percent, thousands
from core.periods import Month
from dashboards.construction.curve import Curve, Point

WIDTH, HEIGHT = 520, 270
LEFT, RIGHT, TOP, BOTTOM = 44, 508, 22, 232
# About as many words as the axis has room for on a phone.
MOST_TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A line across the picture with its word."""

    at: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Drawing:
    """One picture as SVG coordinates, and what it says."""

    curve: Curve
    planned: str
    first: str
    built: str
    now_x: str
    now_label: str
    now_anchor: str
    dot: tuple[str, str] | None
    shares: Sequence[Tick]
    months: Sequence[Tick]
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    floor: int = BOTTOM


def draw(curve: Curve) -> Drawing:
    """Places the lines. A curve without projects has none."""
    points = curve.points
    step = (RIGHT - LEFT) / max(len(points) - 1, 1)
    places = {point.month: LEFT + step * index for index, point in enumerate(points)}

    def line(number: Callable[[Point], int | None]) -> str:
        known = [(places[point.month], curve.share(number(point))) for point in points]
        return " ".join(f"{x:.1f},{_height(float(share)):.1f}" for x, share in known if share is not None)

    now, present = places.get(curve.now, float(LEFT)), curve.present
    share = curve.share(present.built) if present else None
    return Drawing(
        curve=curve,
        planned=line(lambda point: point.planned),
        first=line(lambda point: point.first),
        built=line(lambda point: point.built),
        now_x=f"{now:.1f}",
        now_label=_("至 %s") % curve.now,
        now_anchor=_anchor(now),
        dot=None if share is None else (f"{now:.1f}", f"{_height(float(share)):.1f}"),
        shares=[Tick(f"{_height(part / 4):.1f}", f"{part * 25}%") for part in range(5)],
        months=[Tick(f"{places[month]:.1f}", str(month), _anchor(places[month])) for month in _named(points)],
        sentence=sentence_of(curve),
    )


def _anchor(x: float) -> str:
    """How a word stands at its place, so that none runs out of the picture."""
    return "start" if x < LEFT + 40 else "end" if x > RIGHT - 40 else "middle"


def _height(share: float) -> float:
    return BOTTOM - share * (BOTTOM - TOP)


def _named(points: Sequence[Point]) -> list[Month]:
    """The months that the axis names: the first of years, or of quarters where there are few."""
    for numbers in ((1, 4, 7, 10), (1, 7), (1,)):
        found = [point.month for point in points if point.month.number in numbers]
        if len(found) <= MOST_TICKS:
            return found
    return found[:: -(-len(found) // MOST_TICKS)]


def sentence_of(curve: Curve) -> str:
    """The picture in words."""
    present = curve.present
    if present is None or not curve.total:
        return _("%(place)s：没有项目。") % {"place": curve.label}
    facts = {"place": curve.label, "total": thousands(curve.total), "month": curve.now}
    numbers = {"planned": present.planned, "first": present.first, "built": present.built}
    for name, number in numbers.items():
        facts |= {name: thousands(number), f"{name}_share": percent(curve.share(number))}
    said = _(
        "%(place)s %(total)s 个项目：到 %(month)s，按现在的计划应基本建成 %(planned)s 个（%(planned_share)s），"
        "按最初的计划 %(first)s 个（%(first_share)s），实际 %(built)s 个（%(built_share)s）。"
    )
    return said % facts
