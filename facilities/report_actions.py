"""Every write of the monthly report: filling in, submitting, taking back, deciding, correcting.

Each locks the project's row first, as `record_stage` does: of two people at one project the second sees what the
first wrote. What only the database can know for certain (who is away, who ever entered) its trigger checks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from communities.actions.checks import require_reason
from communities.models import ReportingMonth
from communities.roles import Role
from communities.scoping import reach_of
from core.constraints import require_fields, require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import require_version, save_version
from core.sentences import gettext as _
from facilities.models import ProgressReport, Project, StageEvent
from facilities.report_checks import hard_errors, soft_warnings, too_high
from facilities.report_desk import Desk, desk_at, desk_of, enter, newest_revision
from facilities.report_guards import (
    require_earlier_months_decided,
    require_earlier_months_settled,
    require_editable,
    require_in_time,
    require_move,
    require_open,
    require_way_forward,
)
from facilities.report_notices import tell_returned
from facilities.report_stages import check_stage, record_reported_stage, stage_by
from facilities.report_workflow import CONTENT, UNEXPLAINED, ReportState
from facilities.workflow import Stage

Values = Mapping[str, Any]
# A report as it is to be, and what is written of it.
Draft = tuple[ProgressReport, dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What became of one row of a batch: `error` is empty where it was done."""

    pk: int
    report: ProgressReport | None
    error: str = ""


@transaction.atomic
def save_draft(
    project: Project, month: ReportingMonth, values: Values, *, actor: User, expected_version: int | None = None
) -> ProgressReport:
    """Keep what has been entered so far; nothing has to be complete. A report that came back stays returned.

    `values` holds fields of CONTENT, others raise KeyError; what is not named stays as it is, or as `prefill` gives
    it where nothing was entered yet. `expected_version` is the version the person saw, None where there was no row.
    Raises NotAllowed, WrongState where the report is submitted or the month is not open (what came back may be mended
    all the same), StaleVersion with both texts, RuleViolation for a value that cannot be.
    """
    return draft_at(desk_of(project, month, actor), values, actor=actor, expected_version=expected_version)


def draft_at(
    desk: Desk, values: Values, *, actor: User, expected_version: int | None, blank: bool = False
) -> ProgressReport:
    """The same where the desk is there already; the caller's transaction holds its lock. `blank`: as if not begun."""
    draft = draft_of(desk, values, actor=actor, expected_version=expected_version, blank=blank)
    return _write(desk.stored, draft, expected_version)


def draft_of(desk: Desk, values: Values, *, actor: User, expected_version: int | None, blank: bool = False) -> Draft:
    """What `draft_at` writes, checked as far as the database need not be asked, and not yet written."""
    stored = desk.stored
    written = _entry(stored, values, actor, desk.capacity) | {"is_blank": blank}
    if stored is None:
        require_open(desk.month, desk.month_state)
        return _first(desk, written, expected_version)
    if stored.version == expected_version:
        require_editable(stored, desk.month_state)
    return _changed(desk, stored, written, expected_version)


@transaction.atomic
def submit_report(
    project: Project, month: ReportingMonth, values: Values, *, actor: User, expected_version: int | None = None
) -> ProgressReport:
    """Save and hand in for review. Parameters and refusals as for `save_draft`; besides, RuleViolation on the field
    where the percentage is missing, the stage cannot have been reached as reported, a cumulative number falls, or
    something is odd and `explanation` is empty.

    Late is what is first submitted after the month's due date as stored; the database sets the mark for good.
    """
    return submit_at(desk_of(project, month, actor), values, actor=actor, expected_version=expected_version)


def submit_at(desk: Desk, values: Values, *, actor: User, expected_version: int | None) -> ProgressReport:
    """The same where the desk is there already; the caller's transaction holds its lock."""
    stored = desk.stored
    filed = {"state": ReportState.SUBMITTED, "submitted_by": actor, "submitted_at": desk.at, "is_blank": False}
    written = _entry(stored, values, actor, desk.capacity) | filed
    if stored is None:
        require_open(desk.month, desk.month_state)
        return _write(stored, _first(desk, written, expected_version), expected_version)
    if stored.version == expected_version:
        require_move(stored, ReportState.SUBMITTED)
        require_in_time(stored)
    return _save(desk, stored, written, expected_version, submit=True)


