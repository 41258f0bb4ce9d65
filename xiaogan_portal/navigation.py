"""The frame of every page: navigation by role, the person, the search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html."""
    return {}
