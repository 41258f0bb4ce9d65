"""Every write of the 1+X services: service centres and their standardisation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import check_day
from communities.models import Community
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import save_version
from core.periods import today
from facilities.models import FacilityKind, Project
from services.models import ServiceCentre, Standardisation

# What a form may set. The community is not among them: a centre is not moved to another one.
CENTRE_EDITABLE = frozenset({"name", "area", "project"})


@transaction.atomic
def create_centre(
    *,
    community: Community,
    name: str,
    actor: User,
    area: Decimal | None = None,
    project: Project | None = None,
) -> ServiceCentre:
    """Register a community's service centre, with the project that builds it, if any.

    `area` in square metres, None where unknown. Raises NotAllowed, or RuleViolation for a second centre of
    the community and for a project that is another community's or builds something else.
    """
    if not Community.objects.editable_by(actor).filter(pk=community.pk).exists():
        raise NotAllowed(_("你的岗位不能为“%s”登记服务中心。") % community)
    _check_project(community, project)
    with rules_as_sentences(ServiceCentre):
        return ServiceCentre.objects.create(
            community=community, name=name.strip(), area=area, project=project, is_sample=community.is_sample
        )


@transaction.atomic
def edit_centre(centre: ServiceCentre, values: dict[str, Any], *, expected_version: int, actor: User) -> ServiceCentre:
    """Change name, area or project. `values` holds fields of CENTRE_EDITABLE; others raise KeyError.

    Raises NotAllowed, StaleVersion, RuleViolation.
    """
    if not values.keys() <= CENTRE_EDITABLE:
        raise KeyError(sorted(values.keys() - CENTRE_EDITABLE))
    if not ServiceCentre.objects.editable_by(actor).filter(pk=centre.pk).exists():
        raise NotAllowed(_("你的岗位不能修改这个服务中心。"))
    if "project" in values:
        _check_project(centre.community, values["project"])
    with rules_as_sentences(ServiceCentre):
        return save_version(centre, values, expected=expected_version)


@transaction.atomic
def accept_standardisation(centre: ServiceCentre, *, on: dt.date, actor: User, basis: str = "") -> Standardisation:
    """Enter that the centre's standardisation was accepted `on` a day: it counts from then on.

    The city office alone. Raises NotAllowed, RuleViolation for a day that `check_day` refuses
    or on which it already counts.
    """
    locked = _lock_for_standardisation(centre, actor)
    check_day(on, "on")
    current = locked.standardisations.filter(valid_until__isnull=True).first()
    if current is not None:
        raise RuleViolation(
            _("“%(centre)s”自 %(day)s 起已经算规范化，不用再登记。") % {"centre": locked, "day": current.valid_from},
            field="on",
        )
    with rules_as_sentences(Standardisation):
        return Standardisation.objects.create(
            centre=locked, valid_from=on, basis=basis.strip(), accepted_by=actor, is_sample=locked.is_sample
        )


@transaction.atomic
def withdraw_standardisation(
    centre: ServiceCentre, *, reason: str, actor: User, on: dt.date | None = None
) -> Standardisation:
    """End the acceptance in force: from `on` (today unless given) the centre counts no longer.

    The city office alone. Raises NotAllowed, WrongState where nothing is in force, RuleViolation without a
    reason, for a day after today, or one that is not after the acceptance.
    """
    locked, day = _lock_for_standardisation(centre, actor), on or today()
    current = locked.standardisations.filter(valid_until__isnull=True).first()
    if current is None:
        raise WrongState(_("“%s”现在不算规范化，没有可以撤销的验收。") % locked)
    if not reason.strip():
        raise RuleViolation(_("撤销规范化，写明原因。"), field="reason")
    check_day(day, "on")
    if day <= current.valid_from:
        raise RuleViolation(
            _("验收在 %(start)s，撤销填了 %(day)s。撤销日期应在验收之后。") % {"start": current.valid_from, "day": day},
            field="on",
        )
    Standardisation.objects.filter(pk=current.pk).update(valid_until=day, reason=reason.strip())
    current.refresh_from_db()
    return current


def _lock_for_standardisation(centre: ServiceCentre, actor: User) -> ServiceCentre:
    if not Standardisation.objects.accepting(actor):
        raise NotAllowed(_("规范化由市新社区办验收登记，你的岗位不能登记。"))
    return ServiceCentre.objects.select_for_update(no_key=True).get(pk=centre.pk)


def _check_project(community: Community, project: Project | None) -> None:
    if project is None:
        return
    if project.community_id != community.pk:
        raise RuleViolation(
            _("项目“%(project)s”属于%(other)s，中心在%(community)s。选本社区的项目，或留空。")
            % {"project": project.name, "other": project.community, "community": community},
            field="project",
        )
    if project.kind != FacilityKind.SERVICE_CENTRE:
        raise RuleViolation(
            _("项目“%(project)s”建的是%(kind)s，不是综合服务中心。选服务中心项目，或留空。")
            % {"project": project.name, "kind": project.get_kind_display()},
            field="project",
        )
