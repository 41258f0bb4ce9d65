"""Every write of construction: projects, and the stages they reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.db import transaction

from accounts.models import User
from communities.actions.checks import check_day, require_city_office
from communities.calendar import working_day
from communities.models import Community
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import save_version, standing_on
from core.sentences import gettext as _
from facilities.models import FacilityKind, InfrastructureType, PlannedStage, Position, Project, StageEvent
from facilities.models.plan_rules import PLAN_COLUMNS
from facilities.money import FUNDS
from facilities.workflow import Stage, is_step_back

# What a form may set. The community is not among them: a project is not moved to another one; nor are planned days,
# which change with a reason (`plan_actions`).
EDITABLE = (
    "kind",
    "name",
    "infrastructure",
    "position",
    "is_platform",
    "major_number",
    "housing_planned",
    *FUNDS,
    "invested_before",
)
# What a new project may bring along: the first plan of the steps that these columns stand for.
FIRST_PLAN = tuple(PLAN_COLUMNS.values())


@transaction.atomic
def create_project(*, community: Community, kind: str, name: str, actor: User, **values: Any) -> Project:
    """Register a project of a community. `values` holds fields of EDITABLE and the first plan's two days.

    What is not said of its traits follows from what it is (`traits_by_default`). Raises KeyError for other fields,
    NotAllowed where the actor may not edit the community, RuleViolation for a name that the community already has, a
    second service-centre project, dates out of order, or a field that is not of this kind of project.
    """
    require_known(values, {*EDITABLE, *FIRST_PLAN})
    if not Community.objects.editable_by(actor).filter(pk=community.pk).exists():
        raise NotAllowed(_("你的岗位不能为“%s”登记项目。") % community)
    project = new_project(community, {"kind": kind, "name": name, **values}, day=working_day())
    with rules_as_sentences(Project, PlannedStage):
        project.save(force_insert=True)
    return project


def new_project(community: Community, values: Mapping[str, Any], *, day: dt.date) -> Project:
    """A project registered on `day`, not yet written. RuleViolation where a field is not of its kind."""
    registered = {"registered_on": day, "is_sample": community.is_sample}
    by_default = traits_by_default(values["kind"], values.get("infrastructure"))
    traits = {trait: usual for trait, usual in by_default.items() if values.get(trait) in (None, "")}
    project = Project(community=community, **{**values, **traits, "name": values["name"].strip(), **registered})
    require_kind(project)
    return project


def traits_by_default(kind: str, infrastructure: InfrastructureType | None) -> dict[str, Any]:
    """What the ordering rules ask of a new project, where nobody says it: where it is built, infrastructure by its kind
    (unknown without one) and a building above the ground, and whether it is a platform, as service centres are.
    """
    if kind != FacilityKind.INFRASTRUCTURE:
        position = Position.ABOVE_GROUND.value
    else:
        position = "" if infrastructure is None else infrastructure.usual_position.value
    return {"position": position, "is_platform": kind == FacilityKind.SERVICE_CENTRE}


@transaction.atomic
def edit_project(project: Project, values: dict[str, Any], *, expected_version: int, actor: User) -> Project:
    """Change what a project is called, builds and costs. Its stage changes by `record_stage` alone, its plan by
    `plan_stages`.

    `values` holds fields of EDITABLE; others raise KeyError. Raises NotAllowed, StaleVersion, RuleViolation.
    """
    require_known(values, EDITABLE)
    _require_rights(project, actor)
    changed = copy(project)
    for field, value in values.items():
        setattr(changed, field, value)
    require_kind(changed)
    with rules_as_sentences(Project):
        return save_version(project, values, expected=expected_version)


def standing_on_project(project: Project) -> str:
    """What holds a registration in place, by its name; empty while it may be taken back."""
    if project.plans.entered().exists():
        return str(PlannedStage._meta.verbose_name)
    return standing_on(project, besides=[PlannedStage])


@transaction.atomic
def withdraw_project(project: Project, *, expected_version: int, actor: User) -> None:
    """Take a registration back on which nothing stands yet, with the plan that it was made with. History keeps both.

    Raises NotAllowed, WrongState where it was changed, planned anew, or anything else was entered about it.
    """
    stored = Project.objects.select_for_update().filter(pk=project.pk).first()
    if stored is None:  # two people, or one twice
        raise WrongState(_("这个项目已经收回。"))
    _require_rights(stored, actor)
    if stored.version != expected_version:
        raise WrongState(_("“%s”登记之后又有改动，不能收回。") % stored)
    if kind := standing_on_project(stored):
        raise WrongState(_("“%(name)s”已经有%(kind)s，不能收回。") % {"name": stored, "kind": kind})
    with rules_as_sentences(Project):
        stored.delete()


@transaction.atomic
def record_stage(
    project: Project, stage: int, *, occurred_on: dt.date, actor: User, basis: str = "", reason: str = ""
) -> StageEvent:
    """Enter that a project reached `stage` on `occurred_on`, as the city office does (补登).

    A county enters stages by its monthly report, where another person approves them. The project's row is locked
    first, so that of two writers the second sees what the first wrote. A step back, or the same stage again, needs
    a reason; a day before the latest entry or that `check_day` refuses cannot be. Raises NotAllowed or
    RuleViolation; returns the new row, with the stage before it.
    """
    require_city_office(actor)
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    latest = locked.stages.latest_first().first()
    new, before, why = Stage(stage), Stage(latest.stage) if latest else None, reason.strip()
    _check_day(latest, occurred_on)
    if latest is not None and (latest.stage, latest.occurred_on) == (new, occurred_on):
        raise RuleViolation(
            _("这一步已经登记过：%(day)s %(stage)s。") % {"day": occurred_on, "stage": new.label}, field="stage"
        )
    if is_step_back(before, new) and not why:
        assert before is not None
        raise RuleViolation(
            _("现在是“%(before)s”，登记的是“%(new)s”，没有前进。写明原因再登记。")
            % {"before": before.label, "new": new.label},
            field="reason",
        )
    with rules_as_sentences(StageEvent):
        return StageEvent.objects.create(
            project=locked,
            stage=new,
            stage_before=before,
            occurred_on=occurred_on,
            basis=basis.strip(),
            reason=why,
            recorded_by=actor,
            is_sample=locked.is_sample,
        )


def require_known(values: Mapping[str, Any], fields: Iterable[str]) -> None:
    """Raises KeyError for what is none of `fields`."""
    if unknown := values.keys() - set(fields):
        raise KeyError(sorted(unknown))


def require_kind(project: Project) -> None:
    """Fields that only some kinds have: raises RuleViolation on the field."""
    if project.infrastructure_id is not None and project.kind != FacilityKind.INFRASTRUCTURE:
        raise RuleViolation(_("只有基础设施项目才选基础设施类别。"), field="infrastructure")
    if project.housing_planned is not None and not project.builds_homes:
        raise RuleViolation(_("只有住房项目才填计划套数。"), field="housing_planned")


def _check_day(latest: StageEvent | None, day: dt.date) -> None:
    check_day(day, "occurred_on")
    if latest is not None and day < latest.occurred_on:
        raise RuleViolation(
            _("上一步“%(stage)s”登记在 %(last)s，这次填了 %(day)s，更早。日期不能早于上一步。")
            % {"stage": latest.get_stage_display(), "last": latest.occurred_on, "day": day},
            field="occurred_on",
        )


def _require_rights(project: Project, actor: User) -> None:
    if not Project.objects.editable_by(actor).filter(pk=project.pk).exists():
        raise NotAllowed(_("你的岗位不能修改这个项目。"))
