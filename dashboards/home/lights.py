"""How the unit's projects stand against their plan: the lights, and what the red ones are red for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Action
from dashboards.home.asked import Asked
from dashboards.home.parts import Panel
from facilities.calendar import present_day
from facilities.lights import GREEN, NOT_DUE, RED, UNKNOWN, YELLOW, judged, with_light
from facilities.models import Project

SHOWN = 3


@dataclass(frozen=True)
class Lit:
    """A light, how many projects of the unit have it, and the list of them. The first few red ones, judged, say why."""

    code: str
    number: int
    url: str
    reasons: Sequence[Any] = field(default_factory=tuple)


def lights_panel(asked: Asked) -> Panel:
    """Every light, counted, so that they add up to the projects; nothing where the units have no project."""
    day, codes = present_day(), [unit.code for unit in asked.units]
    rows = with_light(Project.objects.visible_to(asked.user).with_place(), day).filter(place_code__in=codes)
    counted = dict(rows.order_by().values_list("light").annotate(number=Count("pk")))
    lit = [
        Lit(
            code,
            counted.get(code, 0),
            _list_of(code, codes),
            _reasons(rows, day) if code == RED and counted.get(RED) else (),
        )
        for code in (RED, YELLOW, GREEN, NOT_DUE, UNKNOWN)
    ]
    told = {"number": sum(counted.values())}
    return Panel(
        "lights",
        _("亮灯"),
        template="dashboards/home/_lights.html",
        note=_("共 %(number)d 个项目") % told,
        link=Action(_("规则"), f"{reverse('facilities:rules')}#lightthreshold"),
        rail=True,
        data=lit if counted else None,
    )


def _reasons(rows: Any, day: dt.date) -> list[Any]:
    """The longest behind first."""
    red = rows.filter(light=RED).select_related("community").order_by("finish_then", "start_then", "pk")[:SHOWN]
    return list(judged(red, day))


def _list_of(code: str, units: Sequence[str]) -> str:
    asked = {"light": code, **({"unit": units[0]} if len(units) == 1 else {})}
    return f"{reverse('facilities:list')}?{urlencode(asked)}"
