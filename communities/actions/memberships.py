"""Granting, extending, handing over and ending memberships: who may act where, as what, from when to when."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import second_factor, sessions
from accounts.audit import record
from accounts.models import AdministratorKind, AuditVerb, User
from accounts.querysets import administrator_kind
from communities.actions.checks import check_not_too_early, require_reason
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
    predecessor: Membership | None = None,
    is_sample: bool = False,
) -> Membership:
    """Let `user` act as `role` at a place, from `valid_from` (today) until before `valid_until` (no end).

    `actor` is the security administrator, or None for a command of the machine; the city office may grant
    what a round or a visit needs, the roles that are held in a community. Raises NotAllowed for others and
    for oneself, RuleViolation where the place does not fit the role, the account was ended, the person is one of
    the three administrators (who have no part in the business), or holds the same role there at that time.
    Whoever lacks the second factor that the role asks for is signed out, and activates one at the next sign-in.
    """
    _require_right(actor, role)
    if actor is not None and actor.pk == user.pk:
        raise NotAllowed(_("不能给自己授权。"))
    _require_eligible(user)
    membership = Membership(
        user=user,
        role=Role(role),
        unit=unit,
        community=community,
        valid_from=valid_from or today(),
        valid_until=valid_until,
        granted_by=actor,
        predecessor=predecessor,
        reason=reason.strip(),
        is_sample=is_sample,
    )
    check_not_too_early(membership.valid_from, "valid_from")
    require_valid(membership)
    _require_no_twin(membership)
    lacked = second_factor.missing(user)
    with rules_as_sentences(Membership):
        membership.save()
    _note(membership, actor, "granted")
    # A page asks for the second factor at most once a minute: who needs one from now on signs in again.
    if not lacked and second_factor.missing(user):
        sessions.end_all(user)
    return membership


def extend_membership(membership: Membership, *, actor: User | None, until: dt.date | None, reason: str) -> Membership:
    """Let a membership that has an end go on from there until before `until` (no end): a new row, the old one stays.

    Rights and errors as for granting; WrongState where there is no end to extend.
    """
    if membership.valid_until is None:
        raise WrongState(_("这个任职没有截止日期，不用续任。"))
    return grant_membership(
        actor=actor,
        user=membership.user,
        role=membership.role,
        unit=membership.unit,
        community=membership.community,
        valid_from=membership.valid_until,
        valid_until=until,
        reason=require_reason(reason),
    )


@transaction.atomic
def hand_over(
    membership: Membership,
    *,
    actor: User | None,
    user: User,
    on: dt.date,
    until: dt.date | None = None,
    reason: str,
) -> Membership:
    """`user` takes over from the holder of a membership: theirs begins on the day on which the other one ends.

    Returns the successor's membership, which names its predecessor. Rights and errors as for granting; RuleViolation
    where it is the same person or the day is not after the predecessor's start, WrongState where theirs ended before.
    """
    stored = Membership.objects.select_for_update().get(pk=membership.pk)
    _require_right(actor, stored.role)
    if user.pk == stored.user_id:
        raise RuleViolation(_("接替的人不能是本人；要延长任期，用“续任”。"), field="user")
    if on <= stored.valid_from:
        raise RuleViolation(
            _("“%(user)s”从 %(start)s 起任职，接替的日期要晚于这一天。")
            % {"user": stored.user, "start": stored.valid_from},
            field="on",
        )
    if stored.valid_until is not None and stored.valid_until < on:
        raise WrongState(_("“%(user)s”的任职到 %(end)s 已经截止，直接授权就行。") % _end_of(stored))
    if stored.valid_until != on:
        end_membership(stored, actor=actor, reason=_("由%(user)s接替。%(reason)s") % _handed(user, reason), on=on)
    return grant_membership(
        actor=actor,
        user=user,
        role=stored.role,
        unit=stored.unit,
        community=stored.community,
        valid_from=on,
        valid_until=until,
        reason=require_reason(reason),
        predecessor=stored,
    )


@transaction.atomic
def end_membership(
    membership: Membership, *, actor: User | None, reason: str, on: dt.date | None = None
) -> Membership | None:
    """End a membership on a day (today): from that day on it gives nothing, and who lost it now is signed out.

    One that would not have lasted a day is removed, history keeps it; None is returned then. Rights as for
    granting. Raises NotAllowed, WrongState where it has ended by that day already, RuleViolation for a day that is
    over: who could act then, could.
    """
    stored = Membership.objects.select_for_update().get(pk=membership.pk)
    _require_right(actor, stored.role)
    day = on or today()
    if day < today():
        raise RuleViolation(_("截止日期不能早于今天：到今天为止的权限确实用过，不能改成没有。"), field="on")
    if stored.valid_until is not None and stored.valid_until <= day:
        raise WrongState(_("“%(user)s”的任职到 %(end)s 已经截止。") % _end_of(stored))
    why = require_reason(reason)
    if day <= today():
        sessions.end_all(stored.user)
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


def _require_eligible(user: User) -> None:
    """Raises RuleViolation for an ended account and for one of the three administrators. Locks the account."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not locked.is_active:
        raise RuleViolation(_("“%s”的账号已停用，不能授权。") % user, field="user")
    if administrator_kind(user) is not None:
        raise RuleViolation(_("“%s”是三员之一，不能再任业务岗位。") % user, field="user")


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


def _end_of(membership: Membership) -> dict[str, object]:
    return {"user": membership.user, "end": membership.valid_until}


def _handed(user: User, reason: str) -> dict[str, object]:
    return {"user": user, "reason": reason.strip()}


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
    if membership.predecessor is not None:
        detail["predecessor"] = membership.predecessor.user.username
    record(AuditVerb.GRANTED, actor=actor, target=membership.user.username, detail=detail)
