"""The leadership page's other forms in real Chromium: the screen on the wall, paper, a phone; each one request."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.city import City
from tests.browser.conftest import PHONE, Visit
from tests.browser.watch import Watch

WALL = {"width": 1920, "height": 1080}
SMALL_PHONE = {"width": 320, "height": 700}
SMALLEST_ON_THE_WALL = 17
REFRESH_MS = 16_000
PAGES_ON_PAPER = 2

# Text that is shown, with the size that it has on the screen: a text inside a drawing is as large as the drawing is.
SIZES = """
[...document.querySelectorAll("body *")].filter((element) =>
  [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && element.checkVisibility()
).map((element) => {
  const drawing = element.closest("svg[viewBox]");
  const scale = drawing ? drawing.getScreenCTM().a : 1;
  return [parseFloat(getComputedStyle(element).fontSize) * scale, element.textContent.trim()];
})
"""


def _requests(page: Page) -> list[Request]:
    """Every later request for something that the server makes, as against files of the build and later refreshes."""
    found: list[Request] = []

    def keep(request: Request) -> None:
        if request.resource_type in ("document", "xhr", "fetch") and "x-background" not in request.headers:
            found.append(request)

    page.on("request", keep)
    return found


def test_the_wall_is_one_screen_and_refreshes_itself(visit: Visit, city: City, watch: Watch) -> None:
    page = visit("leader", city, size=WALL)
    page.clock.install()
    asked = _requests(page)
    page.goto("/dashboards/wall/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("规划")
    assert len(asked) == 1
    shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert shown == [WALL["width"], WALL["height"]]
    small = [(size, text) for size, text in page.evaluate(SIZES) if size < SMALLEST_ON_THE_WALL - 0.05]
    assert small == []
    assert page.locator("main a, main button").count() == 0

    # What a refresh brings takes the place of what stands, and the page is never loaded anew.
    page.evaluate("window.stayedOpen = true")
    page.locator("#wall").evaluate("wall => wall.removeAttribute('hx-vals')")
    with page.expect_response(re.compile("/dashboards/wall/")) as waiting:
        page.clock.fast_forward(REFRESH_MS)
    assert waiting.value.status == 200
    assert waiting.value.request.headers["x-background"] == "yes"
    expect(page.locator("#wall")).to_have_attribute("hx-vals", re.compile("seen"))
    assert page.evaluate("window.stayedOpen") is True

    # Contact lost is said, with the time that the figures are of; and is taken back.
    watch.allowed_status = {503}
    lost = page.locator("[data-wall-lost]")
    page.route("**/dashboards/wall/**", lambda route: route.fulfill(status=503, body="away"))
    page.clock.fast_forward(REFRESH_MS)
    expect(lost).to_have_text(re.compile(r"与服务器失去联系，屏上是 \d\d:\d\d:\d\d 的数字"))
    page.unroute("**/dashboards/wall/**")
    page.clock.fast_forward(REFRESH_MS)
    expect(lost).to_be_hidden()
    watch.faults = [fault for fault in watch.faults if "503" not in fault]


def test_on_paper_it_is_two_pages_across(visit: Visit, city: City) -> None:
    page = visit("leader", city)
    asked = _requests(page)
    page.goto("/dashboards/?quarter=2013Q4")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(asked) == 1
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == PAGES_ON_PAPER
    width, height = map(float, re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)[0])
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (297, 210)
    page.emulate_media(media="print")
    expect(page.locator(".print-foot")).to_contain_text(re.compile(r"全市总览 · 孝感市 · 2013 年第四季度 · .*条记录"))
    expect(page.locator(".print-foot")).to_contain_text("示例·市领导")
    expect(page.locator(".board-trends [data-chart-table]")).to_be_visible()
    for hidden in (".switch", ".page-actions", ".site-nav", ".top-bar"):
        expect(page.locator(hidden).first).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["390", "320"])
def test_on_a_phone_in_the_order_of_urgency(visit: Visit, city: City, size: dict[str, int]) -> None:
    page = visit("leader", city, size=size)
    asked = _requests(page)
    page.goto("/dashboards/?quarter=2013Q4")
    assert len(asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    order = ["h1", "#decisions-title", "#funnel-title", "#scores-title", "#trends-title", "#map-title"]
    places = [page.locator(selector).bounding_box() for selector in order]
    heights = [place["y"] for place in places if place]
    assert heights == sorted(heights)
    assert len(heights) == len(order)
    entry = page.locator("table.ranking tbody tr").first.bounding_box()
    assert entry and entry["height"] < 80
