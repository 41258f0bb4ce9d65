"""Lights and ordering rules of projects, judged again in the same naive way (see `verify`)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict

from communities.models import ReportingMonth
from core.periods import Quarter
from dashboards.verify_rows import Row, rows_of, stages_by
from facilities.models import (
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    PlannedStage,
    ProgressReport,
    Project,
    RedMark,
    StageEvent,
)

STARTED, BASICALLY_BUILT = 5, 10
STEPS = {"sited": 1, "started": STARTED}
_PROJECT = ("id", "community_id", "kind", "position", "is_platform")


def judged(quarter: Quarter) -> dict[str, set[int]]:
    """The projects that each indicator of this kind counts, of whichever population."""
    day, projects = _judged_on(quarter), list(rows_of(Project, *_PROJECT))
    lights = _lights(day, projects)
    return {
        **{
            f"{code}_lights": {key for key, light in lights.items() if light == code}
            for code in ("yellow", "red", "green", "not_due", "unknown")
        },
        "once_red": {
            row["project_id"] for row in rows_of(RedMark, "project_id", "red_on") if row["red_on"] <= quarter.last_day
        },
        "out_of_order": _out_of_order(quarter.last_day, projects),
    }


def last_day_of(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _judged_on(quarter: Quarter) -> dt.date:
    rows = rows_of(ReportingMonth, "year", "number", "state")
    opened = [last_day_of(row["year"], row["number"]) for row in rows if row["state"] != "planned"]
    return min([quarter.last_day, max(opened)]) if opened else quarter.last_day


def _plans(day: dt.date, stage: int) -> dict[int, dt.date | None]:
    """For when each project's step was planned, as far as was known on a day."""
    latest: dict[int, tuple[dt.date, int, dt.date | None]] = {}
    for row in rows_of(PlannedStage, "id", "project_id", "stage", "planned_on", "holds_from"):
        holds = row["holds_from"] or dt.date.min
        if row["stage"] == stage and holds <= day:
            best = latest.get(row["project_id"])
            if best is None or (holds, row["id"]) > best[:2]:
                latest[row["project_id"]] = (holds, row["id"], row["planned_on"])
    return {project: planned for project, (_holds, _pk, planned) in latest.items()}


def _percents(day: dt.date) -> dict[int, int]:
    """The percentage of each project's newest approved report of a month that was over."""
    latest: dict[int, tuple[tuple[int, int, int], int]] = {}
    names = ("project_id", "month__year", "month__number", "revision", "state", "percent")
    for row in rows_of(ProgressReport, *names):
        rank = (row["month__year"], row["month__number"], row["revision"])
        if row["state"] != "approved" or last_day_of(*rank[:2]) > day:
            continue
        if row["project_id"] not in latest or rank > latest[row["project_id"]][0]:
            latest[row["project_id"]] = (rank, row["percent"])
    return {project: percent for project, (_rank, percent) in latest.items()}


def _lights(day: dt.date, projects: list[Row]) -> dict[int, str]:
    names = ("valid_from", "yellow_points", "red_points", "start_red_days", "finish_red_days")
    sets = [row for row in rows_of(LightThreshold, *names) if row["valid_from"] <= day]
    if not sets:
        return {project["id"]: "unknown" for project in projects}
    limits = max(sets, key=lambda row: row["valid_from"])
    stages, starts, finishes = stages_by(day), _plans(day, STARTED), _plans(day, BASICALLY_BUILT)
    percents = _percents(day)
    return {
        key: _light(day, limits, stages.get(key, 0), starts.get(key), finishes.get(key), percents.get(key))
        for key in (project["id"] for project in projects)
    }


def _light(
    day: dt.date, limits: Row, stage: int, start: dt.date | None, finish: dt.date | None, percent: int | None
) -> str:
    if stage >= BASICALLY_BUILT:
        return "green"
    if finish is not None and day > finish:
        return "red" if (day - finish).days >= limits["finish_red_days"] else "yellow"
    if stage < STARTED:
        if start is None:
            return "unknown"
        if day <= start:
            return "not_due"
        return "red" if (day - start).days >= limits["start_red_days"] else "yellow"
    if start is None or finish is None or percent is None:
        return "unknown"
    return _behind(_scheduled(day, start, finish) - percent, limits)


def _scheduled(day: dt.date, start: dt.date, finish: dt.date) -> int:
    if day >= finish:
        return 100
    return 0 if day <= start else (day - start).days * 100 // (finish - start).days


def _behind(points: int, limits: Row) -> str:
    if points > limits["red_points"]:
        return "red"
    return "yellow" if points >= limits["yellow_points"] else "green"


def _has(project: Row, trait: str) -> bool:
    traits: dict[str, bool] = {
        "underground": project["position"] == "underground",
        "above": project["position"] == "above",
        "platform": project["is_platform"],
        "housing": project["kind"] in ("resettlement", "commercial"),
        "resettlement": project["kind"] == "resettlement",
        "commercial": project["kind"] == "commercial",
    }
    return traits[trait]


def _first_days(day: dt.date, stage: int) -> dict[int, dt.date | None]:
    """Since when each project stands at a step or beyond: a step that was taken back counts no more."""
    found: dict[int, dt.date | None] = {}
    rows = [row for row in rows_of(StageEvent, "id", "project_id", "stage", "occurred_on") if row["occurred_on"] <= day]
    for row in sorted(rows, key=lambda row: (row["occurred_on"], row["id"])):
        if row["stage"] < stage:
            found.pop(row["project_id"], None)
        else:
            found.setdefault(row["project_id"], row["occurred_on"])
    return found


def _out_of_order(day: dt.date, projects: list[Row]) -> set[int]:
    homes: defaultdict[int, list[Row]] = defaultdict(list)
    for project in projects:
        homes[project["community_id"]].append(project)
    granted = rows_of(OrderingExemption, "rule_id", "project_id", "withdrawn_at")
    exempt = {(row["rule_id"], row["project_id"]) for row in granted if row["withdrawn_at"] is None}
    dates = {measure: _first_days(day, step) for measure, step in STEPS.items()} | {"planned": _plans(day, STARTED)}
    found = set()
    for rule in rows_of(OrderingRule, "id", "first", "then", "measure", "valid_from", "valid_until"):
        for project in projects:
            others = [other for other in homes[project["community_id"]] if other["id"] != project["id"]]
            if (rule["id"], project["id"]) not in exempt and _violates(rule, project, others, dates[rule["measure"]]):
                found.add(project["id"])
    return found


def _violates(rule: Row, project: Row, others: list[Row], dates: dict[int, dt.date | None]) -> bool:
    mine = dates.get(project["id"])
    if mine is None or not _has(project, rule["then"]) or mine < rule["valid_from"]:
        return False
    if rule["valid_until"] is not None and mine >= rule["valid_until"]:
        return False
    firsts = [dates.get(other["id"]) for other in others if _has(other, rule["first"])]
    known = [first for first in firsts if first is not None]
    if rule["measure"] == "planned":
        return bool(known) and min(known) > mine
    return bool(firsts) and (not known or min(known) > mine)