@transaction.atomic
def submit_unchanged(project: Project, month: ReportingMonth, *, actor: User) -> ProgressReport:
    """Nothing changed since the last report: hand in what `prefill` gives.

    Refusals as for `submit_report`; WrongState where something else was entered already, the report came back, or an
    earlier month has a report that is not approved: what it says would be undone. RuleViolation where there is no
    earlier report to repeat, or what it said is odd: an explanation is given month by month, in the draft.
    """
    return submit_same_at(desk_of(project, month, actor), actor=actor)


def submit_same_at(desk: Desk, *, actor: User) -> ProgressReport:
    """The same where the desk is there already; the caller's transaction holds its lock."""
    stored, known = desk.stored, desk.known
    if known["percent"] is None:
        raise RuleViolation(_("这个项目还没有报过，没有可以照报的。先填一次。"), field="percent")
    require_earlier_months_settled(desk.project, desk.month)
    if stored is not None:
        _require_as_it_was(stored, known)
    if not (stored is not None and stored.explanation) and (odd := _odd(desk, known)):
        raise RuleViolation(odd + _("请打开这个月的月报，写了说明再提交。"), field="explanation")
    return submit_at(desk, {}, actor=actor, expected_version=None if stored is None else stored.version)


def _require_as_it_was(stored: ProgressReport, known: Values) -> None:
    if stored.state == ReportState.RETURNED:
        raise WrongState(_("这份月报被退回过，请打开看退回理由，改了再提交。"))
    if stored.state == ReportState.DRAFT and any(getattr(stored, field) != known[field] for field in UNEXPLAINED):
        raise WrongState(_("这个月已经填了有变化的草稿，请打开提交。"))


@transaction.atomic
def withdraw_report(report: ProgressReport, *, actor: User, expected_version: int) -> ProgressReport:
    """Take a submitted report back before anybody has decided on it; it is a draft again.

    For those who entered or submitted it and for the unit's entry. Raises NotAllowed, StaleVersion, WrongState, also
    where the month is not open any more: the draft could never be handed in again.
    """
    locked, capacity = enter(report.project, actor)
    stored = _stored(report, locked)
    if capacity != Role.COUNTY_ENTRY and actor.pk not in stored.authors:
        raise NotAllowed(_("撤回由填报人办；审核人可以退回。"))
    require_version(stored, {"state": ReportState.DRAFT}, expected=expected_version)
    require_move(stored, ReportState.DRAFT)
    require_way_forward(stored)
    return _save(desk_at(stored), stored, {"state": ReportState.DRAFT}, expected_version)


@transaction.atomic
def approve_report(
    report: ProgressReport, *, actor: User, expected_version: int, away_reason: str = ""
) -> ProgressReport:
    """Approve, and add the dated stage where the report says that one was reached.

    The city office approves for a unit only while each of its reviewers is away or an author, and says why in
    `away_reason`. Raises NotAllowed (also for one's own report), WrongState, StaleVersion, RuleViolation where the
    stage can no longer be entered as reported, an earlier month still waits, a cumulative number would fall from one
    approved month to the next, or the reason is missing.
    """
    locked = _lock(report)
    stored = _stored(report, locked)
    decided = _decide(stored, actor, ReportState.APPROVED, expected_version)
    if decided["reviewed_as"] == Role.CITY_OFFICE:
        if not away_reason.strip():
            raise RuleViolation(_("县审核人不在岗，由你代审，请写明原因。"), field="away_reason")
        decided["away_reason"] = away_reason.strip()
    else:
        decided["away_reason"] = ""
    require_earlier_months_decided(stored)
    # Another month may have been approved since it was handed in.
    _require_possible(desk_at(stored), stored)
    with rules_as_sentences(ProgressReport, StageEvent):
        event = record_reported_stage(locked, stored)
        return save_version(stored, {**decided, "stage_event": event}, expected=expected_version)


