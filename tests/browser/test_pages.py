"""Every page that a person can reach by links, on a desk and on a phone: nothing breaks, nothing leaves the host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, Route

from tests.browser.axe import violations
from tests.browser.city import City
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.watch import Watch

# Somebody of every role, by the sample account, and those who work on the way; make deep walks all at both sizes.
PEOPLE = [
    "city", "leader", "xn_entry", "xn_review", "inspector", "team", "deputy", "sysadmin", "secadmin", "auditadmin",
]  # fmt: skip
ON_THE_WAY = PEOPLE if os.environ.get("PORTAL_DEEP") == "1" else ["city", "xn_entry", "inspector"]
SIZES = {"desk": DESK, "phone": PHONE}
# Django's own pages, with their own look; and the API, whose one page has a test of its own.
NOT_WALKED = {"admin", "api"}
# Files, which no browser shows.
DOWNLOADS = {"accounts:export_file", "exchange:template", "exchange:original", "exchange:red"}
# A walk that ends early has found nothing wrong either; administrators have their own account and little else.
LEAST_PAGES = {"sysadmin": 4, "secadmin": 4, "auditadmin": 4}
LINKS = "[...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href'), location).href)"
# Wherever the page put the focus: the next Tab is the first.
TO_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"


# The same page in the same size need not be looked through for everybody: what differs by role differs by route.
LOOKED_THROUGH: set[tuple[str, int]] = set()
EVERY_PERSON = os.environ.get("PORTAL_DEEP") == "1"

WALKS = [*((person, "desk") for person in PEOPLE), *((person, "phone") for person in ON_THE_WAY)]


@pytest.mark.parametrize(("person", "size"), WALKS)
def test_pages_of_a_person(person: str, size: str, visit: Visit, city: City) -> None:
    page = visit(person, city, size=SIZES[size])
    walked, faults = 0, []
    for route in _walk(page):
        walked += 1
        faults += [f"{route}: {fault}" for fault in _faults(page)]
    assert faults == []
    assert walked >= LEAST_PAGES.get(person, 12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("address", ["/accounts/login/", "/dev/components/"])
def test_pages_that_no_link_leads_to(address: str, size: str, visit: Visit, city: City) -> None:
    page = visit(size=SIZES[size]) if "login" in address else visit("city", city, size=SIZES[size])
    page.goto(address)
    assert _faults(page) == []


def test_an_error_page_is_a_page(visit: Visit, watch: Watch) -> None:
    watch.allowed_status = {404}
    page = visit(size=PHONE)
    answer = page.goto("/no-such-page/")
    assert answer is not None
    assert answer.status == 404
    assert _faults(page, skip_link=False) == []


@pytest.mark.parametrize("size", SIZES)
def test_faults_are_noticed(size: str, visit: Visit, watch: Watch) -> None:
    """A page with everything wrong, so that silence above means something."""
    wrong = """<h1></h1><table><tr><td><pre>%s</pre></td></tr></table><p style="color: red"></p><script>1</script>
        <img src="https://another.example/picture.png"><a id="skip"></a>""" % ("wide " * 400)

    def spoil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{wrong}</main>"))

    LOOKED_THROUGH.clear()
    page = visit(size=SIZES[size])
    page.route("**/accounts/login/", spoil)
    page.goto("/accounts/login/")
    found = _faults(page)
    assert any("2 first-level headings" in fault for fault in found)
    assert any("px wide" in fault for fault in found)
    assert any("image-alt" in fault for fault in found)
    assert any("style-src" in fault for fault in watch.faults)
    assert any("script-src" in fault for fault in watch.faults)
    assert any("another.example" in fault for fault in watch.faults)
    watch.faults.clear()


def _walk(page: Page) -> Iterator[str]:
    """Each route that links lead to from where the page is, once; it is shown when it is named."""
    waiting, known = [page.url], set()
    while waiting:
        address = waiting.pop(0)
        route = _route(address)
        if not route or route in known:
            continue
        known.add(route)
        page.goto(address)
        waiting += page.evaluate(LINKS)
        yield f"{route} {urlsplit(page.url).path}"


def _route(address: str) -> str:
    """The name of the route that an address of the portal leads to; empty for others."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    is_page = match.view_name not in DOWNLOADS and not NOT_WALKED & {match.app_name, *match.namespaces}
    return match.view_name if is_page else ""


def _faults(page: Page, *, skip_link: bool = True) -> list[str]:
    """What is wrong with the page as it is shown now."""
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
    if _first_time(page, shown):
        found += violations(page)
    if skip_link and page.locator(".skip-link").count():
        page.evaluate(TO_THE_TOP)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.id") != "main":
            found.append("the first Tab and Enter do not lead to the content")
    return found


def _first_time(page: Page, wide: int) -> bool:
    """Whether this page is still to be looked through in this width. With the deep profile it always is."""
    looked = (_route(page.url), wide)
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
