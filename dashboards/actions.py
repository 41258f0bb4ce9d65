"""Writes of the pages above all apps. Figures are written by the roll-up alone."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import require_city_office, require_reason
from core.constraints import require_valid
from core.errors import WrongState
from dashboards.models import Display, LastLook

# Away for longer than this, and the next look is a new one. Before that a second tab, a reload or the way back from a
# record belong to the same look, or the changes that it lists would be gone before they were read.
ONE_LOOK = dt.timedelta(minutes=30)


@transaction.atomic
def look(*, actor: User, at: dt.datetime) -> LastLook:
    """Remember that `actor` had before them the first page as it was at `at`.

    A page older than the last look, or from the future, moves nothing forward beyond what was really seen.
    """
    seen = min(at, timezone.now())
    stored, new = LastLook.objects.select_for_update().get_or_create(user=actor, defaults={"looked_at": seen})
    if new or seen <= stored.looked_at:
        return stored
    if seen - stored.looked_at >= ONE_LOOK:
        stored.previous = stored.looked_at
    stored.looked_at = seen
    stored.save(update_fields=["looked_at", "previous"])
    return stored


def looked_since(user: User, now: dt.datetime) -> dt.datetime | None:
    """The look that a page opened at `now` is compared with; None for somebody who never looked. One query."""
    stored = LastLook.objects.filter(user=user).first()
    if stored is None:
        return None
    return stored.looked_at if now - stored.looked_at >= ONE_LOOK else stored.previous


@transaction.atomic
def show_ranking(shown: bool, *, reason: str, actor: User) -> Display:
    """Rank the units, or rank them for nobody: on every page, on paper and in what is taken out.

    Raises NotAllowed unless the actor is of the city office, RuleViolation without a reason, WrongState where it is so
    already.
    """
    require_city_office(actor)
    why = require_reason(reason)
    defaults = {"ranking": shown, "reason": why[:200]}
    stored, new = Display.objects.select_for_update().get_or_create(pk=Display.ONLY, defaults=defaults)
    if shown == (True if new else stored.ranking):
        raise WrongState(_("现在就是“%s”。") % stored)
    stored.ranking, stored.reason = shown, why
    require_valid(stored)
    stored.save(update_fields=["ranking", "reason"])
    return stored
