"""Every page that a person can reach by links, on a desk and on a phone: nothing breaks, nothing leaves the host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.browser.city import City
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.faults import DIFFERS, LOOKED_THROUGH, faults_of, route_of
from tests.browser.watch import Watch

# Somebody of every role, by the sample account, and those who work on the way; make deep walks all at both sizes.
PEOPLE = [
    "city", "leader", "xn_entry", "xn_review", "inspector", "team", "deputy", "sysadmin", "secadmin", "auditadmin",
]  # fmt: skip
ON_THE_WAY = PEOPLE if os.environ.get("PORTAL_DEEP") == "1" else ["city", "xn_entry", "inspector"]
SIZES = {"desk": DESK, "phone": PHONE}
# A walk that ends early has found nothing wrong either; administrators have their own account and little else.
LEAST_PAGES = {"sysadmin": 4, "secadmin": 4, "auditadmin": 4}
# What a link downloads is no page.
LINKS = (
    "[...document.querySelectorAll('a[href]:not([download])')]"
    ".map((link) => new URL(link.getAttribute('href'), location).href)"
)

WALKS = [*((person, "desk") for person in PEOPLE), *((person, "phone") for person in ON_THE_WAY)]


@pytest.mark.parametrize(("person", "size"), WALKS)
def test_pages_of_a_person(person: str, size: str, visit: Visit, city: City) -> None:
    page = visit(person, city, size=SIZES[size])
    walked, faults = 0, []
    for route in _walk(page):
        walked += 1
        faults += [f"{route}: {fault}" for fault in faults_of(page, person)]
    assert faults == []
    assert walked >= LEAST_PAGES.get(person, 12)


@pytest.mark.parametrize("person", [person for person in PEOPLE if person not in ON_THE_WAY])
def test_what_differs_by_role_on_a_phone_of_who_works_at_a_desk(person: str, visit: Visit, city: City) -> None:
    """Their first page, and of what it leads to the pages that show everybody something else."""
    page = visit(person, city, size=PHONE)
    faults = [f"{page.url}: {fault}" for fault in faults_of(page, person)]
    led = {route_of(address): address for address in page.evaluate(LINKS)}
    for route in sorted(DIFFERS & set(led) - {route_of(page.url)}):
        page.goto(led[route])
        faults += [f"{route}: {fault}" for fault in faults_of(page, person)]
    assert faults == []


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
    found = faults_of(page)
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
        route = route_of(address)
        if not route or route in known:
            continue
        known.add(route)
        page.goto(address)
        waiting += page.evaluate(LINKS)
        yield f"{route} {urlsplit(page.url).path}"
