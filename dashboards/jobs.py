"""The work that this app does through the ledger. Registered when the app is ready."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from communities.models import ReportingUnit
from dashboards import rollup
from jobs import registry
from jobs.registry import Payload

# How many differences a check keeps in its job's result; the log has them all.
MOST_SHOWN = 20


def roll_up(key: str, payload: Payload) -> dict[str, Any]:
    """Recompute one unit's figures; the key is its code."""
    return {"cells": rollup.roll_up(ReportingUnit.objects.get(code=key))}


def check_figures(key: str, payload: Payload) -> dict[str, Any]:
    """Recompute one unit beside what is stored and keep what differs."""
    differences = rollup.check_unit(ReportingUnit.objects.get(code=key))
    return {"differences": len(differences), "first": differences[:MOST_SHOWN]}


def register() -> None:
    """Tell the ledger who does what."""
    registry.register(rollup.ROLLUP, roll_up, label=_("数字汇总"))
    registry.register(rollup.CHECK, check_figures, label=_("数字核对"))
