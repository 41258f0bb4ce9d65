"""Who is to be told of a unit's monthly reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import User
from communities.models import Absence, Membership, ReportingUnit
from communities.roles import Role
from core.periods import today


def on_duty(role: Role, units: Iterable[ReportingUnit]) -> dict[int, list[User]]:
    """By unit's key the people who hold `role` there today, without those who are away unless there is nobody else.

    A unit where nobody holds it is missing. One query.
    """
    away = Absence.objects.on_day(today()).filter(user=OuterRef("user"))
    held = Membership.objects.in_term(today()).filter(role=role, unit__in=[unit.pk for unit in units])
    rows: Any = held.filter(user__is_active=True).annotate(away=Exists(away)).select_related("user").order_by("user_id")
    everybody: dict[int, list[User]] = {}
    there: dict[int, list[User]] = {}
    for row in rows:
        assert row.unit_id is not None
        everybody.setdefault(row.unit_id, []).append(row.user)
        if not row.away:
            there.setdefault(row.unit_id, []).append(row.user)
    return {**everybody, **there}
