"""Ways into the exchange from pages of other apps."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.components import Action
from exchange.places import places_of


def upload_actions(user: Any, label: str, target: str, place: str = "", scope: str = "") -> list[Action]:
    """The button to a target's upload page, with place and period chosen; none for who may bring in nothing there."""
    entered = places_of(user).entered
    if not entered or (place and place not in entered):
        return []
    asked = {name: value for name, value in (("target", target), ("place", place), ("scope", scope)) if value}
    return [Action(label, f"{reverse('exchange:upload')}?{urlencode(asked)}", "file-spreadsheet", desk_only=True)]
