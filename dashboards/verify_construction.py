"""The figures of projects, their money and their reports, recomputed in the same naive way (see `verify`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from communities.models import ReportingMonth
from core.periods import Quarter
from dashboards.verify_rows import Entry, Row, places_on, rows_of, stages_by
from dashboards.verify_rules import judged, last_day_of
from facilities.models import ProgressReport, Project
from facilities.percent_ranges import PERCENT_OF_STAGE

RATES = {
    "started_rate",
    "built_rate",
    "invested_rate",
    "arrived_rate",
    "report_timeliness",
    "report_completeness",
}
STEPS = {"projects_started": 5, "projects_main_works": 7, "projects_built": 10, "projects_in_use": 12}
SOURCES = ("central", "province", "city", "county", "social")
_REPORT = (
    ("id", "project_id", "month__year", "month__number", "revision", "state", "is_late", "stage", "stage_on")
    + ("stage_basis", "stage_event_id", "percent", "text", "explanation", "invested")
    + tuple(f"{kind}_{source}" for kind in ("arrived", "paid") for source in SOURCES)
)
Months = dict[tuple[int, int], Row]
Then = dict[tuple[int, int], tuple[set[int], dict[int, int]]]


def project_entries(quarter: Quarter, places: dict[int, Row]) -> Iterator[Entry]:
    """What each project adds; `places` are those of the quarter's last day."""
    stages, reports, rules = stages_by(quarter.last_day), _standing(), judged(quarter)
    expected_then = _expected_then(quarter)
    funds = tuple(f"fund_{source}" for source in SOURCES)
    for project in rows_of(Project, "id", "community_id", "kind", "invested_before", "registered_on", *funds):
        key, place = project["id"], places.get(project["community_id"])
        if place is None:
            continue
        parts: list[Part] = []
        filed = reports.get(key, {})
        if place["population"] == "programme":
            parts += [*_steps(project["kind"], stages.get(key, 0)), *_money(quarter, project, filed)]
            parts += [(code, Decimal(1), None) for code, those in rules.items() if key in those]
        parts += _filing(project, filed, expected_then)
        for code, numerator, denominator in parts:
            yield (code, place["unit_id"], place["type"], numerator, denominator)


def _expected_then(quarter: Quarter) -> Then:
    """By opened month: the communities that stood somewhere on its last day, and where each project stood then."""
    days = {month: last_day_of(*month) for month in _opened(quarter)}
    return {month: (set(places_on(day)), stages_by(day)) for month, day in days.items()}


Part = tuple[str, Decimal, Decimal | None]


def _steps(kind: str, stage: int) -> Iterator[Part]:
    one = Decimal(1)
    yield (f"projects_at_{stage}", one, None)
    for code, step in {"projects": 0, **STEPS}.items():
        if stage >= step:
            yield (code, one, None)
            # Codes are `clinic_projects` beside `projects`, `clinic_built` beside `projects_built`.
            yield (f"{kind}_{code.removeprefix('projects_')}", one, None)
    yield ("started_rate", Decimal(stage >= STEPS["projects_started"]), one)
    yield ("built_rate", Decimal(stage >= STEPS["projects_built"]), one)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _money(quarter: Quarter, project: Row, filed: Months) -> Iterator[Part]:
    last = (quarter.year, quarter.number * 3)
    approved = {month: row for month, row in filed.items() if month <= last and row["state"] == "approved"}
    newest = approved[max(approved)] if approved else None
    planned = _sum(project[f"fund_{source}"] for source in SOURCES)
    invested = _sum([project["invested_before"], *(row["invested"] for row in approved.values())])
    arrived, paid = (
        _sum(newest[f"{kind}_{source}"] for source in SOURCES) if newest else None for kind in ("arrived", "paid")
    )
    sums = {"funds_planned": planned, "invested": invested, "funds_arrived": arrived, "funds_paid": paid}
    for source in SOURCES:
        sums[f"funds_planned_{source}"] = project[f"fund_{source}"]
        for kind in ("arrived", "paid"):
            sums[f"funds_{kind}_{source}"] = newest[f"{kind}_{source}"] if newest else None
    for code, amount in sums.items():
        if amount is not None:
            yield (code, amount, None)
    if planned is not None:
        yield ("invested_rate", invested or Decimal(0), planned)
        yield ("arrived_rate", arrived or Decimal(0), planned)


def _filing(project: Row, filed: Months, then: Then) -> Iterator[Part]:
    expected = [
        month
        for month, (there, _stages) in then.items()
        if project["community_id"] in there and project["registered_on"] <= last_day_of(*month)
    ]
    if not expected:
        return
    handed_in = {month: filed[month] for month in expected if month in filed and filed[month]["state"] != "draft"}
    late = sum(row["is_late"] for row in handed_in.values())
    if late:
        yield ("late_reports", Decimal(late), None)
    yield ("report_timeliness", Decimal(len(handed_in) - late), Decimal(len(expected)))
    filled, required = 0, 3 * len(expected)
    for month, row in handed_in.items():
        filled += 1 + (row["percent"] is not None) + (row["text"] != "")
        if row["stage_event_id"] is not None or row["stage"] != then[month][1].get(project["id"], 0):
            required += 2
            filled += (row["stage_on"] is not None) + (row["stage_basis"] != "")
        low, high = PERCENT_OF_STAGE[row["stage"]]
        if row["percent"] is not None and not low <= row["percent"] <= high:
            required += 1
            filled += row["explanation"] != ""
    yield ("report_completeness", Decimal(filled), Decimal(required))


def _opened(quarter: Quarter) -> list[tuple[int, int]]:
    """The quarter's months that were ever opened."""
    months = [(row["year"], row["number"], row["state"]) for row in rows_of(ReportingMonth, "year", "number", "state")]
    numbers = range(quarter.number * 3 - 2, quarter.number * 3 + 1)
    return [
        (year, number)
        for year, number, state in months
        if state != "planned" and year == quarter.year and number in numbers
    ]


def _standing() -> dict[int, Months]:
    """By project and month the report that stands: the last approved revision, or the first while none is."""
    found: defaultdict[int, Months] = defaultdict(dict)
    for row in sorted(rows_of(ProgressReport, *_REPORT), key=lambda row: row["revision"]):
        if row["state"] == "approved" or row["revision"] == 1:
            found[row["project_id"]][row["month__year"], row["month__number"]] = row
    return found
