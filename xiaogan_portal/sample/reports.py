"""Sample monthly reports of the programme's projects: two months reviewed, December 2013 under way three days before it
is due. Each goes the legal way (submitted, then decided), in bulk: the database's rules hold for the sample, too.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import F, OuterRef, Subquery

from accounts.models import User
from communities.actions.periods import close_month
from communities.models import Absence, ReportingMonth, ReportingUnit, SampleDay
from communities.roles import Role
from core.periods import today
from facilities.models import ProgressReport, Project, StageEvent
from facilities.percent_ranges import PERCENT_OF_STAGE
from facilities.report_workflow import CONTENT, ReportState
from facilities.workflow import Stage
from xiaogan_portal.sample.people import make_office, make_teams
from xiaogan_portal.sample.photos import build_photos, plant_reused
from xiaogan_portal.sample.plan import SAMPLE_DAY
from xiaogan_portal.sample.report_words import HELP, PROBLEMS, RETURNS, TEXTS
from xiaogan_portal.sample.sites import Site, Teams
from xiaogan_portal.sample.territory import BATCH, Territory
from xiaogan_portal.sample.works import judge

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
# How far each unit is with December, in statutory order: approved, waiting, returned, drafts; the rest is untouched.
DECEMBER = (
    (1.0, 0.0, 0.0, 0.0),
    (0.45, 0.25, 0.06, 0.06),
    (0.60, 0.15, 0.05, 0.05),
    (0.85, 0.15, 0.0, 0.0),
    (0.70, 0.15, 0.05, 0.0),
    (1.0, 0.0, 0.0, 0.0),
    (0.35, 0.30, 0.05, 0.05),
    (0.60, 0.40, 0.0, 0.0),
    (1.0, 0.0, 0.0, 0.0),
    (0.50, 0.20, 0.10, 0.10),
)
# Earlier months: nearly everything is approved; in some units a few came late, or never.
LATE = (0.0, 0.08, 0.03, 0.0, 0.04, 0.0, 0.06, 0.0, 0.0, 0.05)
NEVER = (0.0, 0.03, 0.0, 0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0)
# Steps that a waiting report may propose: none of them is counted by a published figure.
PROPOSED = {Stage.SITED: Stage.LAND, Stage.LAND: Stage.APPROVED, Stage.MAIN_WORKS: Stage.TOPPED_OUT}


def build_reports(city: Territory, rng: random.Random) -> None:
    """Write the reports of October to December 2013; close the first two months behind them."""
    teams, office = make_teams(), make_office()
    sites = _sites(city, teams)
    months = list(ReportingMonth.objects.filter(year=2013, number__gte=10).order_by("number"))
    build_photos(sites, months[:-1])
    for month in months[:-1]:
        _decide(month, _reviewed(month, sites, rng), teams, ReportState.APPROVED)
    _correct(months[0], sites[0])
    _december(months[-1], sites, teams, rng)
    _approve_for_an_absent_reviewer(months[-1], teams, office)
    for month in months[:-1]:
        close_month(month, actor=office)
    SampleDay.objects.update(day=SAMPLE_DAY)
    Project.objects.bulk_update([site.project for site in sites], ["invested_before"], batch_size=BATCH)
    judge(office)


def _sites(city: Territory, teams: Teams) -> list[Site]:
    order = {unit.pk: position for position, unit in enumerate(city.units)}
    sites = {}
    for project in Project.objects.filter(is_sample=True).order_by("pk"):
        unit: ReportingUnit = city.unit_of[project.community_id]
        sites[project.pk] = Site(project, order[unit.pk], teams[unit.pk])
    for event in StageEvent.objects.order_by("project_id", "occurred_on", "pk"):
        sites[event.project_id].ladder.append(event)
    return list(sites.values())


def _reviewed(month: ReportingMonth, sites: Iterable[Site], rng: random.Random) -> list[ProgressReport]:
    """A whole month handed in, some of it late."""
    in_time, late = list[ProgressReport](), list[ProgressReport]()
    for site in sites:
        chance = rng.random()
        if chance < NEVER[site.unit]:
            continue
        is_late = chance < NEVER[site.unit] + LATE[site.unit]
        (late if is_late else in_time).append(_report(site, month, rng, late=is_late))
    _file(in_time, month.due_on)
    _file(late, month.due_on + dt.timedelta(days=3))
    return in_time + late


def _december(month: ReportingMonth, sites: list[Site], teams: Teams, rng: random.Random) -> None:
    """The open month: each unit as far as DECEMBER says."""
    by_state: dict[str, list[ProgressReport]] = defaultdict(list)
    for site, state in _states(sites, rng):
        report = _report(site, month, rng, late=False)
        if state == ReportState.SUBMITTED:
            _propose(report, site, rng)
        by_state[state].append(report)
    drafts = by_state[ReportState.DRAFT]
    for report in drafts:
        report.state, report.submitted_by, report.submitted_at, report.text = ReportState.DRAFT, None, None, ""
    _file_one_by_the_reviewer(by_state[ReportState.SUBMITTED], teams)
    plant_reused(by_state[ReportState.SUBMITTED])
    _file([report for reports in by_state.values() for report in reports], SAMPLE_DAY)
    for state in (ReportState.APPROVED, ReportState.RETURNED):
        _decide(month, by_state[state], teams, state)


def _states(sites: list[Site], rng: random.Random) -> Iterator[tuple[Site, str]]:
    """Which of a unit's projects are how far; the untouched ones are left out."""
    order = (ReportState.APPROVED, ReportState.SUBMITTED, ReportState.RETURNED, ReportState.DRAFT)
    for unit, shares in enumerate(DECEMBER):
        own = [site for site in sites if site.unit == unit]
        rng.shuffle(own)
        rest = iter(own)
        for state, share in zip(order, shares, strict=True):
            count = max(1, round(share * len(own))) if share else 0
            yield from ((site, state) for site in islice(rest, count))


