"""What is wrong with a page as it is shown: headings, width, title, WCAG, the way past the navigation."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser.axe import violations

# Django's own pages, with their own look; and the API, whose one page has a test of its own.
NOT_WALKED = {"admin", "api"}
# Wherever the page put the focus: the next Tab is the first.
TO_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
# What one address shows differs by role here; elsewhere what differs by role differs by route.
DIFFERS = frozenset({"dashboards:home", "dashboards:leader", "dashboards:completeness", "facilities:review"})

# Looked through with axe already: route, width, and the person where that matters.
LOOKED_THROUGH: set[tuple[str, int, str]] = set()
EVERY_PERSON = os.environ.get("PORTAL_DEEP") == "1"


def route_of(address: str) -> str:
    """The name of the route that an address of the portal leads to; empty for others."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return "" if NOT_WALKED & {match.app_name, *match.namespaces} else match.view_name


def faults_of(page: Page, person: str = "", *, skip_link: bool = True, always: bool = False) -> list[str]:
    """What is wrong with the page as `person` is shown it now.

    Axe looks through the same page once in each width, unless `always`: an answer that is not the page of its address.
    """
    found = []
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} first-level headings")
    # Not the window's own width: a phone zooms out until everything fits.
    assert page.viewport_size is not None
    shown, wide = page.viewport_size["width"], page.evaluate("document.documentElement.scrollWidth")
    if wide > shown:
        found.append(f"{wide} px wide on {shown}: {_widest(page, shown)}")
    if not page.title().strip(" ·"):
        found.append("no title")
    if always or _first_time(page, shown, person):
        found += violations(page)
    if skip_link and page.locator(".skip-link").count():
        page.evaluate(TO_THE_TOP)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.id") != "main":
            found.append("the first Tab and Enter do not lead to the content")
    return found


def _first_time(page: Page, wide: int, person: str) -> bool:
    """Whether this page is still to be looked through in this width. With the deep profile it always is."""
    route = route_of(page.url)
    looked = (route, wide, person if route in DIFFERS else "")
    if looked in LOOKED_THROUGH and not EVERY_PERSON:
        return False
    LOOKED_THROUGH.add(looked)
    return True


def _widest(page: Page, shown: int) -> str:
    """What reaches furthest over the edge, to help whoever must mend it."""
    script = """(shown) => [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > shown + 1)
        .slice(0, 5).map((one) => `${one.tagName}.${one.className}`).join(", ")"""
    return str(page.evaluate(script, shown))
