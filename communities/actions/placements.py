"""Moving a community: to another unit, type, population or category, from a day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import lock_present, require_city_office, require_reason
from communities.models import Community, Placement, ReportingUnit
from core.constraints import require_valid, rules_as_sentences
from core.errors import FieldConflict, RuleViolation, StaleVersion

_PARTS = ("unit", "type", "population", "category")


@transaction.atomic
def move_placement(
    community: Community,
    *,
    actor: User,
    valid_from: dt.date,
    reason: str,
    unit: ReportingUnit | None = None,
    type: str | None = None,
    population: str | None = None,
    category: str | None = None,
    expected: int | None = None,
) -> Placement:
    """End the present placement on `valid_from` and begin a new one that day. What is None stays as it is.

    What was true before that day stays true: figures of earlier quarters do not change. `expected` is the
    key of the placement that the form showed; StaleVersion where it is no longer the present one. Raises
    NotAllowed unless the actor is of the city office, WrongState where the community has ended, RuleViolation
    where the day is not after the present start or is to come, the reason is missing, or nothing would change.
    """
    require_city_office(actor)
    why = require_reason(reason)
    present = lock_present(community, ends_on=valid_from, field="valid_from")
    asked = {"unit": unit, "type": type, "population": population, "category": category}
    wanted = {part: getattr(present, part) if value is None else value for part, value in asked.items()}
    new = Placement(community=community, valid_from=valid_from, reason=why, is_sample=present.is_sample, **wanted)
    _require_fresh(present, new, expected)
    if all(getattr(present, part) == wanted[part] for part in _PARTS):
        raise RuleViolation(_("单位、类型、口径、建设类别都和现在一样，没有什么要改。"))
    with rules_as_sentences(Placement):
        end(present, valid_from)
        require_valid(new)
        new.save()
    return new


def end(placement: Placement, day: dt.date) -> None:
    """Let a placement end on `day`, which no longer belongs to it. For actions that have checked the day."""
    placement.valid_until = day
    placement.save(update_fields=["valid_until"])


def _require_fresh(present: Placement, new: Placement, expected: int | None) -> None:
    if expected is None or expected == present.pk:
        return
    conflicts = [
        FieldConflict(_label(part), _text(present, part), _text(new, part))
        for part in _PARTS
        if getattr(present, part) != getattr(new, part)
    ]
    raise StaleVersion(_("归属刚刚被别人调整过。下面是两个版本，请选。"), conflicts, version=present.pk)


def _label(part: str) -> str:
    return str(Placement._meta.get_field(part).verbose_name)  # type: ignore[union-attr]


def _text(placement: Placement, part: str) -> str:
    display: Any = getattr(placement, f"get_{part}_display", None)
    return str(display() if display else getattr(placement, part))
