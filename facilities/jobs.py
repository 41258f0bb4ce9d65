"""The work that construction does through the ledger. Registered when the app is ready."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from facilities.calendar import present_day
from facilities.light_actions import mark_red_lights
from jobs import registry
from jobs.registry import Payload

RED_MARKS = "facilities.red_marks"


def mark(key: str, payload: Payload) -> dict[str, Any]:
    """Remember which projects stand at red on the day up to which plans are judged."""
    return {"marked": mark_red_lights(present_day())}


def register() -> None:
    """Tell the ledger who does what."""
    registry.register(RED_MARKS, mark, label=_("红灯记录"))
