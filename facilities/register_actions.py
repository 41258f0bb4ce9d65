"""Registering, editing, planning and taking back many projects at once, as a sheet brings them: the rules are those of
one (`actions`, `plan_actions`), what they ask of the database is asked once for all, and constraints are left to it.

All of them are written or none. OneRefused names the first that may not be; RuleViolation is raised where the database
alone holds a rule about one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from communities.calendar import working_day
from communities.models import Community
from core.constraints import rules_as_sentences
from core.errors import OneRefused, RuleViolation
from core.models import save_versions, standing_on_each
from core.sentences import gettext as _
from facilities.actions import EDITABLE, FIRST_PLAN, new_project, require_kind, require_known
from facilities.models import PlannedStage, Project
from facilities.plan_actions import Days, require_order

# Key of the project → the days of steps that were never planned before.
FirstPlans = Mapping[int, Days]
# A key of the caller's own → the community, and fields of EDITABLE and the first plan's two days.
News = Mapping[int, tuple[Community, Mapping[str, Any]]]
# Key of the project → the version that was seen, and new values of EDITABLE.
Changes = Mapping[int, tuple[int, Mapping[str, Any]]]


@transaction.atomic
def create_projects(news: News, *, actor: User) -> dict[int, Project]:
    """Register many projects; by the caller's keys. KeyError for other fields."""
    communities = {community.pk for community, _values in news.values()}
    allowed = set(Community.objects.editable_by(actor).filter(pk__in=communities).values_list("pk", flat=True))
    made, day = {}, working_day()
    for key, (community, values) in news.items():
        require_known(values, {*EDITABLE, *FIRST_PLAN})
        if community.pk not in allowed:
            raise OneRefused(key, _("你的岗位不能为“%s”登记项目。") % community)
        try:
            made[key] = new_project(community, values, day=day)
        except RuleViolation as refusal:
            raise OneRefused(key, refusal.message) from refusal
    with rules_as_sentences(Project, PlannedStage):
        Project.objects.bulk_create(made.values())
    return made


@transaction.atomic
def edit_projects(changes: Changes, *, actor: User) -> dict[int, Project]:
    """Change what projects are called, build and cost; as they are then, by key. KeyError for other fields."""
    stored = _locked(changes)
    allowed = _editable(stored, actor)
    written: set[str] = set()
    for key, (version, values) in changes.items():
        require_known(values, EDITABLE)
        _require_unchanged(key, stored.get(key), version, _("“%s”刚刚被别人改过。"), allowed)
        changed = {name for name, value in values.items() if getattr(stored[key], name) != value}
        for name in changed:
            setattr(stored[key], name, values[name])
        written |= changed
        try:
            require_kind(stored[key])
        except RuleViolation as refusal:
            raise OneRefused(key, refusal.message) from refusal
    with rules_as_sentences(Project):
        save_versions(stored.values(), sorted(written))
    return stored


@transaction.atomic
def withdraw_projects(seen: Mapping[int, int], *, actor: User) -> None:
    """Take registrations back on which nothing stands yet, given as key → version seen, with the plans that they were
    made with. History keeps both.
    """
    stored = _locked(seen)
    allowed = _editable(stored, actor)
    planned = PlannedStage.objects.filter(project__in=stored).entered().values_list("project", flat=True)
    standing = dict.fromkeys(planned, str(PlannedStage._meta.verbose_name))
    standing |= standing_on_each(Project, stored, besides=[PlannedStage])
    for key, version in seen.items():
        _require_unchanged(key, stored.get(key), version, _("“%s”登记之后又有改动，不能收回。"), allowed)
        if kind := standing.get(key):
            raise OneRefused(key, _("“%(name)s”已经有%(kind)s，不能收回。") % {"name": stored[key], "kind": kind})
    with rules_as_sentences(Project):
        Project.objects.filter(pk__in=stored).delete()


@transaction.atomic
def plan_first(plans: FirstPlans, *, actor: User) -> dict[int, dict[int, int]]:
    """Plan steps of many projects for the first time, which needs no reason; the keys of the plan rows, by step."""
    stored = _locked(plans)
    allowed, before = _editable(stored, actor), plans_of(stored)
    rows = []
    for key, days in plans.items():
        if key not in allowed:
            raise OneRefused(key, _("你的岗位不能改这个项目的计划。"))
        if any(stage in before.get(key, {}) for stage in days):
            raise OneRefused(key, _("“%s”刚刚被别人写了计划。") % stored[key])
        try:
            require_order({**before.get(key, {}), **days})
        except RuleViolation as refusal:
            raise OneRefused(key, refusal.message) from refusal
        rows += [_plan_row(stored[key], stage, day, actor) for stage, day in sorted(days.items())]
    with rules_as_sentences(PlannedStage, Project):
        PlannedStage.objects.bulk_create(rows)
    made: dict[int, dict[int, int]] = {}
    for row in rows:
        made.setdefault(row.project_id, {})[row.stage] = row.pk
    return made


@transaction.atomic
def take_plans_back(made: Mapping[int, Mapping[int, int]], *, actor: User, reason: str) -> None:
    """Take away the plans that `plan_first` made, where none of these steps was planned anew since. Rows stay."""
    stored = _locked(made)
    allowed = _editable(stored, actor)
    latest = PlannedStage.objects.filter(project__in=stored).latest_of_each()
    newest = {(row.project_id, row.stage): row.pk for row in latest}
    rows = []
    for key, steps in made.items():
        if key not in allowed:
            raise OneRefused(key, _("你的岗位不能改这个项目的计划。"))
        if any(newest.get((key, stage)) != plan for stage, plan in steps.items()):
            raise OneRefused(key, _("“%s”的计划后来又有调整。") % stored[key])
        rows += [_plan_row(stored[key], stage, None, actor, reason) for stage in steps]
    with rules_as_sentences(PlannedStage, Project):
        PlannedStage.objects.bulk_create(rows)


def plans_of(keys: Collection[int]) -> dict[int, dict[int, dt.date | None]]:
    """The plans in force of projects, by step, as `plan_actions.plan_of` gives those of one."""
    found: dict[int, dict[int, dt.date | None]] = {}
    rows = PlannedStage.objects.filter(project__in=list(keys)).latest_of_each()
    for project, stage, day in rows.values_list("project", "stage", "planned_on"):
        found.setdefault(project, {})[stage] = day
    return found


def _plan_row(project: Project, stage: int, day: dt.date | None, actor: User, reason: str = "") -> PlannedStage:
    kept = {"recorded_by": actor, "reason": reason, "is_sample": project.is_sample}
    return PlannedStage(project=project, stage=stage, planned_on=day, **kept)


def _locked(keys: Collection[int]) -> dict[int, Project]:
    rows = Project.objects.select_for_update(of=("self",)).select_related("community", "infrastructure")
    return rows.order_by("pk").in_bulk(list(keys))


def _editable(keys: Collection[int], actor: User) -> set[int]:
    return set(Project.objects.editable_by(actor).filter(pk__in=keys).values_list("pk", flat=True))


def _require_unchanged(key: int, stored: Project | None, version: int, changed: str, allowed: Collection[int]) -> None:
    if stored is None:
        raise OneRefused(key, _("这个项目已经收回。"))
    if key not in allowed:
        raise OneRefused(key, _("你的岗位不能修改这个项目。"))
    if stored.version != version:
        raise OneRefused(key, changed % stored)
