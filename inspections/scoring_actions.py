"""Every write of inspections: starting one, scoring, submitting.

Locks are taken in one order, round before inspection, so that closing a round and submitting in it wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import check_day
from communities.models import Community, PeriodState
from core.constraints import rules_as_sentences
from core.errors import FieldConflict, NotAllowed, RuleViolation, StaleVersion, WrongState
from core.formats import decimal
from inspections.models import Inspection, ItemScore, Round, RoundState, SheetItem
from inspections.workflow import Score, fault_of, missing, total_of


@transaction.atomic
def start_inspection(round_: Round, community: Community, *, inspected_on: dt.date, actor: User) -> Inspection:
    """Begin the inspection of a community in an open round; the actor is its inspector.

    Raises NotAllowed, WrongState for a round or quarter that is not open or a community already inspected in it,
    RuleViolation for a day that `check_day` refuses or outside the round.
    """
    if not Inspection.objects.communities_for(actor).filter(pk=community.pk).exists():
        raise NotAllowed(_("你的岗位不能检查“%s”。") % community)
    locked = _open_round(round_.pk)
    check_day(inspected_on, "inspected_on")
    if not locked.starts_on <= inspected_on <= locked.ends_on:
        raise RuleViolation(
            _("本轮检查从 %(start)s 到 %(end)s，填了 %(day)s。日期应在这之间。")
            % {"start": locked.starts_on, "end": locked.ends_on, "day": inspected_on},
            field="inspected_on",
        )
    earlier = Inspection.objects.filter(round=locked, community=community).first()
    if earlier is not None:
        raise WrongState(
            _("这一轮已经在 %(day)s 检查过“%(community)s”。一轮一个社区查一次，接着原来的打分。")
            % {"day": earlier.inspected_on, "community": community},
            field="community",
        )
    with rules_as_sentences(Inspection):
        return Inspection.objects.create(
            round=locked,
            community=community,
            inspected_on=inspected_on,
            inspector=actor,
            is_sample=community.is_sample,
        )


@transaction.atomic
def save_scores(
    inspection: Inspection,
    scores: Mapping[int, tuple[Decimal, str]],
    *,
    expected_version: int,
    actor: User,
) -> Inspection:
    """Store a draft: `scores` maps an item's key to what it lost and why; full marks are a deduction of 0.

    Items that are not named keep what they have. All or nothing: raises NotAllowed, WrongState once submitted or
    when round or quarter is not open, StaleVersion with both values of every item that differs, RuleViolation for
    an item of another sheet, a deduction below 0 or above the full marks, or one without a reason.
    """
    locked = _lock(inspection, actor)
    items = {item.pk: item for item in SheetItem.objects.filter(sheet__rounds=locked.round_id)}
    stored = {row.item_id: row for row in locked.scores.all()}
    wanted = {key: Score(Decimal(lost), why.strip()) for key, (lost, why) in scores.items()}
    if locked.version != expected_version:
        conflicts = _conflicts(items, stored, wanted)
        message = _("这张评分刚刚被别人改过。下面是两个版本，请选。")
        raise StaleVersion(message, conflicts, version=locked.version)
    for key, score in wanted.items():
        _check_score(items, key, score)
    added = [
        ItemScore(inspection=locked, item=items[k], deduction=s.deduction, reason=s.reason)
        for k, s in wanted.items()
        if k not in stored
    ]
    changed = []
    for key, score in wanted.items():
        row = stored.get(key)
        if row is not None and (row.deduction, row.reason) != score:
            row.deduction, row.reason = score
            changed.append(row)
    with rules_as_sentences(ItemScore):
        ItemScore.objects.bulk_create(added)
        ItemScore.objects.bulk_update(changed, ["deduction", "reason"])
    Inspection.objects.filter(pk=locked.pk).update(version=F("version") + 1)
    return Inspection.objects.get(pk=locked.pk)


@transaction.atomic
def submit(inspection: Inspection, *, actor: User, expected_version: int | None = None) -> Inspection:
    """Lock the scores and store their total, Σ(full − deduction). Nothing changes afterwards; the database refuses it.

    Raises NotAllowed, WrongState once submitted or when round or quarter is not open, RuleViolation while items are
    not scored (silence is not full marks), StaleVersion where `expected_version` is given and is not the stored one.
    """
    locked = _lock(inspection, actor)
    if expected_version is not None and locked.version != expected_version:
        message = _("这张评分刚刚被别人改过。看过现在的各项得分，再提交。")
        raise StaleVersion(message, [], version=locked.version)
    full = {item.pk: item.full_marks for item in SheetItem.objects.filter(sheet__rounds=locked.round_id)}
    lost = dict(locked.scores.values_list("item_id", "deduction"))
    open_items = missing(full, lost)
    if open_items:
        raise RuleViolation(
            _("还有 %(left)d 项没有评，共 %(all)d 项。每一项都选“满分”或“扣分”，再提交。")
            % {"left": len(open_items), "all": len(full)}
        )
    Inspection.objects.filter(pk=locked.pk).update(
        submitted_at=timezone.now(), total=total_of(full, lost), version=F("version") + 1
    )
    return Inspection.objects.get(pk=locked.pk)


def _lock(inspection: Inspection, actor: User) -> Inspection:
    """The inspection's row, locked after its round, if the actor may score it now."""
    if not Inspection.objects.editable_by(actor).filter(pk=inspection.pk).exists():
        raise NotAllowed(_("你的岗位不能给“%s”打分。") % inspection.community)
    _open_round(inspection.round_id)
    locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if locked.submitted_at is not None:
        assert locked.total is not None
        raise WrongState(
            _("这张评分已经在 %(when)s 提交，得分 %(total)s，不能再改。")
            % {"when": f"{timezone.localtime(locked.submitted_at):%Y-%m-%d %H:%M}", "total": decimal(locked.total)}
        )
    return locked


