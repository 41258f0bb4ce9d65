"""How complete and how timely the units' monthly reports are: computed from their content, each number with its list.

A month's table has a row for each unit that the person may see one by one, and one for the whole city. People of a
unit see their own row and the city's: what others have filed is nobody's business but the city office's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from communities.models import Placement, ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import CITY_ROLES, UNIT_ROLES, Role
from communities.scoping import reach_of
from core.periods import Month
from dashboards.figures import FigureTable
from dashboards.indicators.base import months_of
from dashboards.selectors import facts_url, tables_of
from facilities.models import ProgressReport, Project, ReportState
from facilities.report_forms import EVERY_UNIT
from facilities.report_reads import UnitProgress, unit_progress

INSPECTED = "inspected_share"
COMPLETENESS, TIMELINESS, LATE = "report_completeness", "report_timeliness", "late_reports"


@dataclass(frozen=True)
class Part:
    """n of d; `rate` is shown beside them, never alone."""

    part: int
    whole: int
    url: str = ""


@dataclass(frozen=True)
class Count:
    """A number with the list of what it counts; without an address where the list is not this person's."""

    value: int
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One unit's month, or the city's. The four states and what is missing add up to what is expected."""

    name: str
    code: str
    expected: Count
    filed: Count
    approved: Count
    waiting: Count
    returned: Count
    missing: Count
    late: Count
    completeness: Part
    timeliness: Part
    overdue: bool


@dataclass(frozen=True)
class MonthTable:
    """A month by unit."""

    month: ReportingMonth
    rows: Sequence[Row]
    total: Row
    url: str
    overdue_days: int

    @property
    def lines(self) -> list[Row]:
        """The units and the city, as an export lists them."""
        return [*self.rows, self.total]


def reports_url(
    month: ReportingMonth | None = None, counted_in: str = "", state: str = "", *, late: bool = False
) -> str:
    """The list of the reports that a number counts: with a month one of each project, as completeness counts them.

    `counted_in` is the code of the unit where their communities counted on the month's last day, or `all`.
    """
    counted = "" if month is None else "yes" if state or late else "filed"
    asked: dict[str, Any] = {"month": month.pk if month else "", "state": state, "counted": counted}
    asked["counted_in"] = counted_in
    asked["late"] = "true" if late else ""
    given = {name: value for name, value in asked.items() if value}
    return f"{reverse('facilities:reports')}?{urlencode(given)}" if given else reverse("facilities:reports")


def period_url(**asked: str) -> str:
    """The page of completeness for a month, a quarter, or what is missing in a unit."""
    return f"{reverse('dashboards:completeness')}?{urlencode(asked)}"


@dataclass(frozen=True)
class Sight:
    """Whose rows a person sees one by one, and which of their numbers lead to a list that holds the same records."""

    shown: Sequence[ReportingUnit]
    lists: frozenset[str]
    everything: bool
    leader: bool
    # Units from which communities have moved since: their own people see no longer all that the number counts.
    left: frozenset[str] = frozenset()

    def opens(self, field: str, code: str) -> bool:
        """Whether the list behind a number (a unit's by its code, the city's by "") is this person's to read."""
        if self.everything or code in self.lists - self.left:
            return True
        return self.leader and field in ("approved", "missing")


def sight_of(user: Any, units: Sequence[ReportingUnit]) -> Sight:
    """All units for city roles, their own for people of a unit."""
    reach = reach_of(user)
    held = set(reach.units_as(UNIT_ROLES))
    own = [unit for unit in units if unit.pk in held]
    return Sight(
        shown=list(units) if reach.city & CITY_ROLES else own,
        lists=frozenset(unit.code for unit in own),
        everything=Role.CITY_OFFICE in reach.city,
        leader=Role.LEADER in reach.city,
    )


def month_table(month: ReportingMonth, units: Sequence[ReportingUnit], sight: Sight, day: dt.date) -> MonthTable:
    """The month as it is on `day`: rows of the units in `sight`, and the sum of all `units`.

    Two queries, three for people of a unit.
    """
    progress = {row.unit.pk: row for row in unit_progress(month, units)}
    if sight.lists and not sight.everything:
        sight = replace(sight, left=_left_since(month.month.last_day, sight.shown))
    overdue = max(0, (day - month.due_on).days)
    rows = [_row(month, unit.short_name, unit.code, [progress[unit.pk]], sight, overdue) for unit in sight.shown]
    total = _row(month, _("全市"), "", list(progress.values()), sight, overdue)
    return MonthTable(month, rows, total, period_url(month=str(month)), overdue)


