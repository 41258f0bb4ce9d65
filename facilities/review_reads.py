"""What a reviewer has before them: reports that wait, what each changes, and what speaks for or against one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import ReportingMonth
from communities.roles import Role
from communities.scoping import reach_of
from core.errors import RuleViolation
from core.formats import moment
from facilities.evidence import Asked, evidence_asked
from facilities.models import ProgressReport
from facilities.photo_reads import Likeness, PhotoTile, new_photos, tiles, without_photo
from facilities.report_checks import SoftWarning, papers_missing, soft_warnings
from facilities.report_querysets import IsAmong
from facilities.report_reads import Difference, differences_of, invested_before, month_work, prefill
from facilities.report_stages import check_stage
from facilities.report_texts import Mark
from facilities.report_workflow import CONTENT, REVIEWERS, ReportState

# Stands beside the warning that it answers: listed as a change where it is one, never among what did not change.
_APART = frozenset({"explanation"})


@dataclass(frozen=True)
class ReviewRow:
    """One waiting report. `locked` says why this person may not decide on it; empty where they may."""

    report: ProgressReport
    changes: list[Difference]
    same: list[Difference]
    locked: str
    # Photos that came with it and were not decided on before.
    photos: list[PhotoTile] = field(default_factory=list)
    # Whether its new stage lacks the papers, or the photo, that the definition names.
    no_papers: bool = False
    no_photo: bool = False

    @property
    def alike(self) -> list[Likeness]:
        """Other photos that they look like."""
        return [likeness for tile in self.photos for likeness in tile.alike]

    @property
    def is_sample(self) -> bool:
        """Whether it is sample data."""
        return self.report.is_sample

    @property
    def marks(self) -> list[Mark]:
        """What a reviewer should know before opening it."""
        said = {
            Mark(_("阶段变了"), "info"): any(change.field == "stage" for change in self.changes),
            Mark(_("缺依据"), "warn"): self.no_papers,
            Mark(_("缺照片"), "warn"): self.no_photo,
            Mark(_("照片重复"), "bad"): self.alike,
            Mark(_("有说明"), "warn"): self.report.explanation and self.changes,
            Mark(_("迟报"), "warn"): self.report.is_late,
            Mark(_("代填"), "info"): self.report.on_behalf,
            Mark(_("更正"), "info"): self.report.is_correction,
            Mark(_("重新提交"), "info"): self.report.return_reason and not self.report.is_correction,
        }
        return [mark for mark, holds in said.items() if holds]


@dataclass(frozen=True)
class Check:
    """Something that was looked at, and whether it is in order."""

    passed: bool
    text: str


@dataclass(frozen=True)
class Decision:
    """All that stands beside the decision on one report."""

    row: ReviewRow
    filed: str
    compared: str
    before_label: str
    warnings: list[SoftWarning]
    checks: list[Check]


def may_review(user: User) -> bool:
    """Whether the person decides on anybody's reports at all."""
    return bool(reach_of(user).roles & set(REVIEWERS))


def decides_for_units(user: User) -> bool:
    """Whether the person decides as the city office, for reviewers who are away."""
    return Role.CITY_OFFICE in reach_of(user).city


def waiting_for(user: User) -> list[ReviewRow]:
    """Everything the person may decide on, and what they may not because it is their own; what changed comes first.

    The same few queries for one report and for a hundred.
    """
    decidable = set(ProgressReport.objects.reviewable_by(user).values_list("pk", flat=True))
    waiting = (
        ProgressReport.objects.waiting()
        .visible_to(user)
        .filter(Q(pk__in=decidable) | Q(IsAmong(user.pk, F("authors"))))
        .select_related("project__community", "month", "submitted_by", "entered_by")
        .order_by("month__year", "month__number", "project__community__pinyin", "project__kind", "pk")
    )
    # Told to the database: the city office sees every unit's, and most are their own reviewers' to decide on.
    reports = list(waiting)
    found, photos, asked = differences_of(reports), _photos_of(reports, user), evidence_asked()
    bare = without_photo(reports, asked)
    rows = [
        _row(report, found[report.pk], report.pk not in decidable, photos[report.pk], asked, report.pk in bare)
        for report in reports
    ]
    return sorted(rows, key=lambda row: not row.changes and not row.photos)


def _photos_of(reports: Sequence[ProgressReport], user: User) -> dict[int, list[PhotoTile]]:
    fresh = new_photos(reports)
    judged = {tile.photo.pk: tile for tile in tiles([photo for each in fresh.values() for photo in each], user)}
    return {report.pk: [judged[photo.pk] for photo in fresh.get(report.pk, [])] for report in reports}


