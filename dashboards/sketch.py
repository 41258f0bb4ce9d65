"""The sketch of the city, drawn on the server: seven counties as shapes, three zones as points placed by hand.

It is a sketch (示意图，不作为划界依据): the county outlines are those of `data/xiaogan_counties.geojson`, and the
places of labels, points and leader lines below are chosen for the eye. Another map file with the same `adcode`
properties may take its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from core.formats import DASH

MAP_FILE = Path("data") / "xiaogan_counties.geojson"
# Size of the drawing. Shapes are fitted to its left part; the right part is for the zones' labels.
WIDTH, HEIGHT, SHAPES_WIDTH, MARGIN = 330, 336, 246, 4
# Where one step of the amount scale begins, in percent; below the first it is step 1.
STEPS = (40, 60, 70)

Point = tuple[float, float]


@dataclass(frozen=True)
class CountyPlace:
    """Where a county's label stands: longitude and latitude, chosen for the eye."""

    adcode: str
    label: Point


@dataclass(frozen=True)
class ZonePlace:
    """A zone has no outline: its point in longitude and latitude, and the height of its label in the drawing."""

    point: Point
    label_y: float


COUNTIES: dict[str, CountyPlace] = {
    "XN": CountyPlace("420902", (114.0, 31.005)),
    "XC": CountyPlace("420921", (113.965, 31.29)),
    "DW": CountyPlace("420922", (114.25, 31.60)),
    "YM": CountyPlace("420923", (113.765, 31.08)),
    "YC": CountyPlace("420981", (113.555, 30.935)),
    "AL": CountyPlace("420982", (113.635, 31.31)),
    "HC": CountyPlace("420984", (113.74, 30.63)),
}
ZONES: dict[str, ZonePlace] = {
    "SF": ZonePlace((114.115, 31.17), 143),
    "GX": ZonePlace((113.895, 30.88), 216),
    "LK": ZonePlace((114.05, 30.85), 238),
}


@dataclass(frozen=True)
class Amount:
    """What the sketch shows of one unit: n of a total, with its name and the page behind it."""

    name: str
    part: int
    whole: int
    url: str

    @property
    def text(self) -> str:
        """`8/11`; — where nothing is planned."""
        return f"{self.part}/{self.whole}" if self.whole else DASH

    @property
    def step(self) -> int:
        """Step of the amount scale, 1 to 4; 0 where there is nothing to be a part of."""
        if not self.whole:
            return 0
        return 1 + sum(self.part * 100 >= step * self.whole for step in STEPS)


@dataclass(frozen=True)
class Region:
    """A county in the drawing."""

    path: str
    x: str
    y: str
    amount: Amount


@dataclass(frozen=True)
class Zone:
    """A zone in the drawing: its ringed point, the end of its leader line, its label."""

    x: str
    y: str
    line_x: str
    label_y: str
    amount: Amount


@dataclass(frozen=True)
class Sketch:
    """The whole drawing."""

    regions: Sequence[Region]
    zones: Sequence[Zone]
    width: int = WIDTH
    height: int = HEIGHT


def _rings(geometry: Mapping[str, Any]) -> Iterable[list[Point]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(point[0]), float(point[1])) for point in ring]


@dataclass(frozen=True)
class Projection:
    """Equirectangular, true to scale at the middle latitude, fitted to the left part of the drawing."""

    west: float
    north: float
    squeeze: float
    scale: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> Projection:
        """The one that fits all points."""
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        squeeze = math.cos(math.radians((south + north) / 2))
        scale = min((SHAPES_WIDTH - 2 * MARGIN) / ((east - west) * squeeze), (HEIGHT - 2 * MARGIN) / (north - south))
        return cls(west, north, squeeze, scale)

    def place(self, point: Point) -> Point:
        """Longitude and latitude → x and y of the drawing."""
        return (
            MARGIN + (point[0] - self.west) * self.squeeze * self.scale,
            MARGIN + (self.north - point[1]) * self.scale,
        )


def _path(rings: Iterable[list[Point]], projection: Projection) -> str:
    parts = []
    for ring in rings:
        places = [projection.place(point) for point in ring]
        parts.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places) + "Z")
    return "".join(parts)


@lru_cache(maxsize=1)
def _outlines() -> tuple[Projection, dict[str, str]]:
    """The projection and each county's path by its code; read once for the life of the process."""
    shapes = json.loads((settings.BASE_DIR / MAP_FILE).read_text(encoding="utf-8"))["features"]
    points = [point for shape in shapes for ring in _rings(shape["geometry"]) for point in ring]
    projection = Projection.around(points)
    paths = {shape["properties"]["adcode"]: _path(_rings(shape["geometry"]), projection) for shape in shapes}
    return projection, paths


def draw(amounts: Mapping[str, Amount]) -> Sketch:
    """The drawing with the amounts of the units, by unit code; a unit without an amount is left out."""
    projection, paths = _outlines()
    regions, zones = [], []
    for code, place in COUNTIES.items():
        if code in amounts and place.adcode in paths:
            x, y = projection.place(place.label)
            regions.append(Region(paths[place.adcode], f"{x:.1f}", f"{y:.1f}", amounts[code]))
    for code, zone in ZONES.items():
        if code in amounts:
            x, y = projection.place(zone.point)
            zones.append(Zone(f"{x:.1f}", f"{y:.1f}", f"{SHAPES_WIDTH + 14}", f"{zone.label_y:.1f}", amounts[code]))
    return Sketch(regions, zones)
