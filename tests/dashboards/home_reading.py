"""Reading a first page: what it was made from."""

from __future__ import annotations

from typing import Any

from django.test import Client

HOME = "/dashboards/home/"


def home(client: Client, address: str = HOME) -> Any:
    """The page as plain values."""
    response = client.get(address)
    assert response.status_code == 200
    return response.context["home"]


def panel(page: Any, key: str) -> Any:
    """One panel, None where the page has none of that key."""
    return next((panel for panel in page.panels if panel.key == key), None)


def titles(page: Any, key: str) -> list[str]:
    """What a panel lists."""
    found = panel(page, key)
    return [line.title for line in found.lines] if found else []
