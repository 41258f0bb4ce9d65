"""The daily signed export of the log as a job of the ledger. Here, because the log lies below the ledger."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import audit_export, log_days
from core.periods import today
from jobs import registry
from jobs.actions import enqueue_once
from jobs.registry import Payload

KIND = "audit.export"
# A machine that was off for months catches up in one go.
LEASE_SECONDS = 240


def export(key: str, payload: Payload) -> dict[str, Any]:
    """Export every day that is missing up to the one that the key names."""
    made = audit_export.export_until(dt.date.fromisoformat(key))
    return {"days": len(made), "entries": sum(each.entries for each in made)}


def ask() -> None:
    """Have yesterday exported, and whatever is missing before it. Waits while yesterday may still be added to."""
    day = today() - dt.timedelta(days=1)
    if audit_export.missing_until(day) and not log_days.writers_since_before(log_days.start_of(today())):
        enqueue_once(KIND, day.isoformat(), day.isoformat())


def register() -> None:
    """Tell the ledger who does it."""
    registry.register(KIND, export, label=_("日志导出"), lease_seconds=LEASE_SECONDS)