def _open_round(pk: int) -> Round:
    """The round's row, locked, if scoring goes on in it and its quarter is open."""
    locked = Round.objects.select_for_update(no_key=True).get(pk=pk)
    if locked.state != RoundState.OPEN:
        raise WrongState(
            _("“%(round)s”%(state)s，现在不能打分。") % {"round": locked, "state": locked.get_state_display()}
        )
    if locked.quarter.state != PeriodState.OPEN:
        raise WrongState(
            _("%(quarter)s %(state)s，现在不能打分。")
            % {"quarter": locked.quarter, "state": locked.quarter.get_state_display()}
        )
    return locked


def _check_score(items: Mapping[int, SheetItem], key: int, score: Score) -> None:
    item = items.get(key)
    if item is None:
        raise RuleViolation(_("这一项不在本轮的评分表里。刷新后再打分。"))
    fault = fault_of(key, item.full_marks, score)
    if fault is None:
        return
    parts = {"item": item.title, "full": decimal(item.full_marks), "lost": decimal(score.deduction)}
    sentence = {
        "range": _("“%(item)s”满分 %(full)s，填了扣 %(lost)s。扣分在 0 和满分之间。"),
        "places": _("“%(item)s”的扣分最多两位小数。"),
        "missing": _("“%(item)s”扣了 %(lost)s 分，没有写原因。写明原因，或改为满分。"),
    }[fault.kind]
    raise RuleViolation(sentence % parts, field=f"{fault.part}_{key}")


def _conflicts(
    items: Mapping[int, SheetItem], stored: Mapping[int, ItemScore], wanted: Mapping[int, Score]
) -> list[FieldConflict]:
    found = []
    for key, score in wanted.items():
        row = stored.get(key)
        kept = Score(row.deduction, row.reason) if row is not None else None
        if key in items and kept != score:
            found.append(FieldConflict(items[key].title, _words(kept), _words(score)))
    return found


def _words(score: Score | None) -> str:
    if score is None:
        return _("没有评")
    if not score.deduction:
        return _("满分")
    return _("扣 %(lost)s：%(why)s") % {"lost": decimal(score.deduction), "why": score.reason}
