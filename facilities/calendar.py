"""The day against which plans are held."""

from __future__ import annotations

import datetime as dt

from communities.calendar import working_day
from communities.models import ReportingMonth


def present_day() -> dt.date:
    """Up to when a plan is judged: the last day of the newest open month, or today where that comes first."""
    month = ReportingMonth.objects.current()
    day = working_day()
    return min(day, month.month.last_day) if month else day
