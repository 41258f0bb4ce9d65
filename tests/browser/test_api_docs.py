"""The page of the API: drawn from the schema under the strict policy, with nothing from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.city import City
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, Visit

SIZES = {"desk": DESK, "phone": PHONE}


@pytest.mark.parametrize("size", SIZES)
def test_the_documentation(size: str, visit: Visit, city: City) -> None:
    page = visit("city", city, size=SIZES[size])
    page.goto("/api/v1/docs/")
    groups = page.locator(".opblock-tag")
    expect(groups.first).to_be_visible(timeout=PATIENCE_MS)
    assert groups.count() > 20
    groups.first.click()
    first = page.locator(".opblock").first
    first.locator("button").first.click()
    expect(first.locator(".opblock-body")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert violations(page) == []