def _report(site: Site, month: ReportingMonth, rng: random.Random, *, late: bool) -> ProgressReport:
    """What the county says of the project for the month, as the recorded stages have it."""
    last = month.month.last_day
    step = site.by(last)
    stage = Stage(step.stage) if step else Stage.CONCEIVED
    low, high = PERCENT_OF_STAGE[stage]
    grown = low + (high - low) * ((last - step.occurred_on).days + 20) // 240 if step else 0
    site.percent = max(site.percent, min(high, grown))
    if rng.random() < 0.04:
        site.problem = rng.choice(PROBLEMS), rng.choice(["", *HELP])
    elif rng.random() < 0.3:
        site.problem = "", ""
    day = month.due_on + dt.timedelta(days=rng.randint(1, 3)) if late else last - dt.timedelta(days=rng.randint(-3, 2))
    at = dt.datetime.combine(day, dt.time(rng.randint(8, 17), rng.randint(0, 59)), tzinfo=SHANGHAI)
    return ProgressReport(
        project=site.project,
        month=month,
        state=ReportState.SUBMITTED,
        stage=stage,
        stage_on=step.occurred_on if step else None,
        stage_basis=step.basis if step else "",
        percent=site.percent,
        **site.books.entry(site.percent, stage),
        text=TEXTS[stage],
        problem=site.problem[0],
        help_wanted=site.problem[1],
        entered_by=site.team.entry,
        entered_as=Role.COUNTY_ENTRY,
        submitted_by=site.team.entry,
        submitted_at=at,
        is_sample=True,
    )


def _propose(report: ProgressReport, site: Site, rng: random.Random) -> None:
    """A waiting report says more than the one before: a further stage, or some percent more than its stage has."""
    following = PROPOSED.get(Stage(report.stage))
    settled = not site.ladder or site.ladder[-1].occurred_on <= report.month.month.last_day
    if following is not None and settled and rng.random() < 0.7:
        report.stage, report.stage_on = following, dt.date(2013, 12, rng.randint(9, 27))
        if report.stage_on <= (site.ladder[-1].occurred_on if site.ladder else report.stage_on):
            report.stage_on = report.month.month.last_day
        report.stage_basis, report.text = "监理月报", TEXTS[following]
        report.percent = max(report.percent or 0, PERCENT_OF_STAGE[following][0])
    elif rng.random() < 0.3:
        report.percent = min(100, PERCENT_OF_STAGE[report.stage][1] + 6)
        report.explanation = rng.choice(["", "工程量已完成，手续还在补办。"])


