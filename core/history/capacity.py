"""In which capacity somebody acted: noted with the event when it happens, put into words when it is read.

The apps that know roles register their labels here and note the roles that are held; core knows neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

_labels: dict[str, str | Promise] = {}


def register_capacities(labels: Iterable[tuple[str, str | Promise]]) -> None:
    """Make the codes of roles readable. Called once by each app that has roles, when it is ready."""
    _labels.update(labels)


def capacity_words(context: Mapping[str, Any]) -> str:
    """The capacities noted in an event's context: 孝昌 县专班填报、检查组. Empty where none was noted."""
    return "、".join(_words(role, place) for role, place in context.get("roles", ()))


def _words(role: str, place: str) -> str:
    label = str(_labels.get(role, role))
    return _("%(place)s %(role)s") % {"place": place, "role": label} if place else label
