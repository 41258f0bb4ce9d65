"""Ways into the exchange from pages of other apps."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Action
from exchange.places import places_of


def upload_actions(user: Any, target: str, place: str = "") -> list[Action]:
    """The button to a target's upload page, with the place chosen; none for who may bring in nothing there."""
    entered = places_of(user).entered
    if not entered or (place and place not in entered):
        return []
    asked = {"target": target, **({"place": place} if place else {})}
    return [Action(_("用 Excel 登记"), f"{reverse('exchange:upload')}?{urlencode(asked)}", "file-spreadsheet")]