def _left_since(day: dt.date, units: Sequence[ReportingUnit]) -> frozenset[str]:
    """Codes of the units in which communities counted on `day` that count elsewhere now."""
    newest = Placement.objects.newest().filter(community=OuterRef("community")).values("unit")[:1]
    rows = Placement.objects.on_day(day).filter(unit__in=units).exclude(unit=Subquery(newest))
    return frozenset(rows.values_list("unit__code", flat=True))


def _row(month: ReportingMonth, name: str, code: str, parts: Sequence[UnitProgress], sight: Sight, overdue: int) -> Row:
    def of(field: str) -> int:
        return sum(getattr(part, field) for part in parts)

    def cell(field: str, url: str) -> Count:
        return Count(of(field), url if sight.opens(field, code) else "")

    place = code or EVERY_UNIT
    missing = cell("missing", period_url(month=str(month), missing=place))
    return Row(
        name,
        code,
        expected=Count(of("expected")),
        filed=cell("filed", reports_url(month, place)),
        approved=cell("approved", reports_url(month, place, "approved")),
        waiting=cell("waiting", reports_url(month, place, "submitted")),
        returned=cell("returned", reports_url(month, place, "returned")),
        missing=missing,
        late=cell("late", reports_url(month, place, late=True)),
        completeness=Part(of("filled"), of("required")),
        timeliness=Part(of("on_time"), of("expected")),
        overdue=bool(overdue and missing.value),
    )


@dataclass(frozen=True)
class QuarterRow:
    """One unit's quarter: its three months side by side, and as figures the whole of it and what was inspected."""

    name: str
    names: Sequence[Month]
    months: Sequence[Row | None]
    completeness: Part
    timeliness: Part
    late: Count
    inspected: Part

    @property
    def named(self) -> list[tuple[Month, Row | None]]:
        """Each month with its row."""
        return list(zip(self.names, self.months, strict=True))


@dataclass(frozen=True)
class QuarterTable:
    """A quarter by unit; `tables` has None for a month that was never opened."""

    quarter: ReportingQuarter
    names: Sequence[Month]
    tables: Sequence[MonthTable | None]
    rows: Sequence[QuarterRow]
    total: QuarterRow

    @property
    def lines(self) -> list[QuarterRow]:
        """The units and the city, as an export lists them."""
        return [*self.rows, self.total]


def quarter_table(quarter: ReportingQuarter, months: Sequence[ReportingMonth], user: Any, day: dt.date) -> QuarterTable:
    """The quarter as `user` may see it; `months` are those that were ever opened."""
    units = list(ReportingUnit.objects.all())
    sight = sight_of(user, units)
    names = months_of(quarter.quarter)
    opened = {row.month: row for row in months}
    tables = [month_table(opened[name], units, sight, day) if name in opened else None for name in names]
    figures = tables_of(user, [quarter.quarter])
    rows = []
    for place, unit in enumerate(sight.shown):
        own = [table.rows[place] if table else None for table in tables]
        rows.append(_quarter_row(unit.short_name, names, own, figures.cells[quarter.quarter], unit.code))
    whole = [table.total if table else None for table in tables]
    total = _quarter_row(_("全市"), names, whole, figures.city[quarter.quarter], "all")
    return QuarterTable(quarter, names, tables, rows, total)


def _quarter_row(
    name: str, names: Sequence[Month], months: Sequence[Row | None], figures: FigureTable, unit: str
) -> QuarterRow:
    def part(code: str) -> Part:
        cell = figures.cell(code, unit)
        return Part(int(cell.numerator), int(cell.denominator or 0), facts_url(figures.quarter, code, unit))

    late = Count(int(figures.cell(LATE, unit).numerator), facts_url(figures.quarter, LATE, unit))
    return QuarterRow(name, names, months, part(COMPLETENESS), part(TIMELINESS), late, part(INSPECTED))


def missing_projects(user: Any, month: ReportingMonth, unit: ReportingUnit | None) -> Any:
    """Projects of which nothing was handed in for `month`: of the unit in which they counted on its last day.

    Only those the person sees; None for every unit. Adds `begun`: whether somebody has begun to fill in.
    """
    placed = Placement.objects.on_day(month.month.last_day).filter(community=OuterRef("community"))
    if unit is not None:
        placed = placed.filter(unit=unit)
    reports = ProgressReport.objects.of_month(month).filter(project=OuterRef("pk"))
    handed_in = reports.exclude(state=ReportState.DRAFT)
    rows = Project.objects.visible_to(user).expected_in(month).filter(Exists(placed)).exclude(Exists(handed_in))
    drafts = reports.begun().filter(pk__in=ProgressReport.objects.visible_to(user).values("pk"))
    rows = rows.with_place().annotate(begun=Exists(drafts)).select_related("community")
    return rows.order_by("place_order", "community__pinyin", "community", "kind", "pk")  # type: ignore[misc]
