"""WCAG 2.1 A and AA as axe-core checks them, on the page as it is shown."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from xiaogan_portal.embedded.place import CHECKOUT

SCRIPT = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = "(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """One line for each rule that is broken, with up to three elements that break it."""
    page.evaluate(_script())
    answer: dict[str, Any] = page.evaluate(RUN, RULES)
    return [f"{found['id']}: {found['help']} ({_where(found['nodes'])})" for found in answer["violations"]]


def _where(nodes: list[dict[str, Any]]) -> str:
    shown = [str(node["target"][0]) + " " + node["html"][:120] for node in nodes[:3]]
    return "; ".join(shown) + (f" and {len(nodes) - 3} more" if len(nodes) > 3 else "")
