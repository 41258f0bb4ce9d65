"""Registering and editing communities."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.db.models.functions import Cast, Substr

from accounts.models import User
from communities.actions.checks import check_day, check_not_too_early, require_unit
from communities.models import Community, Division, Placement, Population, ReportingUnit
from communities.names import pinyin_of
from communities.roles import Role
from communities.scoping import reach_of
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation
from core.models import save_version
from core.sentences import gettext as _

# What a county may enter about its communities. Which of them are pilots, the city decides.
DETAILS = frozenset({"name", "area_kind", "households", "residents", "longitude", "latitude", "division"})
PILOT = frozenset({"pilot_from", "pilot_until"})
EDITABLE = DETAILS | PILOT
_LETTERS = {Population.PROGRAMME: "P", Population.EXISTING: "E"}


@transaction.atomic
def create_community(
    *,
    actor: User,
    name: str,
    unit: ReportingUnit,
    type: str,
    population: str,
    valid_from: dt.date,
    category: str = "",
    code: str = "",
    reason: str = "",
    is_sample: bool = False,
    **details: Any,
) -> Community:
    """Register a community and where and as what it counts from `valid_from` on.

    Without `code` the next one of the unit and population is given (XC-P-003); the unit's row is locked for
    it. `details` are further fields of EDITABLE. Raises NotAllowed where the actor may not write in the unit
    or sets a pilot without being of the city office, RuleViolation for what the fields and rules forbid.
    """
    _require_known(details)
    require_unit(actor, unit)
    _check_pilot(actor, {field: details[field] for field in PILOT & details.keys() if details[field]})
    check_day(valid_from, "valid_from")
    ReportingUnit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    _require_free_name(name, unit, population)
    require_in_unit(details.get("division"), unit)
    community = Community(
        code=code.strip().upper() or next(free_codes(unit, population)), is_sample=is_sample, **named(name), **details
    )
    require_valid(community)
    with rules_as_sentences(Community):
        community.save()
    placement = Placement(
        community=community,
        unit=unit,
        type=type,
        population=population,
        category=category,
        valid_from=valid_from,
        reason=reason.strip(),
        is_sample=is_sample,
    )
    require_valid(placement)
    with rules_as_sentences(Placement):
        placement.save()
    return community


@transaction.atomic
def edit_community(community: Community, values: dict[str, Any], *, expected_version: int, actor: User) -> Community:
    """Change what is known of a community. Where it counts changes by `move_placement`, a decreed name by `succeed`.

    `values` holds fields of EDITABLE; others raise KeyError. Raises NotAllowed, StaleVersion, RuleViolation.
    """
    _require_known(values)
    stored = Community.objects.get(pk=community.pk)
    if not Community.objects.editable_by(actor).filter(pk=stored.pk).exists():
        raise NotAllowed(_("你的岗位不能修改这个社区。"))
    changed = {field: value for field, value in values.items() if getattr(stored, field) != value}
    _check_pilot(actor, {field: changed[field] for field in PILOT & changed.keys()})
    present = Placement.objects.current().filter(community=stored).select_related("unit").first()
    if present is not None and "division" in changed:
        require_in_unit(changed["division"], present.unit)
    written = {**values, **(named(values["name"]) if "name" in values else {})}
    for field, value in written.items():
        setattr(stored, field, value)
    require_valid(stored)
    with rules_as_sentences(Community):
        return save_version(stored, written, expected=expected_version)


def named(name: str) -> dict[str, str]:
    """The fields that hold a name: itself, and its pinyin for order and search."""
    name = name.strip()
    pinyin, initials = pinyin_of(name)
    return {"name": name, "pinyin": pinyin or name.lower(), "initials": initials or name.lower()}


def free_codes(unit: ReportingUnit, population: str) -> Iterator[str]:
    """The codes after the highest one of the unit and population: XC-P-003 … The caller holds the unit's lock."""
    head = f"{unit.code}-{_LETTERS[Population(population)]}-"
    number = Cast(Substr("code", len(head) + 1), models.IntegerField())
    used = Community.objects.filter(code__regex=f"^{re.escape(head)}[0-9]{{1,9}}$")
    highest = used.aggregate(highest=Max(number))["highest"] or 0
    return (f"{head}{following:03d}" for following in itertools.count(highest + 1))


def _require_known(values: dict[str, Any]) -> None:
    if not values.keys() <= EDITABLE:
        raise KeyError(sorted(values.keys() - EDITABLE))


def _check_pilot(actor: User, changed: dict[str, Any]) -> None:
    if changed and Role.CITY_OFFICE not in reach_of(actor).city:
        raise NotAllowed(_("是不是试点由市新社区办登记。"))
    for field, day in changed.items():
        if day is not None:  # a pilot may begin later, but no term of it is as old as a slip of the pen
            check_not_too_early(day, field)


def _require_free_name(name: str, unit: ReportingUnit, population: str) -> None:
    present = Placement.objects.current().filter(unit=unit, population=population, community__name=name.strip())
    if (code := present.values_list("community__code", flat=True).first()) is not None:
        raise name_taken(unit, name, code)


def name_taken(unit: ReportingUnit, name: str, code: str) -> RuleViolation:
    """The refusal of a name that another community of the unit and population has, which `code` names."""
    facts = {"unit": unit, "name": name.strip(), "code": code}
    return RuleViolation(_("%(unit)s已有“%(name)s”，编号 %(code)s。同名的请加以区别。") % facts, field="name")


def require_in_unit(division: Division | None, unit: ReportingUnit) -> None:
    """Raises RuleViolation for a division that another unit answers for."""
    if division is not None and not Division.objects.of_unit(unit).filter(pk=division.pk).exists():
        raise RuleViolation(
            _("“%(division)s”不归“%(unit)s”填报。换一个乡镇街道，或换单位。") % {"division": division, "unit": unit},
            field="division",
        )
