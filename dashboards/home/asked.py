"""Who opens the page, when, and what several parts of it need: each read once."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from accounts.models import User
from communities.calendar import working_day
from communities.models import PeriodState, ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import UNIT_ROLES
from communities.scoping import Reach, reach_of
from dashboards.actions import looked_since


class Asked:
    """A request for the first page of `user`, opened at `now`; `all_changes` asks for more than the newest ones."""

    def __init__(self, user: User, now: dt.datetime, *, all_changes: bool = False) -> None:
        self.user = user
        self.now = now
        self.all_changes = all_changes

    @cached_property
    def reach(self) -> Reach:
        """Where the person may act today."""
        return reach_of(self.user)

    @cached_property
    def day(self) -> dt.date:
        """The working day: due dates are judged by it."""
        return working_day()

    @cached_property
    def since(self) -> dt.datetime | None:
        """When the person last looked."""
        return looked_since(self.user, self.now)

    @cached_property
    def open_months(self) -> list[ReportingMonth]:
        """Months that are reported for, newest first."""
        return [month for month in self.months if month.state == PeriodState.OPEN]

    @cached_property
    def months(self) -> list[ReportingMonth]:
        """Every month that was ever opened, newest first."""
        return list(ReportingMonth.objects.exclude(state=PeriodState.PLANNED))

    @cached_property
    def month(self) -> ReportingMonth | None:
        """The newest open month."""
        return self.open_months[0] if self.open_months else None

    @cached_property
    def quarters(self) -> list[ReportingQuarter]:
        """Every quarter that was ever opened, newest first."""
        return list(ReportingQuarter.objects.exclude(state=PeriodState.PLANNED))

    @cached_property
    def open_quarters(self) -> list[ReportingQuarter]:
        """Quarters that are reported for, newest first."""
        return [quarter for quarter in self.quarters if quarter.state == PeriodState.OPEN]

    @cached_property
    def units(self) -> list[ReportingUnit]:
        """The person's own reporting units, in statutory order."""
        held = self.reach.units_as(UNIT_ROLES)
        return list(ReportingUnit.objects.filter(pk__in=held)) if held else []

    @property
    def place(self) -> str:
        """The own units by name."""
        return "、".join(unit.name for unit in self.units)
