"""Reads the facts of one indicator for one person: the list as asked for, its sums, and the proof that they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When

from communities.models import Community, ReportingUnit
from core.formats import decimal, rate, thousands
from core.periods import Quarter
from dashboards.facts import ALL, narrow
from dashboards.figures import Cell
from dashboards.indicators import Indicator, Sort
from dashboards.indicators.base import Rows
from dashboards.selectors import TYPE_LABELS, Period, Sight, Tables, shown_value
from facilities.models import Project
from inspections.models import Inspection
from services.models import Organisation

# How a list may be ordered, by the name in the address; what is meant depends on the subject.
SORTS = ("name", "unit", "type", "on", "amount")
NAMES: Mapping[type, str] = {
    Community: "pinyin",
    Organisation: "name",
    Inspection: "community__pinyin",
    Project: "community__pinyin",
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `counted` is empty, `yes` or `no`; `since` is empty, `new` or `gone`.

    `gone` are those that counted last quarter and count no more; what is counted now does not matter then.
    """

    unit: str = ALL
    type: str = ALL
    kind: str = ALL
    counted: str = ""
    since: str = ""
    q: str = ""
    sort: str = ""
    page: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether only part of the list is asked for."""
        return any(place != ALL for place in (self.unit, self.type, self.kind)) or bool(self.since) or bool(self.q)


@dataclass(frozen=True)
class Check:
    """Whether the facts, added up one by one, make the stored figure. `whose` is empty for the city."""

    listed: str
    stored: str
    agrees: bool
    whose: str


def text_of(indicator: Indicator, cell: Cell) -> str:
    """A figure as it is read: 82, 71.5%, 88.3."""
    return text_from(indicator, cell.numerator, cell.denominator)


def text_from(indicator: Indicator, numerator: Decimal, denominator: Decimal | None) -> str:
    if indicator.sort is Sort.SUM:
        return decimal(numerator, indicator.places)
    if indicator.sort is Sort.RATE:
        return rate(numerator, denominator)
    value = shown_value(indicator.value(numerator, denominator))
    return "—" if value is None else decimal(value, 1)


def base_text(indicator: Indicator, whole: Decimal | None) -> str:
    """What is divided by; a mean's are counted, whatever the parts of its sum are."""
    return thousands(whole) if indicator.sort is Sort.MEAN else decimal(whole, indicator.places)


