"""Registering, editing and taking back many communities at once, as a sheet brings them: the rules are those of one
(`places`), what they ask of the database is asked once for all, and constraints are left to it.

All of them are written or none. OneRefused names the first that may not be; RuleViolation is raised where the database
alone holds a rule about one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from communities.actions.checks import check_day, require_unit
from communities.actions.places import DETAILS, free_codes, name_taken, named, require_in_unit
from communities.models import Community, Division, Placement, ReportingUnit
from core.constraints import require_fields, rules_as_sentences
from core.errors import OneRefused, RuleViolation
from core.models import save_versions, standing_on_each
from core.sentences import gettext as _

# Key of the community → the version that was seen, and the new values.
Changes = Mapping[int, tuple[int, Mapping[str, Any]]]
# A key of the caller's own → what `create_community` takes of a new one, without unit, code and reason.
News = Mapping[int, Mapping[str, Any]]
PLACED = ("type", "population", "category", "valid_from")


@transaction.atomic
def create_communities(unit: ReportingUnit, news: News, *, actor: User) -> dict[int, Community]:
    """Register many communities of a unit, each with the next code; by the caller's keys.

    Values are PLACED and fields of DETAILS; others raise KeyError. Besides what the module says, raises NotAllowed.
    """
    require_unit(actor, unit)
    ReportingUnit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    register = _Register(unit, {values["name"].strip() for values in news.values()})
    made, placed = {}, []
    for key, values in news.items():
        try:
            made[key], placement = register.enter(values)
        except RuleViolation as refusal:
            raise OneRefused(key, refusal.message) from refusal
        placed.append(placement)
    with rules_as_sentences(Community, Placement):
        Community.objects.bulk_create(made.values())
        Placement.objects.bulk_create(placed)
    return made


class _Register:
    """A unit's names and codes while communities are added to it; its row is locked."""

    def __init__(self, unit: ReportingUnit, names: Collection[str]) -> None:
        self.unit = unit
        present = Placement.objects.current().filter(unit=unit, community__name__in=names)
        rows = present.values_list("population", "community__name", "community__code")
        self.taken = {(population, name): code for population, name, code in rows}
        self.codes: dict[str, Iterator[str]] = {}
        self.divisions: set[Division] = set()

    def enter(self, values: Mapping[str, Any]) -> tuple[Community, Placement]:
        """A new community and its placement, checked and not yet written. Raises RuleViolation."""
        details = {name: value for name, value in values.items() if name not in PLACED}
        _require_details(details)
        name, population, division = values["name"].strip(), values["population"], values.get("division")
        check_day(values["valid_from"], "valid_from")
        if (population, name) in self.taken:
            raise name_taken(self.unit, name, self.taken[population, name])
        if division is not None and division not in self.divisions:
            require_in_unit(division, self.unit)
            self.divisions.add(division)
        if population not in self.codes:
            self.codes[population] = free_codes(self.unit, population)
        community = Community(**{**details, **named(name)}, code=next(self.codes[population]))
        placement = Placement(community=community, unit=self.unit, **{field: values[field] for field in PLACED})
        require_fields(community)
        require_fields(placement)
        self.taken[population, name] = community.code
        return community, placement


@transaction.atomic
def edit_communities(changes: Changes, *, actor: User) -> None:
    """Change details of many communities. Values are fields of DETAILS; others raise KeyError."""
    rows = Community.objects.select_for_update(no_key=True, of=("self",)).select_related("division").order_by("pk")
    stored = rows.in_bulk(list(changes))
    allowed = _editable(stored, actor)
    written: set[str] = set()
    moved: dict[int, Division] = {}
    for key, (version, values) in changes.items():
        _require_details(values)
        _require_unchanged(key, stored.get(key), version, _("“%s”刚刚被别人改过。"), allowed)
        changed = _set(stored[key], values)
        written |= changed
        if "division" in changed and (division := stored[key].division) is not None:
            moved[key] = division
    _check_divisions(moved)
    with rules_as_sentences(Community):
        save_versions(stored.values(), sorted(written))


@transaction.atomic
def withdraw_communities(seen: Mapping[int, int], *, actor: User) -> None:
    """Take registrations back on which nothing stands yet, given as key → version seen. History keeps them."""
    stored = Community.objects.select_for_update().order_by("pk").in_bulk(list(seen))
    allowed = _editable(stored, actor)
    placements = Placement.objects.filter(community__in=stored).order_by().values_list("community")
    times = dict(placements.annotate(Count("pk")))
    standing = standing_on_each(Community, stored, besides=[Placement])
    for key, version in seen.items():
        changed = _("“%s”登记之后又有改动，不能收回。")
        _require_unchanged(key, stored.get(key), version if times.get(key) == 1 else 0, changed, allowed)
        if kind := standing.get(key):
            raise OneRefused(key, _("“%(name)s”已经有%(kind)s，不能收回。") % {"name": stored[key], "kind": kind})
    with rules_as_sentences(Community):
        Community.objects.filter(pk__in=stored).delete()


def _editable(keys: Collection[int], actor: User) -> set[int]:
    return set(Community.objects.editable_by(actor).filter(pk__in=keys).values_list("pk", flat=True))


def _require_details(values: Mapping[str, Any]) -> None:
    if not values.keys() <= DETAILS:
        raise KeyError(sorted(values.keys() - DETAILS))


def _require_unchanged(
    key: int, stored: Community | None, version: int, changed: str, allowed: Collection[int]
) -> None:
    if stored is None:
        raise OneRefused(key, _("登记里的这个社区已经没有了。"))
    if key not in allowed:
        raise OneRefused(key, _("你的岗位不能修改这个社区。"))
    if stored.version != version:
        raise OneRefused(key, changed % stored)


def _set(stored: Community, values: Mapping[str, Any]) -> set[str]:
    """Put the values on the record; which fields of it they change. OneRefused where one of them cannot be."""
    values = {**values, **(named(values["name"]) if "name" in values else {})}
    changed = {field for field, value in values.items() if getattr(stored, field) != value}
    for field in changed:
        setattr(stored, field, values[field])
    try:
        require_fields(stored)
    except RuleViolation as refusal:
        raise OneRefused(stored.pk, refusal.message) from refusal
    return changed


def _check_divisions(moved: Mapping[int, Division]) -> None:
    """OneRefused for a division of another unit; one query for each that is new somewhere."""
    known: set[tuple[ReportingUnit, Division]] = set()
    for placement in Placement.objects.current().filter(community__in=moved).select_related("unit"):
        wanted = placement.unit, moved[placement.community_id]
        if wanted in known:
            continue
        try:
            require_in_unit(wanted[1], wanted[0])
        except RuleViolation as refusal:
            raise OneRefused(placement.community_id, refusal.message) from refusal
        known.add(wanted)
