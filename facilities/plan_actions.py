"""Planning the steps of a project: a first plan needs no word, every later one a reason; none is ever overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from core.constraints import require_valid, rules_as_sentences
from core.errors import FieldConflict, NotAllowed, RuleViolation, StaleVersion
from core.sentences import gettext as _
from facilities.models import PlannedStage, Project
from facilities.workflow import Stage

Days = Mapping[int, dt.date | None]


@transaction.atomic
def plan_stages(
    project: Project,
    days: Days,
    *,
    actor: User,
    reason: str = "",
    holds_from: dt.date | None = None,
    seen: int | None = None,
) -> list[PlannedStage]:
    """Plan steps of a project for days; None takes a step's plan away. Steps that `days` does not name stay.

    What equals the plan in force adds nothing. A step that was planned before needs `reason`. `holds_from` is the day
    from which a changed plan counts (today unless given); figures of earlier quarters keep the plan that held then.
    `seen` is the newest plan row that the person had before them (`newest_plan`): a step that somebody else planned
    since, for another day, raises StaleVersion with both days.
    Raises NotAllowed, and RuleViolation without a reason or where a later step would be planned before an earlier one.
    Returns the rows added.
    """
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if not Project.objects.editable_by(actor).filter(pk=locked.pk).exists():
        raise NotAllowed(_("你的岗位不能改这个项目的计划。"))
    before = plan_of(locked)
    changed = {stage: day for stage, day in days.items() if before.get(stage) != day}
    if seen is not None:
        _require_seen(locked, changed, before, seen)
    if not reason.strip() and any(stage in before for stage in changed):
        raise RuleViolation(_("改原计划请写明原因。"), field="reason")
    require_order({**before, **changed})
    rows = [
        PlannedStage(
            project=locked,
            stage=stage,
            planned_on=changed[stage],
            reason=reason.strip(),
            holds_from=holds_from,
            recorded_by=actor,
            is_sample=locked.is_sample,
        )
        for stage in _writing_order(before, changed)
    ]
    with rules_as_sentences(PlannedStage, Project):
        for row in rows:
            require_valid(row)
            row.save(force_insert=True)
    return rows


def plan_of(project: Project, seen: int | None = None) -> dict[int, dt.date | None]:
    """The plan in force, by step; with `seen`, the one that was in force when that row was the newest.

    A step whose plan was taken away is there with None.
    """
    rows = PlannedStage.objects.filter(project=project, **({} if seen is None else {"pk__lte": seen}))
    return dict(rows.latest_of_each().values_list("stage", "planned_on"))


def newest_plan(project: Project) -> int:
    """The key of the project's newest plan row; 0 where nothing was planned yet."""
    return PlannedStage.objects.filter(project=project).aggregate(newest=Max("pk"))["newest"] or 0


def _require_seen(project: Project, changed: Days, now: Days, seen: int) -> None:
    newer = set(PlannedStage.objects.filter(project=project, pk__gt=seen).values_list("stage", flat=True))
    conflicts = [
        FieldConflict(str(Stage(stage).label), str(now.get(stage) or _("没有")), str(day or _("没有")))
        for stage, day in sorted(changed.items())
        if stage in newer
    ]
    if conflicts:
        raise StaleVersion(_("刚刚有人改过计划。下面是两个日期，请选。"), conflicts, version=newest_plan(project))


def require_order(plan: Days) -> None:
    """Raises RuleViolation, on the later one, where a step is planned before an earlier step."""
    last: tuple[int, dt.date] | None = None
    for stage, day in sorted(plan.items()):
        if day is None:
            continue
        if last is not None and day < last[1]:
            raise RuleViolation(
                _("“%(later)s”计划在 %(day)s，比“%(earlier)s”的 %(before)s 早。后一步不能早于前一步。")
                % {"later": Stage(stage).label, "day": day, "earlier": Stage(last[0]).label, "before": last[1]},
                field=f"stage_{stage}",
            )
        last = stage, day


def _writing_order(before: Days, changed: Days) -> list[int]:
    """Later steps first where the plan moves back, so that no row in between puts a later step before an earlier."""
    start, old_finish = changed.get(Stage.STARTED), before.get(Stage.BASICALLY_BUILT)
    moves_back = start is not None and old_finish is not None and start > old_finish
    return sorted(changed, reverse=moves_back)