@transaction.atomic
def return_report(report: ProgressReport, *, actor: User, expected_version: int, reason: str) -> ProgressReport:
    """Send a submitted report back, with what is to be mended, and tell whoever is to mend it.

    Rights and refusals as for `approve_report`.
    """
    stored = _stored(report, _lock(report))
    decided = _decide(stored, actor, ReportState.RETURNED, expected_version)
    if not reason.strip():
        raise RuleViolation(_("退回请写明理由，填报人照着改。"), field="return_reason")
    returned = _save(desk_at(stored), stored, {**decided, "return_reason": reason.strip()}, expected_version)
    tell_returned(returned, actor=actor)
    return returned


def approve_many(ids_with_versions: Iterable[tuple[int, int]], *, actor: User, away_reason: str = "") -> list[Outcome]:
    """Approve several, given as (key, version seen). Each stands for itself: one that is refused stops no other."""
    return _many(
        ids_with_versions,
        actor,
        lambda report, version: approve_report(report, actor=actor, expected_version=version, away_reason=away_reason),
    )


def return_many(ids_with_versions: Iterable[tuple[int, int]], *, actor: User, reason: str) -> list[Outcome]:
    """Return several for one reason, like `approve_many`."""
    return _many(
        ids_with_versions,
        actor,
        lambda report, version: return_report(report, actor=actor, expected_version=version, reason=reason),
    )


@transaction.atomic
def begin_correction(report: ProgressReport, *, actor: User, reason: str) -> ProgressReport:
    """Open a new revision of an approved report, with its content, to be changed and reviewed like any other.

    The approved one stays what it is and counts until the new one is approved. A closed month is no obstacle.
    Raises NotAllowed, WrongState where it is not the newest approved revision or a correction is under way,
    RuleViolation without a reason.
    """
    locked, capacity = enter(report.project, actor)
    stored = _stored(report, locked)
    why = require_reason(reason)
    if stored.state != ReportState.APPROVED:
        raise WrongState(_("这份月报还没有通过，直接改就行，不用更正。"))
    newest = newest_revision(locked, stored.month)
    if newest is not None and newest.pk != stored.pk:
        raise WrongState(_("这份月报已有第 %(n)d 版，请到那一版办理。") % {"n": newest.revision})
    content = {field: getattr(stored, field) for field in CONTENT}
    # Stages may have been entered since; the correction opens with what they say now.
    stage = stage_by(locked, stored.month)
    recorded = {"stage": stage.stage, "stage_on": stage.occurred_on, "stage_basis": stage.basis}
    correction = ProgressReport(
        project=locked,
        month=stored.month,
        revision=stored.revision + 1,
        correction_reason=why,
        entered_by=actor,
        entered_as=capacity,
        is_sample=stored.is_sample,
        **{**content, **recorded, "stage_reason": ""},
    )
    _require_valid(Desk(locked, stored.month, capacity, stored), correction, submit=False)
    return _write(None, (correction, {}), None)


def _lock(report: ProgressReport) -> Project:
    return Project.objects.select_for_update(no_key=True).get(pk=report.project_id)


def _stored(report: ProgressReport, project: Project) -> ProgressReport:
    stored = ProgressReport.objects.select_related("month").get(pk=report.pk)
    stored.project = project
    return stored


def _content(values: Values) -> dict[str, Any]:
    if not values.keys() <= set(CONTENT):
        raise KeyError(sorted(values.keys() - set(CONTENT)))
    # PostgreSQL stores no NUL.
    return {
        field: value.replace("\0", "").strip() if isinstance(value, str) else value for field, value in values.items()
    }


def _entry(stored: ProgressReport | None, values: Values, actor: User, capacity: str) -> dict[str, Any]:
    """What is written of an entry. Who only hands in what another wrote has entered nothing."""
    content = _content(values)
    if stored is not None and all(getattr(stored, field) == value for field, value in content.items()):
        return content
    return {**content, "entered_by": actor, "entered_as": capacity}


def _first(desk: Desk, values: dict[str, Any], expected: int | None) -> Draft:
    if expected is not None:
        raise WrongState(_("这份月报找不到了。刷新后再填。"))
    row = {**desk.known, **values}
    report = ProgressReport(project=desk.project, month=desk.month, is_sample=desk.project.is_sample, **row)
    _require_valid(desk, report, submit=report.state == ReportState.SUBMITTED)
    return report, row


