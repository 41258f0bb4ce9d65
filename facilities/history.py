"""What was done to a project: its own changes, and those of its stage rows, whoever made them and however."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from core.components import Change, Moment
from core.history import DELETE, INSERT, event_model, moments_of
from facilities.models import Project, StageEvent
from facilities.workflow import Stage


def moments_of_project(project: Project) -> list[Moment]:
    """Newest first, from what the database kept: a stage row changed or removed by plain SQL is among them."""
    found = [*moments_of(project), *reversed(list(_stage_moments(project)))]
    return sorted(found, key=lambda moment: moment.when, reverse=True)


def _stage_moments(project: Project) -> Iterator[Moment]:
    """Oldest first."""
    events = list(event_model(StageEvent)._default_manager.filter(project_id=project.pk).order_by("pgh_id"))
    keys = {(event.pgh_context or {}).get("user") for event in events} - {None}
    people: dict[Any, str] = {user.pk: str(user) for user in User.objects.filter(pk__in=list(keys))}
    before: dict[int, Any] = {}
    for event in events:
        context = event.pgh_context or {}
        person = people.get(context.get("user"), _("后台作业"))
        who = " · ".join(filter(None, [person, str(context.get("address", ""))]))
        yield _moment(event, before.get(event.pgh_obj_id), who)
        before[event.pgh_obj_id] = event


def _moment(event: Any, before: Any, who: str) -> Moment:
    went = f"{_stage(event.stage_before)} → {_stage(event.stage)}"
    facts = [_("%s 到达") % event.occurred_on, event.basis, event.reason]
    text = " · ".join(filter(None, facts))
    if event.pgh_label == INSERT:
        title, tone = _("登记阶段：%s") % went, "warn" if event.reason else ""
        return Moment(event.pgh_created_at, title, text, who, tone=tone)
    if event.pgh_label == DELETE:
        return Moment(event.pgh_created_at, _("删除阶段：%s") % went, text, who, tone="bad")
    changes = list(_changes(before, event)) if before is not None else []
    return Moment(event.pgh_created_at, _("修改阶段：%s") % went, text, who, tone="bad", changes=changes)


def _changes(before: Any, after: Any) -> Iterator[Change]:
    for name in ("stage", "stage_before", "occurred_on", "basis", "reason"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            words = _stage if name.startswith("stage") else str
            yield Change(str(getattr(StageEvent, name).field.verbose_name), words(old), words(new))


def _stage(value: int | None) -> str:
    return str(Stage(value).label) if value in Stage.values else "—"
