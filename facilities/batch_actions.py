"""Writing the month of a whole unit: many reports in one transaction, each with its own outcome.

The rules are those of one report (`report_actions`); what they ask of the database is read here once for all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from communities.models import ReportingMonth
from communities.roles import Role
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation
from core.models import save_versions
from core.sentences import gettext as _
from facilities.evidence import evidence_asked
from facilities.models import ProgressReport, Project
from facilities.report_actions import draft_at, draft_of, submit_at, submit_same_at
from facilities.report_desk import Desk
from facilities.report_guards import require_way_forward
from facilities.report_reads import invested_before, next_approved, prefills
from facilities.report_workflow import DECISIONS, REPORTERS, ReportState


@dataclass(frozen=True)
class Entry:
    """What is handed over for one project, by its key: the version that was seen, and the content.

    `values` holds fields of CONTENT, parsed; None says that nothing has changed since the last report. `blank`: a draft
    is as good as not begun, since what began it was taken back.
    """

    project: int
    version: int | None
    values: Mapping[str, Any] | None
    blank: bool = False


@dataclass(frozen=True)
class Filed:
    """What became of one entry: the report as stored, or why it was refused."""

    entry: Entry
    report: ProgressReport | None
    refusal: RuleViolation | None = None


@dataclass(frozen=True)
class TakenBack:
    """How many reports are drafts again, and how many stay because somebody has decided on them meanwhile."""

    withdrawn: int
    decided: int


def save_month(month: ReportingMonth, entries: Iterable[Entry], *, actor: User) -> list[Filed]:
    """Keep drafts of several projects, each as `report_actions.save_draft` does; one that is refused stops no other.

    In the order given, of one project the last entry. Without values it is saved as what the last report said. Where
    none is refused as many queries for 300 reports as for one.
    """
    found = list(entries)
    try:
        return _save_all(month, found, actor)
    except RuleViolation:
        # Each for itself, so that the one is named and stops no other.
        return _each(month, found, actor, lambda desk, entry: draft_at(desk, **_draft(desk, entry, actor)))


def _draft(desk: Desk, entry: Entry, actor: User) -> dict[str, Any]:
    values = dict(desk.known) if entry.values is None else entry.values
    return {"values": values, "actor": actor, "expected_version": entry.version, "blank": entry.blank}


@transaction.atomic
def _save_all(month: ReportingMonth, entries: list[Entry], actor: User) -> list[Filed]:
    """All of them in few statements, or none: RuleViolation where one may not be."""
    wanted = {entry.project: entry for entry in entries}
    desks = _desks(month, set(wanted), actor)
    new, known, written = [], [], set[str]()
    for entry in wanted.values():
        desk = _require(desks.get(entry.project))
        report, values = draft_of(desk, **_draft(desk, entry, actor))
        if desk.stored is None:
            new.append(report)
        else:
            known.append(report)
            written |= values.keys()
    with rules_as_sentences(ProgressReport):
        ProgressReport.objects.bulk_create(new)
        save_versions(known, sorted(written))
    # As the database has them: it keeps the authors and the marks.
    stored = ProgressReport.objects.filter(pk__in=[report.pk for report in (*new, *known)])
    reports = {report.project_id: report for report in stored}
    return [Filed(entry, reports[key]) for key, entry in wanted.items()]


def submit_month(month: ReportingMonth, entries: Iterable[Entry], *, actor: User) -> list[Filed]:
    """Hand in several projects for review in one transaction; one that is refused stops no other.

    Each as `report_actions.submit_report`, without values as `submit_unchanged`: somebody else may have edited or
    submitted a project meanwhile, and that one is told with its reason. In the order given, of one project the last.
    All have one time of submission, which no other submission of the person has.
    """
    return _each(month, list(entries), actor, lambda desk, entry: _submit(desk, entry, actor))


@transaction.atomic
def withdraw_month(month: ReportingMonth, seen: Mapping[int, int], *, actor: User) -> TakenBack:
    """Take several submitted reports of a month back, given as key → version seen, as `withdraw_report` does.

    What somebody has decided on meanwhile stays and is counted; what was taken back or changed already is left as it
    is, so that a second call does nothing. Raises, with nothing written, NotAllowed where one of them is not the
    person's to take back, WrongState where the month is not open any more. As many queries for 300 reports as for one.
    """
    reports = ProgressReport.objects.of_month(month).filter(pk__in=seen)
    locked = _lock(set(reports.values_list("project", flat=True)))
    capacities, state = _capacities(list(locked), actor), _state_of(month)
    rows = list(reports)
    for report in rows:
        report.project, report.month = locked[report.project_id], month
        if not _may_withdraw(report, capacities.get(report.project_id), actor):
            raise NotAllowed(_("撤回由填报人办；审核人可以退回。"))
    waiting = [row for row in rows if row.state == ReportState.SUBMITTED and row.version == seen[row.pk]]
    for report in waiting:
        require_way_forward(report, state)
    with rules_as_sentences(ProgressReport):
        ProgressReport.objects.filter(pk__in=[report.pk for report in waiting]).update(
            state=ReportState.DRAFT, version=F("version") + 1
        )
    return TakenBack(len(waiting), sum(report.state in DECISIONS for report in rows))


def _may_withdraw(report: ProgressReport, capacity: str | None, actor: User) -> bool:
    return capacity == Role.COUNTY_ENTRY or (capacity is not None and actor.pk in report.authors)


def _submit(desk: Desk, entry: Entry, actor: User) -> ProgressReport:
    if entry.values is None:
        return submit_same_at(desk, actor=actor)
    return submit_at(desk, entry.values, actor=actor, expected_version=entry.version)


@transaction.atomic
def _each(
    month: ReportingMonth, entries: list[Entry], actor: User, act: Callable[[Desk, Entry], ProgressReport]
) -> list[Filed]:
    wanted = {entry.project: entry for entry in entries}
    desks = _desks(month, set(wanted), actor)
    found = []
    for entry in wanted.values():
        desk = desks.get(entry.project)
        try:
            with transaction.atomic():
                found.append(Filed(entry, act(_require(desk), entry)))
        except RuleViolation as refusal:
            found.append(Filed(entry, None, refusal))
    return found


def _require(desk: Desk | None) -> Desk:
    if desk is None:
        raise NotAllowed(_("你的岗位不能为这个项目填月报。"))
    return desk


def _desks(month: ReportingMonth, keys: set[int], actor: User) -> dict[int, Desk]:
    """By project; left out where the person may not report. A handful of queries, however many projects."""
    locked = _lock(keys)
    capacities = _capacities(list(locked), actor)
    reports = ProgressReport.objects.of_month(month).filter(project__in=capacities).newest_revision()
    stored = {report.project_id: report for report in reports}
    state, now = _state_of(month), timezone.now()
    projects = [locked[key] for key in capacities]
    known, following = prefills(projects, month), next_approved(projects, month)
    spent, proofs = invested_before(projects, month), evidence_asked().papers
    for report in stored.values():
        report.project, report.month = locked[report.project_id], month
    return {
        key: Desk(
            locked[key],
            month,
            capacity,
            stored.get(key),
            known[key],
            state,
            following=following,
            spent=spent,
            proofs=proofs,
            fields_only=True,
            at=now,
        )
        for key, capacity in capacities.items()
    }


def _lock(keys: set[int]) -> dict[int, Project]:
    """The projects, locked in the order of their keys, so that two batches never wait for each other crosswise."""
    rows = Project.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {project.pk: project for project in rows}


def _state_of(month: ReportingMonth) -> str:
    return str(ReportingMonth.objects.values_list("state", flat=True).get(pk=month.pk))


def _capacities(keys: list[int], actor: User) -> dict[int, str]:
    """In which role the person enters for each project: the first of REPORTERS that reaches it."""
    found: dict[int, str] = {}
    for role in REPORTERS:
        reached = Project.objects.reached_as(actor, {role}).filter(pk__in=keys).values_list("pk", flat=True)
        found = {**dict.fromkeys(reached, str(role)), **found}
    return found
