"""Counts beside the entries of the navigation: work that waits for this person. One query each, on every page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DateField, Exists, F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from communities.models import PeriodState, Placement, ReportingMonth, SampleDay
from communities.roles import Role
from communities.scoping import reach_of
from core.periods import today
from facilities.models import ProgressReport, Project, ReportState


@dataclass(frozen=True)
class Waiting:
    """How much waits, and whether some of it is overdue."""

    number: int = 0
    overdue: bool = False


class DayAfterMonth(Func):
    """The first day after the month of a year and a number."""

    template = "(MAKE_DATE(%(expressions)s, 1) + INTERVAL '1 month')::date"
    output_field = DateField()


def to_fill_in(user: Any) -> Waiting:
    """Projects of the own units of which no report is submitted for an open month; one that came back is not."""
    if not reach_of(user).units_as({Role.COUNTY_ENTRY}):
        return Waiting()
    rows = (
        ReportingMonth.objects.filter(state=PeriodState.OPEN)
        .annotate(
            after=DayAfterMonth(F("year"), F("number")),
            day=Coalesce(Subquery(SampleDay.objects.values("day")[:1]), Value(today(), output_field=DateField())),
        )
        .annotate(open=Coalesce(Subquery(_unfilled(user)), 0))
        .values_list("open", "due_on", "day")
    )
    found: list[tuple[int, dt.date, dt.date]] = list(rows)
    return Waiting(sum(row[0] for row in found), any(number and due < day for number, due, day in found))


def _unfilled(user: Any) -> Any:
    """How many there are in the outer month."""
    after = OuterRef(OuterRef("after"))
    placed = Placement.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=after), community=OuterRef("community"), valid_from__lt=after
    )
    reports = ProgressReport.objects.filter(project=OuterRef("pk"), month=OuterRef(OuterRef("pk")))
    filed = reports.filter(state__in=[ReportState.SUBMITTED, ReportState.APPROVED])
    expected = Q(Exists(placed), registered_on__lt=OuterRef("after"))
    rows = Project.objects.reached_as(user, {Role.COUNTY_ENTRY}).filter(expected)
    rows = rows.filter(~Exists(filed)).order_by()
    return rows.annotate(one=Value(1)).values("one").annotate(number=Count("pk")).values("number")


def to_review(user: Any) -> Waiting:
    """Reports that the person may approve or return today."""
    reach = reach_of(user)
    if not (reach.units_as({Role.COUNTY_REVIEWER}) or Role.CITY_OFFICE in reach.city):
        return Waiting()
    return Waiting(ProgressReport.objects.reviewable_by(user).count())
