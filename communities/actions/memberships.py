"""Granting and ending memberships: who may act where, as what, from when to when."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AdministratorKind, AuditVerb, User
from accounts.querysets import administrator_kind
from communities.actions.checks import require_reason
from communities.models import Community, Membership, ReportingUnit
from communities.roles import COMMUNITY_ROLES, Role
from communities.scoping import reach_of
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today


@transaction.atomic
def grant_membership(
    *,
    actor: User | None,
    user: User,
    role: str,
    unit: ReportingUnit | None = None,
    community: Community | None = None,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    reason: str = "",
    is_sample: bool = False,
) -> Membership:
    """Let `user` act as `role` at a place, from `valid_from` (today) until before `valid_until` (no end).

    `actor` is the security administrator, or None for a command of the machine; the city office may grant
    what a round or a visit needs, the roles that are held in a community. Raises NotAllowed for others and
    for oneself, RuleViolation where the place does not fit the role, the person is one of the three
    administrators (who have no part in the business), or holds the same role there at that time.
    """
    _require_right(actor, role)
    if actor is not None and actor.pk == user.pk:
        raise NotAllowed(_("不能给自己授权。"))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if administrator_kind(user) is not None:
        raise RuleViolation(_("“%s”是三员之一，不能再任业务岗位。") % user, field="user")
    membership = Membership(
        user=user,
        role=Role(role),
        unit=unit,
        community=community,
        valid_from=valid_from or today(),
        valid_until=valid_until,
        granted_by=actor,
        reason=reason.strip(),
        is_sample=is_sample,
    )
    require_valid(membership)
    _require_no_twin(membership)
    with rules_as_sentences(Membership):
        membership.save()
    _note(membership, actor, "granted")
    return membership


@transaction.atomic
def end_membership(
    membership: Membership, *, actor: User | None, reason: str, on: dt.date | None = None
) -> Membership | None:
    """End a membership on a day (today): from that day on it gives nothing.

    One that would not have lasted a day is removed, history keeps it; None is returned then. Rights as for
    granting. Raises NotAllowed, WrongState where it has ended by that day already.
    """
    stored = Membership.objects.select_for_update().get(pk=membership.pk)
    _require_right(actor, stored.role)
    day = on or today()
    if stored.valid_until is not None and stored.valid_until <= day:
        raise WrongState(_("这个任职到 %s 已经截止。") % stored.valid_until)
    why = require_reason(reason)
    if day <= stored.valid_from:
        _note(stored, actor, "withdrawn", why)
        stored.delete()
        return None
    stored.valid_until, stored.reason = day, why[:200]
    stored.save(update_fields=["valid_until", "reason"])
    _note(stored, actor, "ended", why)
    return stored


def _require_right(actor: User | None, role: str) -> None:
    if actor is None or administrator_kind(actor) == AdministratorKind.SECURITY:
        return
    if role in COMMUNITY_ROLES and Role.CITY_OFFICE in reach_of(actor).city:
        return
    raise NotAllowed(_("授权由安全管理员办。"))


def _require_no_twin(new: Membership) -> None:
    same = Membership.objects.filter(user=new.user, role=new.role, unit=new.unit, community=new.community)
    later = Q() if new.valid_until is None else Q(valid_from__lt=new.valid_until)
    twin = same.filter(later, Q(valid_until__isnull=True) | Q(valid_until__gt=new.valid_from)).first()
    if twin is not None:
        raise RuleViolation(
            _("“%(user)s”从 %(start)s 起已任%(role)s，这次填了 %(day)s，时间重叠。")
            % {
                "user": new.user,
                "start": twin.valid_from,
                "role": new.get_role_display(),
                "day": new.valid_from,
            },
            field="valid_from",
        )


def _note(membership: Membership, actor: User | None, act: str, reason: str = "") -> None:
    # Rights are remembered on the person for the length of a request; this one's have just changed.
    membership.user.__dict__.pop("_reach", None)
    place = membership.unit or membership.community
    detail = {
        "act": act,
        "role": membership.role,
        "place": str(place) if place is not None else "",
        "from": membership.valid_from.isoformat(),
        "until": membership.valid_until.isoformat() if membership.valid_until else "",
        "reason": reason or membership.reason,
    }
    record(AuditVerb.GRANTED, actor=actor, target=membership.user.username, detail=detail)
