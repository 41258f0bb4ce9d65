"""Where and as what a community counts and counted, what became of it, and which work team supports it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from communities.models import Community, Placement, Succession, SuccessionKind
from coordination.models import Pairing
from core.formats import day as day_words


@dataclass(frozen=True)
class Turn:
    """One dated step of a community's way: what happened on the day, and on which ground."""

    on: dt.date
    title: str
    text: str
    reason: str
    url: str = ""
    present: bool = False


@dataclass(frozen=True)
class Place:
    """`present` is None where the community has ended; `turns` are newest first."""

    present: Placement | None
    turns: Sequence[Turn]
    ending: Turn | None


def place_of(user: Any, community: Community) -> Place:
    """Three queries."""
    placements = list(Placement.objects.visible_to(user).filter(community=community).select_related("unit"))
    steps = list(
        (Succession.objects.filter(predecessor=community) | Succession.objects.filter(successor=community))
        .select_related("predecessor", "successor")
        .distinct()
    )
    near = {
        key for step in steps for key in (step.predecessor_id, step.successor_id) if key not in (None, community.pk)
    }
    seen = set(Community.objects.filter(pk__in=near).visible_to(user).values_list("pk", flat=True)) if near else set()
    turned = [_turn(community, step, seen) for step in steps]
    present = next((placement for placement in placements if placement.valid_until is None), None)
    ending = max(turned, key=lambda turn: turn.on, default=None) if present is None else None
    turns = sorted([*map(_placed, placements), *turned], key=lambda turn: turn.on, reverse=True)
    return Place(present, turns, ending)


def _placed(placement: Placement) -> Turn:
    parts = [placement.get_type_display(), placement.get_population_display(), placement.get_category_display()]
    until = _("到 %(day)s 前") % {"day": day_words(placement.valid_until)} if placement.valid_until else ""
    return Turn(
        on=placement.valid_from,
        title=_("归%(unit)s填报") % {"unit": placement.unit},
        text=" · ".join(filter(None, [*map(str, parts), until])),
        reason=placement.reason,
        present=placement.valid_until is None,
    )


def _turn(community: Community, step: Succession, seen: set[int]) -> Turn:
    """A step told from this community's side; a link only to a community that the person may see."""
    away = step.predecessor_id == community.pk
    other = step.successor if away else step.predecessor
    url = other.get_absolute_url() if other is not None and other.pk in seen else ""
    return Turn(step.effective_on, _title(step, away), "", step.reason, url)


def _title(step: Succession, away: bool) -> str:
    names = {"before": step.former_name or str(step.predecessor), "after": str(step.successor or "")}
    if step.kind == SuccessionKind.RENAMED:
        return _("更名，原名“%(before)s”") % names
    if step.kind == SuccessionKind.ENDED:
        return _("撤销")
    if step.kind == SuccessionKind.MERGED:
        return (_("并入“%(after)s”") if away else _("“%(before)s”并入")) % names
    return (_("分出“%(after)s”") if away else _("由“%(before)s”分出")) % names


def pairing_of(user: Any, community: Community, day: dt.date) -> Pairing | None:
    """The pairing in force on `day`, None without one. One query."""
    rows = Pairing.objects.visible_to(user).filter(community=community).on_day(day)
    return rows.select_related("team").first()
