"""Every write of organisations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import check_day
from communities.models import Community, ReportingUnit
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import save_version
from services.models import CountingRule, Organisation, OrganisationKind
from services.workflow import rule_fits

EDITABLE = frozenset({"kind", "name", "counting_rule", "community", "unit", "village_name", "valid_from"})


@transaction.atomic
def create_organisation(
    *,
    kind: str,
    name: str,
    counting_rule: str,
    valid_from: dt.date,
    actor: User,
    community: Community | None = None,
    unit: ReportingUnit | None = None,
    village_name: str = "",
) -> Organisation:
    """Register an organisation, in a community or else in a unit with its village's name.

    Raises NotAllowed, RuleViolation for two places or none, a counting rule of another kind, a day that
    `check_day` refuses, or a namesake of the same kind at the same place.
    """
    place = {"community": community, "unit": unit, "village_name": village_name.strip()}
    _check(kind, counting_rule, valid_from, place)
    _require_place(place, actor)
    with rules_as_sentences(Organisation):
        return Organisation.objects.create(
            kind=kind,
            name=name.strip(),
            counting_rule=counting_rule,
            valid_from=valid_from,
            is_sample=community is not None and community.is_sample,
            **place,
        )


@transaction.atomic
def edit_organisation(
    organisation: Organisation, values: dict[str, Any], *, expected_version: int, actor: User
) -> Organisation:
    """Change an organisation. `values` holds fields of EDITABLE; others raise KeyError.

    Raises NotAllowed (both the old and the new place must be the actor's), StaleVersion, RuleViolation.
    """
    if not values.keys() <= EDITABLE:
        raise KeyError(sorted(values.keys() - EDITABLE))
    _require_rights(organisation, actor)
    after = {name: values.get(name, getattr(organisation, name)) for name in EDITABLE}
    place = {name: after[name] for name in ("community", "unit", "village_name")}
    _check(after["kind"], after["counting_rule"], after["valid_from"], place)
    _require_place(place, actor)
    with rules_as_sentences(Organisation):
        return save_version(organisation, values, expected=expected_version)


@transaction.atomic
def end_organisation(organisation: Organisation, *, on: dt.date, expected_version: int, actor: User) -> Organisation:
    """Enter that the organisation exists no longer from `on`.

    Raises NotAllowed, WrongState where it has ended already, RuleViolation for a day after today or not after
    its beginning, StaleVersion.
    """
    _require_rights(organisation, actor)
    if organisation.valid_until is not None:
        raise WrongState(_("“%(name)s”已经在 %(day)s 撤销。") % {"name": organisation, "day": organisation.valid_until})
    check_day(on, "on")
    if on <= organisation.valid_from:
        raise RuleViolation(
            _("成立在 %(start)s，撤销填了 %(day)s。撤销日期应在成立之后。")
            % {"start": organisation.valid_from, "day": on},
            field="on",
        )
    with rules_as_sentences(Organisation):
        return save_version(organisation, {"valid_until": on}, expected=expected_version)


def _check(kind: str, counting_rule: str, valid_from: dt.date, place: dict[str, Any]) -> None:
    if not rule_fits(kind, counting_rule):
        raise RuleViolation(
            _("%(kind)s不能按“%(rule)s”计数。换一个口径或类别。")
            % {"kind": OrganisationKind(kind).label, "rule": CountingRule(counting_rule).label},
            field="counting_rule",
        )
    check_day(valid_from, "valid_from")
    in_community, in_village = place["community"] is not None, place["unit"] is not None or place["village_name"]
    if in_community and in_village:
        raise RuleViolation(_("社区和村只填一种：在社区的填社区，不在社区的填单位和村名。"), field="community")
    if not in_community and (place["unit"] is None or not place["village_name"]):
        raise RuleViolation(_("没有填地点：在社区的填社区，不在社区的填单位和村名。"), field="community")


def _require_place(place: dict[str, Any], actor: User) -> None:
    community, unit = place["community"], place["unit"]
    if community is not None:
        allowed = Community.objects.editable_by(actor).filter(pk=community.pk).exists()
    else:
        allowed = ReportingUnit.objects.writable_by(actor).filter(pk=unit.pk).exists()
    if not allowed:
        raise NotAllowed(_("你的岗位不能在“%s”登记组织。") % (community or unit))


def _require_rights(organisation: Organisation, actor: User) -> None:
    if not Organisation.objects.editable_by(actor).filter(pk=organisation.pk).exists():
        raise NotAllowed(_("你的岗位不能修改这个组织。"))
