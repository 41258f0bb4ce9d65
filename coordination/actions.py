"""Every write of the working machinery: documents, teams, and which team supports which pilot."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import Community
from coordination.models import Pairing, PolicyDocument, SupportTeam
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.models import save_version

# What a form may set of a document.
EDITABLE = frozenset({"title", "number", "issued_on", "known", "source", "certainty"})


@transaction.atomic
def edit_document(
    document: PolicyDocument, values: dict[str, Any], *, expected_version: int, actor: User
) -> PolicyDocument:
    """Complete what is known of a document. From then on the reference data no longer touches it.

    `values` holds fields of EDITABLE; others raise KeyError. Raises NotAllowed, StaleVersion, RuleViolation.
    """
    if not values.keys() <= EDITABLE:
        raise KeyError(sorted(values.keys() - EDITABLE))
    if not PolicyDocument.objects.editable_by(actor).filter(pk=document.pk).exists():
        raise NotAllowed(_("政策文件由市新社区办登记。"))
    stored = PolicyDocument.objects.get(pk=document.pk)
    for field, value in values.items():
        setattr(stored, field, value)
    require_valid(stored)
    with rules_as_sentences(PolicyDocument):
        return save_version(stored, values, expected=expected_version)


@transaction.atomic
def create_team(*, name: str, department: str, actor: User, is_sample: bool = False) -> SupportTeam:
    """Register a work team of a city department. Raises NotAllowed, or RuleViolation for a name that is taken."""
    if not SupportTeam.objects.all().creatable_by(actor):
        raise NotAllowed(_("工作队由市新社区办登记。"))
    team = SupportTeam(name=name.strip(), department=department.strip(), is_sample=is_sample)
    require_valid(team)
    with rules_as_sentences(SupportTeam):
        team.save()
    return team


@transaction.atomic
def create_pairing(
    *,
    team: SupportTeam,
    community: Community,
    valid_from: dt.date,
    actor: User,
    valid_until: dt.date | None = None,
    is_sample: bool = False,
) -> Pairing:
    """Let a team support a pilot, one to one, from `valid_from` until before `valid_until` (no end).

    Raises NotAllowed unless the actor is of the city office, RuleViolation where the community is no pilot on
    the first day or either side is taken in that time; the database refuses the last, too.
    """
    if not Pairing.objects.all().creatable_by(actor):
        raise NotAllowed(_("包保由市新社区办安排。"))
    if not community.is_pilot_on(valid_from):
        raise RuleViolation(
            _("“%(name)s”在 %(day)s 不是试点，不能包保。先登记试点日期。") % {"name": community, "day": valid_from},
            field="community",
        )
    pairing = Pairing(
        team=team, community=community, valid_from=valid_from, valid_until=valid_until, is_sample=is_sample
    )
    _require_free(pairing, "team")
    _require_free(pairing, "community")
    require_valid(pairing)
    with rules_as_sentences(Pairing):
        pairing.save()
    return pairing


@transaction.atomic
def end_pairing(pairing: Pairing, *, on: dt.date, actor: User) -> Pairing:
    """End a pairing on a day, which no longer belongs to it.

    Raises NotAllowed, WrongState where it has an end already, RuleViolation for a day not after its start.
    """
    if not Pairing.objects.editable_by(actor).filter(pk=pairing.pk).exists():
        raise NotAllowed(_("包保由市新社区办安排。"))
    stored = Pairing.objects.select_for_update().get(pk=pairing.pk)
    if stored.valid_until is not None:
        raise WrongState(_("这段包保到 %s 已经截止。") % stored.valid_until)
    if on <= stored.valid_from:
        raise RuleViolation(
            _("包保从 %(start)s 起，这次填了 %(day)s。截止日期要晚于起始日期。")
            % {"start": stored.valid_from, "day": on},
            field="valid_until",
        )
    stored.valid_until = on
    with rules_as_sentences(Pairing):
        stored.save(update_fields=["valid_until"])
    return stored


def _require_free(new: Pairing, side: str) -> None:
    before_end = Q() if new.valid_until is None else Q(valid_from__lt=new.valid_until)
    other = (
        Pairing.objects.filter(before_end, Q(valid_until__isnull=True) | Q(valid_until__gt=new.valid_from))
        .filter(**{side: getattr(new, side)})
        .select_related("team", "community")
        .first()
    )
    if other is not None:
        raise RuleViolation(
            _("%(start)s 起%(end)s“%(team)s”已包保“%(community)s”，与这次填的 %(day)s 起重叠。先结束那一段。")
            % {
                "start": other.valid_from,
                "end": _("到 %s 前，") % other.valid_until if other.valid_until else _("，"),
                "team": other.team,
                "community": other.community,
                "day": new.valid_from,
            },
            field=side,
        )
