"""Sample communities: spread over the units in proportion to their village-level divisions."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from communities.models import Community, Placement, ReportingUnit
from communities.names import pinyin_of
from communities.reference import villages_of
from xiaogan_portal.sample.names import community_name, place_names
from xiaogan_portal.sample.plan import Plan, apportion, apportion_at_least

BATCH = 5000
# Placed by hand, like the map's points: the zones have no outline of their own.
ZONE_POINTS = {"GX": (113.93, 30.95), "LK": (113.99, 30.85), "SF": (114.07, 31.22)}


@dataclass
class Territory:
    """What the other parts of the sample build on."""

    units: list[ReportingUnit]
    weights: list[int]
    programme: list[Community]
    existing: list[Community]
    unit_of: dict[int, ReportingUnit]
    type_of: dict[int, str]


def build_territory(plan: Plan, rng: random.Random) -> Territory:
    """Write the communities and their placements. The programme's list is in the order in which they get built."""
    units = list(ReportingUnit.objects.all())
    weights = [max(1, villages_of(unit).count()) for unit in units]
    places = place_names(rng)
    points = _points(units)
    programme = _make(
        _types(plan.types, rng), "P", units, apportion_at_least(2, plan.programme, weights), places, points, rng
    )
    share = apportion(plan.existing, [40, 25, 35])
    existing_types = _types(dict(zip(("city", "town", "rural"), share, strict=True)), rng)
    existing = _make(existing_types, "E", units, apportion_at_least(2, plan.existing, weights), places, points, rng)
    for community, _unit, _type in rng.sample(programme, plan.pilots):
        community.pilot_from = dt.date(2013, 3, 15)
    rows = programme + existing
    Community.objects.bulk_create([community for community, _unit, _type in rows], batch_size=BATCH)
    placements = [_placement(row, "programme", rng) for row in programme]
    placements += [_placement(row, "existing", rng) for row in existing]
    Placement.objects.bulk_create(placements, batch_size=BATCH)
    return Territory(
        units,
        weights,
        [community for community, _unit, _type in programme],
        [community for community, _unit, _type in existing],
        {community.pk: unit for community, unit, _type in rows},
        {community.pk: type for community, _unit, type in rows},
    )


Row = tuple[Community, ReportingUnit, str]


def _types(counts: dict[str, int], rng: random.Random) -> list[str]:
    types = [code for code, count in counts.items() for _ in range(count)]
    rng.shuffle(types)
    return types


def _points(units: list[ReportingUnit]) -> dict[str, tuple[float, float]]:
    shapes = json.loads((settings.BASE_DIR / "data" / "xiaogan_counties.geojson").read_text(encoding="utf-8"))
    centres = {str(shape["properties"]["adcode"]): shape["properties"]["center"] for shape in shapes["features"]}
    found = dict(ZONE_POINTS)
    for unit in units:
        if unit.division is not None:
            longitude, latitude = centres[unit.division.code]
            found[unit.code] = (longitude, latitude)
    return found


def _make(
    types: list[str],
    letter: str,
    units: list[ReportingUnit],
    shares: list[int],
    places: Iterator[str],
    points: dict[str, tuple[float, float]],
    rng: random.Random,
) -> list[Row]:
    owners = [unit for unit, share in zip(units, shares, strict=True) for _ in range(share)]
    rng.shuffle(owners)
    numbers = dict.fromkeys((unit.code for unit in units), 0)
    rows: list[Row] = []
    for type, unit in zip(types, owners, strict=True):
        numbers[unit.code] += 1
        name = community_name(next(places), type)
        code = f"{unit.code}-{letter}-{numbers[unit.code]:03d}"
        rows.append((_community(code, name, type, points[unit.code], rng), unit, type))
    return rows


def _community(code: str, name: str, type: str, point: tuple[float, float], rng: random.Random) -> Community:
    pinyin, initials = pinyin_of(name)
    kinds = {"city": ["new_housing", "urban_village", "fringe"], "town": ["township"], "rural": ["village"]}
    households = rng.randint(600, 3000) if type == "city" else rng.randint(300, 1500)
    return Community(
        code=code,
        name=name,
        pinyin=pinyin,
        initials=initials,
        area_kind=rng.choice(kinds[type]),
        households=households,
        residents=households * 3 + rng.randint(0, households // 2),
        longitude=Decimal(f"{point[0] + rng.uniform(-0.12, 0.12):.6f}"),
        latitude=Decimal(f"{point[1] + rng.uniform(-0.08, 0.08):.6f}"),
        is_sample=True,
    )


def _placement(row: Row, population: str, rng: random.Random) -> Placement:
    community, unit, type = row
    since = dt.date(2012, 9, 1) if population == "programme" else dt.date(2010, 1, 1)
    category = rng.choice(["new", "new", "upgrade"]) if population == "programme" else "upgrade"
    return Placement(
        community=community,
        unit=unit,
        type=type,
        population=population,
        category=category,
        valid_from=since,
        is_sample=True,
    )