class FactsReader:
    """Reads one indicator in one quarter for one person."""

    def __init__(self, user: Any, period: Period, indicator: Indicator, sight: Sight, asked: Asked) -> None:
        self.user, self.period, self.indicator, self.sight, self.asked = user, period, indicator, sight, asked
        self.quarter = period.quarter

    def visible(self, rows: Rows) -> Rows:
        """The facts of the person's own units, as they were then: the same that `check` adds up.

        A record that has left since is among them, though its page is no longer the person's to open. Who holds no
        unit (at a community, or the whole city) lists the subjects that they may see.
        """
        if self.sight.city or not self.sight.own:
            return rows.visible_to(self.user)
        return rows.filter(fact_unit__in=[unit.pk for unit in self.sight.own])

    def openable(self, records: Sequence[Any]) -> set[int]:
        """Keys of those records whose own page the person may open today. One query, none for people of the city."""
        keys = [record.pk for record in records]
        if self.sight.city or not keys:
            return set(keys)
        subjects: Rows = self.indicator.subject._default_manager.filter(pk__in=keys)
        return set(subjects.visible_to(self.user).values_list("pk", flat=True))

    def hidden(self, listed: int) -> int | None:
        """How many facts of the list asked for stand outside what the person may see.

        None where that is not told: a search must not tell what others have, nor may the inspections that are not
        yet submitted be counted. One query, none for people of the city.
        """
        if self.sight.city:
            return 0
        asked = self.asked
        if asked.q.strip() or (asked.counted == "no" and self.indicator.sort is Sort.MEAN):
            return None
        if asked.since and not self.may_compare:
            return None
        there: int = self.whole().order_by().count()
        return max(there - listed, 0)

    def whole(self) -> Rows:
        """Counted, or not counted, of what is asked for, whoever may see it."""
        asked = self.asked
        if asked.since == "gone":
            rows = self._without(self.quarter.previous(), self.quarter)
        elif asked.since == "new":
            rows = self._without(self.quarter, self.quarter.previous())
        elif asked.counted == "no":
            rows = self.indicator.candidates(self.quarter)
            rows = rows.filter(counted=False) if self.indicator.has_candidates else rows.none()
        else:
            rows = self.indicator.contributions(self.quarter)
            rows = rows.filter(counted=True) if asked.counted == "yes" else rows
        return self._narrow(rows)

    def _narrow(self, rows: Rows) -> Rows:
        return narrow(rows, self.asked.unit, self.asked.type, self.asked.kind)

    def _without(self, quarter: Quarter, other: Quarter) -> Rows:
        """What counted in one quarter and not in the other."""
        others = self.indicator.contributions(other).filter(counted=True)
        return self.indicator.contributions(quarter).filter(counted=True).exclude(pk__in=others.values("pk"))

    def turnover(self) -> tuple[int, int]:
        """How many of what is asked for are new, and how many count no more. Two queries."""
        before, now = self.quarter.previous(), self.quarter
        pairs = ((now, before), (before, now))
        new, gone = (self._narrow(self._without(*pair)).order_by() for pair in pairs)
        return new.count(), gone.count()

    @property
    def may_compare(self) -> bool:
        """Whether this person may learn last quarter's figure of the place asked for: a change would tell it."""
        unit, row = self.asked.unit, self.period.before
        known = self.sight.city or unit == ALL or any(own.code == unit for own in self.sight.own)
        return known or (row is not None and row.published_on is not None)

    @property
    def dated(self) -> Quarter:
        """The quarter that the listed facts are of."""
        return self.quarter.previous() if self.asked.since == "gone" else self.quarter

    def found(self) -> Rows:
        """The list as asked for."""
        rows, asked = self.visible(self.whole()), self.asked
        if not asked.q.strip():
            return rows
        if self.indicator.subject is Inspection:
            return rows.filter(community__in=Community.objects.search(asked.q))
        return rows.search(asked.q)

    def ordered(self, rows: Rows, units: Sequence[ReportingUnit]) -> Rows:
        """With evidence, in the order asked for; by date, newest first, unless asked otherwise."""
        name = NAMES[self.indicator.subject]
        asked = self.sorted_by
        fields: dict[str, Any] = {
            "name": F(name),
            "unit": Case(
                *(When(fact_unit=unit.pk, then=Value(unit.order)) for unit in units),
                default=Value(0),
                output_field=IntegerField(),
            ),
            "type": F("fact_type"),
            "on": F("evidence_on"),
            "amount": F("numerator") if self.asked.counted != "no" else F("evidence_on"),
        }
        field = fields[asked.lstrip("-")]
        order = field.desc(nulls_last=True) if asked.startswith("-") else field.asc(nulls_last=True)
        if self.indicator.subject in (Inspection, Project):
            rows = rows.select_related("community")
        return self.indicator.with_evidence(rows, self.dated).order_by(order, name, "pk")

    @property
    def sorted_by(self) -> str:
        """The order in force."""
        known = self.asked.sort if self.asked.sort.lstrip("-") in SORTS else ""
        return known or ("name" if self.asked.counted == "no" else "-on")

    def sums(self, rows: Rows) -> tuple[int, Decimal, Decimal | None]:
        """How many, and what they add up to."""
        if self.asked.counted == "no":
            count = rows.order_by().count()
            return count, Decimal(count), None
        found = rows.order_by().aggregate(n=Count("pk"), part=Sum("numerator"), whole=Sum("denominator"))
        return found["n"], found["part"] or Decimal(0), found["whole"]

    def counts(self) -> tuple[int, int]:
        """How many of what is asked for count, and how many of the population do not."""
        rows = self.visible(self._narrow(self.indicator.candidates(self.quarter)))
        found = rows.order_by().aggregate(
            yes=Count("pk", filter=Q(counted=True)), no=Count("pk", filter=Q(counted=False))
        )
        return found["yes"], found["no"]

    def check(self, tables: Tables) -> Check | None:
        """Adds the facts up in every cell that the person may see, and compares with what is stored."""
        own = None if self.sight.city else {unit.pk: unit.code for unit in self.sight.own}
        if own is not None and not own:
            return None
        rows = self.indicator.contributions(self.quarter)
        if own is not None:
            rows = rows.filter(fact_unit__in=own)
        groups = (
            rows.order_by()
            .values_list("fact_unit", "fact_type")
            .annotate(part=Sum("numerator"), whole=Sum("denominator"))
        )
        table = tables.cells[self.quarter]
        codes = own if own is not None else dict(ReportingUnit.objects.values_list("pk", "code"))
        fresh = {(codes[unit], type): (part, whole) for unit, type, part, whole in groups}
        stored = {
            (code, type): (cell.numerator, cell.denominator)
            for code in codes.values()
            for type in TYPE_LABELS
            if (cell := table.cell(self.indicator.code, code, type)).records
        }
        return Check(
            listed=self._added(fresh),
            stored=self._added(stored),
            agrees=fresh == stored,
            whose="" if own is None else "、".join(unit.short_name for unit in self.sight.own),
        )

    def _added(self, cells: Mapping[tuple[str, str], tuple[Decimal, Decimal | None]]) -> str:
        part = sum((numerator for numerator, _whole in cells.values()), Decimal(0))
        wholes = [whole for _part, whole in cells.values() if whole is not None]
        return text_from(self.indicator, part, sum(wholes, Decimal(0)) if self.indicator.sort is not Sort.SUM else None)
