"""Every figure of a quarter recomputed from the records in a second, naive way.

Plain loops over rows, on purpose: this shares no code with the indicators, their querysets or the domain's own reads,
so that a mistake there shows here. An inspection's total is added up again from the scores of its items.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from communities.models import Community, ReportingUnit
from core.periods import Quarter
from dashboards.figures import figures_of
from dashboards.verify_construction import RATES as CONSTRUCTION_RATES
from dashboards.verify_construction import project_entries
from dashboards.verify_rows import Entry, Row, holds, places_on, rows_of, stages_by
from facilities.models import Project
from inspections.models import Inspection, ItemScore
from services.models import Organisation, Standardisation

# Indicator, unit's code or all, type or all.
Key = tuple[str, str, str]

STARTED, MAIN_WORKS, BASICALLY_BUILT = 5, 7, 10
_ORGANISATIONS = {
    "party": "party_organisations",
    "autonomous": "autonomous_organisations",
    "social": "social_organisations",
}
_RATES = {"standardised_rate", "inspected_share", *CONSTRUCTION_RATES}


@dataclass
class Total:
    """What was added up for one figure. `denominator` stays None where nothing was ever divided."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal | None = None
    records: int = 0

    def add(self, numerator: Decimal, denominator: Decimal | None) -> None:
        """Add one record."""
        self.numerator += numerator
        self.records += 1
        if denominator is not None:
            self.denominator = (self.denominator or Decimal(0)) + denominator

    def value(self, indicator: str) -> Decimal | None:
        """The figure; None where there is nothing to divide by."""
        if self.denominator is not None:
            return self.numerator / self.denominator * (100 if indicator in _RATES else 1)
        return None if indicator in _RATES or indicator == "average_score" else self.numerator


@dataclass(frozen=True)
class Difference:
    """A figure that is not what its records say."""

    key: Key
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return f"{' '.join(self.key)}: stored {self.stored}, recomputed {self.recomputed}"


def compare(quarter: Quarter) -> tuple[int, list[Difference]]:
    """How many figures the quarter has (every indicator, unit and type, and every “all”), and those that differ."""
    with _one_moment():
        table = figures_of(quarter)
        recomputed = recompute(quarter)
        units = ["all", *ReportingUnit.objects.values_list("code", flat=True)]
    count, found, known = 0, [], set()
    for cell in table.grid(units):
        key = (cell.indicator, cell.unit, cell.type)
        known.add(key)
        count += 1
        total = recomputed.get(key, Total())
        stored = (cell.numerator, cell.denominator or None, cell.records)
        right = (total.numerator, total.denominator, total.records)
        if stored != right or not _same(cell.value, total.value(cell.indicator)):
            found.append(Difference(key, _shown(*stored), _shown(*right)))
    for key in sorted(recomputed.keys() - known):
        total = recomputed[key]
        found.append(Difference(key, "nothing", _shown(total.numerator, total.denominator, total.records)))
    return count, found


