"""Editing many communities at once, as a sheet brings them: the rules of `edit_community`, in few statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.places import DETAILS, named, require_in_unit
from communities.models import Community, Placement
from core.constraints import rules_as_sentences

# Key of the community → the version that was seen, and the new values.
Changes = Mapping[int, tuple[int, Mapping[str, Any]]]
_COMPUTED = frozenset({"pinyin", "initials"})


@transaction.atomic
def edit_communities(changes: Changes, *, actor: User) -> dict[int, str]:
    """Change details of many communities, or, where a single one may not be changed so, of none.

    Values are fields of DETAILS; others raise KeyError. Returns the reasons of refusal by community, empty where
    everything was written. Raises RuleViolation where a rule about one of them is held by the database alone.
    """
    for _version, values in changes.values():
        if not values.keys() <= DETAILS:
            raise KeyError(sorted(values.keys() - DETAILS))
    rows = Community.objects.select_for_update(no_key=True, of=("self",)).select_related("division").order_by("pk")
    stored = rows.in_bulk(list(changes))
    allowed = set(Community.objects.editable_by(actor).filter(pk__in=stored).values_list("pk", flat=True))
    refused = {}
    for key, (version, values) in changes.items():
        if (sentence := _refusal(stored.get(key), version, key in allowed)) or (sentence := _set(stored[key], values)):
            refused[key] = sentence
    if not refused:
        _check_divisions(stored)
        with rules_as_sentences(Community):
            Community.objects.bulk_update(stored.values(), [*DETAILS, *_COMPUTED, "version"], batch_size=500)
    return refused


def _refusal(stored: Community | None, version: int, allowed: bool) -> str:
    if stored is None:
        return _("登记里的这个社区已经没有了。")
    if not allowed:
        return _("你的岗位不能修改这个社区。")
    return _("“%s”刚刚被别人改过。") % stored if stored.version != version else ""


def _set(stored: Community, values: Mapping[str, Any]) -> str:
    """Put the values on the record; the first thing that is wrong with them, as a sentence."""
    before = stored.division_id
    for field, value in {**values, **(named(values["name"]) if "name" in values else {})}.items():
        setattr(stored, field, value)
    stored.version += 1
    stored.division_changed = stored.division_id != before  # type: ignore[attr-defined]
    try:
        stored.clean_fields(exclude={"division"})
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _check_divisions(stored: Mapping[int, Community]) -> None:
    """Raises RuleViolation for a division of another unit; one query for each division that is new somewhere."""
    moved = {key: row.division for key, row in stored.items() if getattr(row, "division_changed", False)}
    placed = Placement.objects.current().filter(community__in=moved).select_related("unit")
    wanted = {(placement.unit, moved[placement.community_id]) for placement in placed}
    for unit, division in wanted:
        require_in_unit(division, unit)
