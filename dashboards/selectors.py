"""What the pages of figures share: which quarter, whose figures, and where a number leads."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import CITY_ROLES, EVERYBODY
from communities.scoping import reach_of
from core.periods import Quarter
from dashboards.facts import ALL
from dashboards.figures import FigureTable, figures_of_each
from dashboards.indicators import REGISTRY
from dashboards.models import CellType, Display, Figure
from dashboards.rollup import Backlog, backlog
from facilities.calendar import present_day
from facilities.models import ProgressReport

TENTH = Decimal("0.1")
TYPE_LABELS = dict(CellType.choices)


@dataclass(frozen=True)
class Sight:
    """Whose figures a person sees one by one in a quarter: those of `shown`; the city's totals always.

    `city` tells whether the person sees the records of the whole city. Until a quarter is published, a unit's
    people see their own unit beside the city's totals.
    """

    city: bool
    published: bool
    own: Sequence[ReportingUnit]
    shown: Sequence[ReportingUnit]

    @property
    def everything(self) -> bool:
        """Whether every unit's figures are shown."""
        return self.city or self.published

    def shows(self, code: str) -> bool:
        """Whether the figures of the unit with this code are shown."""
        return any(unit.code == code for unit in self.shown)


def sight_of(user: Any, quarter: ReportingQuarter, units: Sequence[ReportingUnit]) -> Sight:
    """What `user` sees of `quarter`. The same rule narrows `Figure.objects.visible_to(user)`."""
    reach = reach_of(user)
    city = bool(reach.city & CITY_ROLES)
    published = quarter.published_on is not None
    held = set(reach.units_as(EVERYBODY))
    own = [unit for unit in units if unit.pk in held]
    return Sight(city, published, own, list(units) if city or published else own)


@dataclass(frozen=True)
class Period:
    """A quarter as a page shows it, among those that were ever opened, oldest first."""

    row: ReportingQuarter
    rows: Sequence[ReportingQuarter]

    @property
    def quarter(self) -> Quarter:
        """The calendar quarter."""
        return self.row.quarter

    @property
    def title(self) -> str:
        """2013 年第四季度."""
        return self.quarter.title

    @property
    def state(self) -> str:
        """Published; closed, which nothing changes any more but nobody has published; or else 未定稿."""
        if self.row.published_on:
            return str(_("已公布"))
        return str(_("已关闭，未公布") if self.row.state == "closed" else _("未定稿"))

    def row_of(self, quarter: Quarter) -> ReportingQuarter | None:
        """The row of a quarter, if it was ever opened."""
        return next((row for row in self.rows if row.quarter == quarter), None)

    @property
    def is_present(self) -> bool:
        """Whether it is the quarter that is shown unless another is asked for: what waits now stands there alone."""
        return self.row == present_of(self.rows)

    @property
    def before(self) -> ReportingQuarter | None:
        """The calendar quarter before, which figures are compared with."""
        return self.row_of(self.quarter.previous())

    @property
    def after(self) -> ReportingQuarter | None:
        """The calendar quarter after."""
        return self.row_of(self.quarter.next())

    @property
    def year(self) -> list[Quarter]:
        """The four quarters of the year."""
        return [Quarter(self.quarter.year, number) for number in (1, 2, 3, 4)]


def present_of(rows: Sequence[ReportingQuarter]) -> ReportingQuarter | None:
    """The newest open quarter, or else the newest; None without any. `rows` are oldest first."""
    still_open = [row for row in rows if row.state == "open"]
    return next(reversed(still_open or rows), None)


def period_of(name: str) -> Period | None:
    """The period called `name` (`2013Q4`). Without a name the current one: the newest open quarter, or else the newest.

    None where no quarter was ever opened. Raises LookupError for a name that is none. One query.
    """
    rows = list(ReportingQuarter.objects.exclude(state="planned").chronological())
    if not name:
        chosen = present_of(rows)
        return Period(chosen, rows) if chosen else None
    try:
        wanted = Quarter.parse(name)
    except ValueError as error:
        raise LookupError(name) from error
    for row in rows:
        if row.quarter == wanted:
            return Period(row, rows)
    raise LookupError(name)


@dataclass(frozen=True)
class Tables:
    """Figures of several quarters: the whole city's, and those cells that the person may see one by one."""

    city: Mapping[Quarter, FigureTable]
    cells: Mapping[Quarter, FigureTable]


def tables_of(user: Any, quarters: Sequence[Quarter]) -> Tables:
    """Two queries; two more for somebody who does not see the whole city."""
    city = figures_of_each(quarters)
    if reach_of(user).city & CITY_ROLES:
        return Tables(city, city)
    return Tables(city, figures_of_each(quarters, Figure.objects.visible_to(user)))


@dataclass(frozen=True)
class State:
    """How far the figures of a quarter have come. `token` changes whenever the page of them would.

    That is with the figures, with what waits for them (which every edit of a project does), with the newest decision
    on a report, with the day, and where ranking is switched on or off.
    """

    token: str
    backlog: Backlog
    ranks: bool
    # Up to when plans are judged.
    day: dt.date


def state_of(period: Period | None) -> State:
    """The present state: what a page that keeps itself fresh asks for. Seven queries."""
    day = present_day()
    if period is None:
        return State("none", Backlog(0, 0), True, day)
    newest: dt.datetime | None = period.row.figures.aggregate(newest=Max("computed_at"))["newest"]
    waits = backlog()
    ranks = Display.objects.all().ranks()
    decided: dt.datetime | None = ProgressReport.objects.aggregate(newest=Max("reviewed_at"))["newest"]
    stamps = [f"{moment.timestamp() if moment else 0:.6f}" for moment in (newest, decided)]
    parts = [period.quarter, *stamps, waits.pending, waits.parked, day, int(ranks)]
    # A digest: when another unit's report was decided on is nobody's to read out of the page.
    token = hashlib.sha256("-".join(map(str, parts)).encode()).hexdigest()[:20]
    return State(token, waits, ranks, min(day, period.quarter.last_day))


def facts_url(quarter: Quarter, indicator: str, unit: str = ALL, type: str = ALL, kind: str = ALL, **more: str) -> str:
    """Where a number leads: the list of the facts that make it; of projects all, or those of one kind."""
    query = {"unit": unit, "type": type, "kind": kind}
    asked = {name: value for name, value in query.items() if value != ALL} | more
    address = reverse("dashboards:facts", args=[str(quarter), indicator])
    return f"{address}?{urlencode(asked)}" if asked else address


def leader_url(quarter: Quarter, **more: str) -> str:
    """The leadership page of a quarter."""
    return f"{reverse('dashboards:leader')}?{urlencode({'quarter': str(quarter), **more})}"


def shown_value(value: Decimal | None) -> Decimal | None:
    """A rate or a score as it is shown, with one decimal; comparing what is shown keeps the page consistent."""
    return None if value is None else value.quantize(TENTH, rounding=ROUND_HALF_UP)


def difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """How much a shown value moved; None where there is nothing to compare with."""
    return None if now is None or before is None else now - before


def label_of(indicator: str) -> str:
    """The name of an indicator."""
    return str(REGISTRY[indicator].label)