def nothing_waits(user: User) -> str:
    """How far the newest open month is, for who finds the inbox empty."""
    month = ReportingMonth.objects.current()
    if month is None:
        return _("现在没有开放填报的月份。")
    rows = month_work(user, month)
    approved = sum(row.state == ReportState.APPROVED for row in rows)
    facts = {"month": month.number, "approved": approved, "all": len(rows), "left": len(rows) - approved}
    if approved == len(rows):
        return _("%(month)d 月 %(all)d 个项目都审完了。") % facts
    return _("%(month)d 月 %(all)d 个项目审完了 %(approved)d 个，其余 %(left)d 个还没有提交或已退回。") % facts


def split(found: Sequence[Difference]) -> tuple[list[Difference], list[Difference]]:
    """What changed, and what did not."""
    same = [each for each in found if not each.changed and each.field not in _APART]
    return [each for each in found if each.changed], same


def _row(
    report: ProgressReport, found: Sequence[Difference], own: bool, photos: list[PhotoTile], asked: Asked, bare: bool
) -> ReviewRow:
    changes, same = split(found)
    changed = {change.field for change in changes}
    before = "" if "stage_basis" in changed else report.stage_basis
    papers, moved = asked.papers.get(report.stage, ""), "stage" in changed
    return ReviewRow(
        report,
        changes,
        same,
        _("你本人填报，须由他人审核") if own else "",
        photos,
        no_papers=moved and papers_missing(papers, report.stage_basis, before),
        no_photo=moved and bare,
    )


def compared_with(report: ProgressReport) -> tuple[str, str]:
    """With what the report is compared, as a sentence and as the head of a column."""
    rows = ProgressReport.objects.select_related("month", "reviewed_by")
    row = ProgressReport.objects.filter(pk=report.pk).with_previous()
    before = rows.filter(pk__in=row.values("previous")).first()  # type: ignore[misc]  # annotated
    if before is None:
        return _("第一次填报，与已登记的阶段比较"), _("已登记")
    facts = {"month": before.month, "when": moment(before.reviewed_at), "who": before.reviewed_by}
    return (
        _("与上次通过（%(month)s，%(when)s %(who)s）比较") % facts,
        _("上次通过（%(month)s）") % facts,
    )


def decision_on(row: ReviewRow) -> Decision:
    """What to look at before deciding."""
    report = row.report
    compared, label = compared_with(report)
    warnings = _warnings(report)
    return Decision(row, filed_words(report), compared, label, warnings, _checks(row, warnings))


def _warnings(report: ProgressReport) -> list[SoftWarning]:
    project, month = report.project, report.month
    values = {field: getattr(report, field) for field in CONTENT}
    before, invested = prefill(project, month), invested_before([project], month)[project.pk]
    return soft_warnings(project, values, before=before, invested=invested, papers=evidence_asked().papers)


def filed_words(report: ProgressReport) -> str:
    """Who filed it, as what, and when."""
    facts = {"who": report.entered_by, "role": report.get_entered_as_display(), "when": moment(report.submitted_at)}
    if report.submitted_at is None:
        return _("填报 %(who)s（%(role)s），还没有提交") % facts
    return _("填报 %(who)s（%(role)s），%(when)s 提交") % facts


def _checks(row: ReviewRow, warnings: Sequence[SoftWarning]) -> list[Check]:
    report, warned = row.report, {warning.field for warning in warnings}
    found = []
    try:
        moved = check_stage(report.project, report)
        found.append(Check(True, _("日期先后正确，阶段登记得上")))
    except RuleViolation as refusal:
        moved = True
        found.append(Check(False, refusal.message))
    if "percent" not in warned:
        found.append(Check(True, _("进度与阶段相符，没有减少")))
    elif report.explanation:
        found.append(Check(True, _("进度异常，有说明")))
    else:
        found.append(Check(False, _("进度异常，没有说明")))
    if row.alike:
        found.append(Check(False, _("照片疑似重复")))
    if moved:
        if row.no_photo:
            found.append(Check(False, _("这一步要照片，没有传")))
        found.append(_basis_check(row))
    return found


def _basis_check(row: ReviewRow) -> Check:
    if not row.report.stage_basis:
        return Check(False, _("没有写认定依据"))
    if row.no_papers:
        return Check(False, _("认定依据还是上一步的"))
    return Check(True, _("有认定依据"))
