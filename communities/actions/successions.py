"""What becomes of a community: merged into another, split, renamed, ended."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import check_day, lock_present, require_city_office, require_reason
from communities.actions.placements import end
from communities.actions.places import named
from communities.models import Community, Placement, Succession, SuccessionKind
from core.constraints import require_valid, rules_as_sentences
from core.errors import RuleViolation, WrongState
from core.models import save_version

# After these the community is no more: its present placement ends on the day.
_ENDING = frozenset({SuccessionKind.MERGED, SuccessionKind.ENDED})


@transaction.atomic
def succeed(
    community: Community,
    *,
    kind: str,
    effective_on: dt.date,
    reason: str,
    actor: User,
    successor: Community | None = None,
    new_name: str = "",
) -> Succession:
    """Register one step in what became of a community.

    Merged into `successor`, or ended: its placement ends on `effective_on`. Split: `successor` came out of
    it and it goes on; a split into several is one call for each, one that leaves nothing is ended besides.
    Renamed: `new_name` replaces the name and the old one is kept in the row. Raises NotAllowed unless the
    actor is of the city office, WrongState where it has ended already, RuleViolation for what does not fit.
    """
    require_city_office(actor)
    row = Succession(
        predecessor=community,
        kind=SuccessionKind(kind),
        effective_on=effective_on,
        reason=require_reason(reason),
        is_sample=community.is_sample,
    )
    if row.kind in _ENDING:
        end(lock_present(community, ends_on=effective_on, field="effective_on"), effective_on)
    else:
        _require_standing(community)
        check_day(effective_on, "effective_on")
    if row.kind == SuccessionKind.RENAMED:
        _rename(row, new_name)
    else:
        row.successor = _fitting(row, successor)
    require_valid(row)
    with rules_as_sentences(Succession):
        row.save()
    return row


def _require_standing(community: Community) -> None:
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    if not Placement.objects.current().filter(community=community).exists():
        raise WrongState(_("“%s”已经撤销，没有现行归属。") % community)


def _rename(row: Succession, new_name: str) -> None:
    stored = Community.objects.get(pk=row.predecessor_id)
    if not new_name.strip():
        raise RuleViolation(_("更名请填新名称。"), field="new_name")
    if new_name.strip() == stored.name:
        raise RuleViolation(_("现在就叫“%(name)s”，新名称要不一样。") % {"name": stored.name}, field="new_name")
    if len(new_name.strip()) > 50:
        raise RuleViolation(
            _("新名称最多 50 个字，填了 %(length)d 个。") % {"length": len(new_name.strip())}, field="new_name"
        )
    row.former_name = stored.name
    row.successor = save_version(stored, named(new_name), expected=stored.version)


def _fitting(row: Succession, successor: Community | None) -> Community | None:
    if row.kind == SuccessionKind.ENDED:
        if successor is not None:
            raise RuleViolation(
                _("撤销没有新社区，却选了“%s”。并到别的社区，请选“并入”。") % successor, field="successor"
            )
        return None
    if successor is None:
        raise RuleViolation(_("“%s”请选新社区。") % row.get_kind_display(), field="successor")
    if successor.pk == row.predecessor_id:
        raise RuleViolation(_("新社区不能是“%s”自己。") % successor, field="successor")
    if not Placement.objects.on_day(row.effective_on).filter(community=successor).exists():
        raise RuleViolation(
            _("“%(name)s”在 %(day)s 没有归属，不能并入或分出。先登记它的归属。")
            % {"name": successor, "day": row.effective_on},
            field="successor",
        )
    return successor
