"""Writes of the pages above all apps. Figures are written by the roll-up alone."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dashboards.models import LastLook

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
