"""Who is behind the plan on a day: projects, by unit, each number a list of exactly those projects."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from communities.models import ReportingUnit
from dashboards.selectors import Sight
from facilities.models import Project

KINDS = ("finish", "start")


@dataclass(frozen=True)
class LateUnit:
    """A unit and how many of its projects are late, with the list of them."""

    name: str
    count: int
    url: str


@dataclass(frozen=True)
class Late:
    """Late projects on `day`: the city's number, and that of each unit whose projects the person sees.

    `kinds` counts what stands in `units` by what was missed (`finish`, `start`). `whole` tells whether these are
    all units, so that they add up to the city's number.
    """

    day: dt.date
    total: int
    units: Sequence[LateUnit]
    kinds: Sequence[tuple[str, int, str]]
    url: str
    whole: bool

    @property
    def shown(self) -> int:
        """How many stand in `units`."""
        return sum(unit.count for unit in self.units)

    @property
    def lagging(self) -> list[LateUnit]:
        """Units with late projects, most first, then in statutory order."""
        return sorted((unit for unit in self.units if unit.count), key=lambda unit: -unit.count)


def late_url(day: dt.date, kind: str = "any", unit: str = "") -> str:
    """The list of the late projects themselves."""
    query = {"late": kind, "on": str(day)} | ({"unit": unit} if unit else {})
    return f"{reverse('facilities:list')}?{urlencode(query)}"


def late_projects(sight: Sight, units: Sequence[ReportingUnit], day: dt.date) -> Late:
    """By the rule of `ProjectQuerySet.late`, in the units where the projects stand now. One query.

    Plans are records, not figures: publication opens those of other units to nobody.
    """
    rows: Any = Project.objects.with_place().late(day).order_by()
    rows = rows.values_list("place_code", "late_kind")
    counts = Counter({(code, kind): number for code, kind, number in rows.annotate(number=Count("pk"))})
    own = list(units) if sight.city else list(sight.own)
    alone = own[0].code if not sight.city and len(own) == 1 else ""
    return Late(
        day=day,
        total=counts.total(),
        units=[
            LateUnit(unit.short_name, sum(counts[unit.code, kind] for kind in KINDS), late_url(day, "any", unit.code))
            for unit in own
        ],
        kinds=[(kind, sum(counts[unit.code, kind] for unit in own), late_url(day, kind, alone)) for kind in KINDS],
        url=late_url(day),
        whole=sight.city,
    )