@contextmanager
def _one_moment() -> Iterator[None]:
    """Figures and records as they were at one moment, so that somebody who saves meanwhile makes no difference."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _same(stored: Decimal | None, recomputed: Decimal | None) -> bool:
    if stored is None or recomputed is None:
        return stored is recomputed
    # The two divide in a different order.
    return abs(stored - recomputed) < Decimal("1e-9")


def _shown(numerator: Decimal, denominator: Decimal | None, records: int) -> str:
    parts = f"{numerator}" if denominator is None else f"{numerator}/{denominator}"
    return f"{parts} from {records} records"


def recompute(quarter: Quarter) -> dict[Key, Total]:
    """Every figure of the quarter that has a record behind it, and every “all”."""
    day = quarter.last_day
    units: dict[int, str] = {row["id"]: row["code"] for row in ReportingUnit.objects.values("id", "code")}
    places = places_on(day)
    totals: defaultdict[Key, Total] = defaultdict(Total)
    scores = _scores(quarter)
    entries = [
        *_community_entries(day, places, {community for community, _total in scores}),
        *_organisation_entries(day, places),
        *_score_entries(scores, places),
        *project_entries(quarter, places),
    ]
    for indicator, unit, type, numerator, denominator in entries:
        for unit_key in (units[unit], "all"):
            for type_key in (type, "all"):
                totals[indicator, unit_key, type_key].add(numerator, denominator)
    return dict(totals)


def _reached(day: dt.date) -> dict[str, set[int]]:
    """Communities by what their projects have reached."""
    stages = stages_by(day)
    reached: dict[str, set[int]] = {"started": set(), "centres_begun": set(), "centres_built": set()}
    for row in rows_of(Project, "id", "community_id", "kind"):
        stage = stages.get(row["id"], 0)
        if stage >= STARTED:
            reached["started"].add(row["community_id"])
        if row["kind"] == "service_centre" and stage >= MAIN_WORKS:
            reached["centres_begun"].add(row["community_id"])
        if row["kind"] == "service_centre" and stage >= BASICALLY_BUILT:
            reached["centres_built"].add(row["community_id"])
    return reached


def _community_entries(day: dt.date, places: dict[int, Row], inspected: set[int]) -> Iterator[Entry]:
    reached = _reached(day)
    accepted = rows_of(Standardisation, "centre__community_id", "valid_from", "valid_until")
    standardised = {row["centre__community_id"] for row in accepted if holds(row, day)}
    pilots = {
        row["id"]
        for row in rows_of(Community, "id", "pilot_from", "pilot_until")
        if holds(row, day, "pilot_from", "pilot_until")
    }
    one = Decimal(1)
    for community, place in places.items():
        where = (place["unit_id"], place["type"])
        if community in pilots:
            yield ("pilots", *where, one, None)
        if place["population"] == "programme":
            yield ("planned", *where, one, None)
            yield ("inspected_share", *where, Decimal(community in inspected), one)
            for indicator, those in reached.items():
                if community in those:
                    yield (indicator, *where, one, None)
        if place["population"] == "existing":
            yield ("existing", *where, one, None)
            yield ("standardised_rate", *where, Decimal(community in standardised), one)
            if community in standardised:
                yield ("standardised", *where, one, None)


def _organisation_entries(day: dt.date, places: dict[int, Row]) -> Iterator[Entry]:
    for row in rows_of(Organisation, "kind", "community_id", "unit_id", "valid_from", "valid_until"):
        if not holds(row, day):
            continue
        if row["community_id"] is None:
            yield (_ORGANISATIONS[row["kind"]], row["unit_id"], "none", Decimal(1), None)
        elif row["community_id"] in places:
            place = places[row["community_id"]]
            yield (_ORGANISATIONS[row["kind"]], place["unit_id"], place["type"], Decimal(1), None)


def _scores(quarter: Quarter) -> list[tuple[int, Decimal]]:
    """Community and total of each submitted inspection of the quarter, the total from the items."""
    names = ("id", "community_id", "submitted_at", "round__quarter__year", "round__quarter__number")
    submitted = {
        row["id"]: row["community_id"]
        for row in rows_of(Inspection, *names)
        if row["submitted_at"] is not None
        and (row["round__quarter__year"], row["round__quarter__number"]) == (quarter.year, quarter.number)
    }
    totals = dict.fromkeys(submitted, Decimal(0))
    for score in rows_of(ItemScore, "inspection_id", "item__full_marks", "deduction"):
        if score["inspection_id"] in totals:
            totals[score["inspection_id"]] += score["item__full_marks"] - score["deduction"]
    return [(submitted[inspection], total) for inspection, total in totals.items()]


def _score_entries(scores: list[tuple[int, Decimal]], places: dict[int, Row]) -> Iterator[Entry]:
    for community, total in scores:
        if community in places:
            place = places[community]
            yield ("average_score", place["unit_id"], place["type"], total, Decimal(1))