def _file_one_by_the_reviewer(waiting: list[ProgressReport], teams: Teams) -> None:
    """One that the county's only reviewer filled in: nobody there may approve it."""
    team = next(team for team in teams.values() if team.code == "XC")
    report = next((each for each in waiting if each.entered_by_id == team.entry.pk), None)
    if report is not None:
        report.entered_by = report.submitted_by = team.reviewer
        report.entered_as = Role.COUNTY_REVIEWER


def _file(reports: list[ProgressReport], day: dt.date) -> None:
    """Write them as on that day: the database judges by the sample's today what is late."""
    SampleDay.objects.update(day=day)
    ProgressReport.objects.bulk_create(reports, batch_size=BATCH)


def _decide(month: ReportingMonth, reports: Iterable[ProgressReport], teams: Teams, state: ReportState) -> None:
    """By the reviewer of each unit, the next morning; an approval names the step that the month brought."""
    by_entry: dict[int, list[int]] = defaultdict(list)
    for report in reports:
        by_entry[report.entered_by_id].append(report.pk)
    days = month.month.first_day, month.month.last_day
    steps = StageEvent.objects.filter(project=OuterRef("project"), occurred_on__range=days).latest_first()
    event = Subquery(steps.values("pk")[:1]) if state == ReportState.APPROVED else None
    for position, team in enumerate(teams.values()):
        ProgressReport.objects.filter(pk__in=by_entry[team.entry.pk]).update(
            **_decision(team.reviewer, state),
            return_reason=RETURNS[position % len(RETURNS)] if state == ReportState.RETURNED else "",
            stage_event=event,
        )


def _decision(reviewer: User, state: ReportState, role: Role = Role.COUNTY_REVIEWER) -> dict[str, Any]:
    return {
        "state": state,
        "reviewed_by": reviewer,
        "reviewed_as": role,
        "reviewed_at": F("submitted_at") + dt.timedelta(hours=20),
        "version": F("version") + 1,
    }


def _correct(month: ReportingMonth, site: Site) -> None:
    """One approved report was corrected: a percentage had been read off the wrong line."""
    first = ProgressReport.objects.filter(month=month, project=site.project).first()
    if first is None or first.submitted_at is None:
        return
    again = ProgressReport(
        project=site.project,
        month=month,
        revision=2,
        correction_reason="形象进度抄错一行，按监理月报更正",
        state=ReportState.SUBMITTED,
        is_sample=True,
        submitted_at=first.submitted_at + dt.timedelta(days=12),
        submitted_by=site.team.entry,
        entered_by=site.team.entry,
        entered_as=Role.COUNTY_ENTRY,
        **{name: getattr(first, name) for name in CONTENT} | {"percent": max(0, (first.percent or 0) - 1)},
    )
    _file([again], month.due_on)
    ProgressReport.objects.filter(pk=again.pk).update(**_decision(site.team.reviewer, ReportState.APPROVED))


def _approve_for_an_absent_reviewer(month: ReportingMonth, teams: Teams, office: User) -> None:
    """In the last unit the reviewer was away for some days; the city office approved one report and said so."""
    team = list(teams.values())[-1]
    waiting = ProgressReport.objects.of_month(month).waiting().filter(entered_by=team.entry)
    # One without a step of December, which would have to be entered with the approval.
    report = waiting.exclude(stage_on__gte=month.month.first_day).order_by("pk").first()
    if report is None:
        return
    absence = Absence.objects.create(
        user=team.reviewer,
        first_day=dt.date(2013, 12, 30),
        last_day=today(),
        reason="示例：省里培训",
        recorded_by=team.entry,
        is_sample=True,
    )
    ProgressReport.objects.filter(pk=report.pk).update(
        **_decision(office, ReportState.APPROVED, Role.CITY_OFFICE),
        away_reason="审核人参加省里培训，市新社区办代审",
    )
    Absence.objects.filter(pk=absence.pk).update(last_day=dt.date(2014, 1, 2))