def _changed(
    desk: Desk, stored: ProgressReport, values: dict[str, Any], expected: int | None, *, submit: bool = False
) -> Draft:
    require_version(stored, values, expected=expected or 0)
    for name, value in values.items():
        setattr(stored, name, value)
    _require_valid(desk, stored, submit=submit)
    return stored, values


def _write(stored: ProgressReport | None, draft: Draft, expected: int | None) -> ProgressReport:
    report, values = draft
    with rules_as_sentences(ProgressReport):
        if stored is not None:
            return save_version(report, values, expected=expected or 0)
        report.save(force_insert=True)
    return ProgressReport.objects.get(pk=report.pk)


def _save(
    desk: Desk, stored: ProgressReport, values: dict[str, Any], expected: int | None, *, submit: bool = False
) -> ProgressReport:
    return _write(stored, _changed(desk, stored, values, expected, submit=submit), expected)


def _require_valid(desk: Desk, report: ProgressReport, *, submit: bool) -> None:
    if submit:
        _require_complete(desk, report)
    (require_fields if desk.fields_only else require_valid)(report)
    if submit:
        _require_explained(desk, report)


def _require_complete(desk: Desk, report: ProgressReport) -> None:
    if report.percent is None:
        raise RuleViolation(_("请填形象进度，再提交。"), field="percent")
    if report.stage in Stage.values:  # otherwise the field itself says so
        check_stage(report.project, report, desk.standing)
    _require_possible(desk, report)


def _require_explained(desk: Desk, report: ProgressReport) -> None:
    """Of fields that are valid each."""
    if not report.explanation and (odd := _odd(desk, {name: getattr(report, name) for name in CONTENT})):
        raise RuleViolation(odd, field="explanation")


def _odd(desk: Desk, values: Values) -> str:
    """What asks for an explanation, in sentences; empty where nothing does."""
    found = soft_warnings(desk.project, values, before=desk.known, invested=desk.invested, papers=desk.papers)
    return "".join(warning.message for warning in found)


def _require_possible(desk: Desk, report: ProgressReport) -> None:
    values = {name: getattr(report, name) for name in CONTENT}
    for name, sentence in {**too_high(values, desk.later), **hard_errors(values, desk.known)}.items():
        raise RuleViolation(sentence, field=name)


def _decide(stored: ProgressReport, actor: User, state: ReportState, expected: int) -> dict[str, Any]:
    """What a decision writes, once the person may decide and decides on what they saw."""
    if actor.pk in stored.authors:
        raise NotAllowed(_("你本人填报，须由他人审核。"))
    role = _capacity_to_review(stored, actor)
    require_version(stored, {"state": state}, expected=expected)
    require_move(stored, state)
    return {"state": state, "reviewed_by": actor, "reviewed_as": role, "reviewed_at": timezone.now()}


def _capacity_to_review(stored: ProgressReport, actor: User) -> str:
    if Project.objects.reached_as(actor, {Role.COUNTY_REVIEWER}).filter(pk=stored.project_id).exists():
        return Role.COUNTY_REVIEWER
    if Role.CITY_OFFICE not in reach_of(actor).city:
        raise NotAllowed(_("审核由社区现在所在单位的审核岗位办。"))
    if not ProgressReport.objects.filter(pk=stored.pk).without_reviewer().exists():
        raise NotAllowed(_("这个单位有审核人在岗，由他们审核。"))
    return Role.CITY_OFFICE


def _many(ids_with_versions: Iterable[tuple[int, int]], actor: User, act: Any) -> list[Outcome]:
    """In the order of projects and months, so that two batches never wait for each other crosswise."""
    versions = dict(ids_with_versions)
    rows = ProgressReport.objects.visible_to(actor).filter(pk__in=versions).select_related("project", "month")
    found = list(rows.order_by("project_id", "month__year", "month__number", "revision"))
    outcomes = {key: Outcome(key, None, _("没有这份月报，或你看不到它。")) for key in versions}
    with transaction.atomic():
        for report in found:
            try:
                with transaction.atomic():
                    outcomes[report.pk] = Outcome(report.pk, act(report, versions[report.pk]))
            except RuleViolation as refusal:
                outcomes[report.pk] = Outcome(report.pk, report, refusal.message)
    return list(outcomes.values())
