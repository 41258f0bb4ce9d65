"""Whose uploads a person sees, and where they may upload: what the exchange asks of whoever knows roles and units."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from communities.roles import UNIT_ROLES, Role
from communities.scoping import reach_of
from exchange.places import CITY, Places


def places_of(user: Any) -> Places:
    """A unit's people see its uploads and its entry team makes them; the city office sees all and makes any.

    Others of the city see none: what was uploaded may be a month that nobody has approved.
    """
    reach = reach_of(user)
    if not reach.roles & (UNIT_ROLES | {Role.CITY_OFFICE}):
        return Places()
    units = list(ReportingUnit.objects.order_by("order").values_list("pk", "code", "short_name"))
    names = {code: name for _pk, code, name in units} | {CITY: _("全市")}
    if Role.CITY_OFFICE in reach.city:
        return Places(None, frozenset(names), names)
    seen = frozenset(code for pk, code, _name in units if pk in reach.units_as(UNIT_ROLES))
    entered = frozenset(code for pk, code, _name in units if pk in reach.units_as({Role.COUNTY_ENTRY}))
    return Places(seen, entered, names)
