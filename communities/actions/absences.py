"""Recording who is away, so that the city office may stand in for a unit's reviewers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import check_not_too_early, require_reason
from communities.models import Absence, Membership
from communities.roles import UNIT_ROLES, Role
from communities.scoping import reach_of
from core.constraints import require_valid, rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today

# Longer than this somebody else holds the post, and a membership says so.
LONGEST = dt.timedelta(days=183)


@transaction.atomic
def record_absence(
    user: User, *, first_day: dt.date, last_day: dt.date, reason: str, actor: User, is_sample: bool = False
) -> Absence:
    """Enter that `user` is away from `first_day` to `last_day`, both included.

    For the city office and the people of the same unit. Rights of the person do not change. Raises NotAllowed, or
    RuleViolation for somebody without a post in a unit, days out of order or longer than half a year apart.
    """
    _require_right(actor, user)
    if not Membership.objects.in_term(today()).filter(user=user, role__in=UNIT_ROLES).exists():
        raise RuleViolation(_("“%s”现在没有县专班岗位，不用登记。") % user, field="user")
    check_not_too_early(first_day, "first_day")
    if last_day - first_day > LONGEST:
        raise RuleViolation(_("不在岗最长登记半年；更久的请换人任职。"), field="last_day")
    absence = Absence(
        user=user,
        first_day=first_day,
        last_day=last_day,
        reason=require_reason(reason),
        recorded_by=actor,
        is_sample=is_sample,
    )
    require_valid(absence)
    with rules_as_sentences(Absence):
        absence.save()
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, actor: User) -> Absence:
    """The person is back today, or does not leave at all: from today on the absence covers nothing.

    Rights as for recording. Raises NotAllowed, WrongState where it has ended already.
    """
    stored = Absence.objects.select_for_update().get(pk=absence.pk)
    _require_right(actor, stored.user)
    day = today()
    if stored.ended_on is not None:
        raise WrongState(_("“%(user)s” %(day)s 已返岗。") % {"user": stored.user, "day": stored.ended_on})
    if stored.last_day < day:
        raise WrongState(_("这次不在岗到 %s 已经结束。") % stored.last_day)
    stored.ended_on = day
    stored.save(update_fields=["ended_on"])
    return stored


def _require_right(actor: User, user: User) -> None:
    reach = reach_of(actor)
    if Role.CITY_OFFICE in reach.city:
        return
    shared = Membership.objects.in_term(today()).filter(user=user, unit__in=reach.units_as(UNIT_ROLES))
    if not shared.exists():
        raise NotAllowed(_("只能登记本单位的人。"))
