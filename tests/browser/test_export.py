"""Taking a list out: the button says that it works and when it is done; a refusal is shown as its page."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.city import City
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.watch import Watch

WORKBOOK = "**/*export=xlsx*"
BUTTON = "a[data-export]"


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_button_works_and_the_file_arrives(size: dict[str, int], visit: Visit, city: City) -> None:
    page = visit("city", city, size=size)
    page.goto("/communities/?type=city")
    usual, held = page.inner_text(BUTTON), _hold(page)
    with page.expect_download() as download:
        page.click(BUTTON)
        expect(page.locator(BUTTON)).to_have_attribute("aria-busy", "true")
        expect(page.locator(BUTTON)).to_contain_text("正在生成 Excel")
        page.click(BUTTON)  # a second press while it works asks for nothing
        assert len(held) == 1
        held[0].continue_()
    expect(page.locator(BUTTON)).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("[data-export-status]")).to_have_text("已生成，请看浏览器的下载。")
    assert page.locator("[data-export-label]").inner_text() == usual
    assert download.value.suggested_filename.startswith("社区-")
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert sheet is not None and sheet["A1"].value == "社区"
    assert len(held) == 1


def test_a_lost_connection_is_said_and_a_refusal_is_shown(visit: Visit, city: City, watch: Watch) -> None:
    watch.allowed_status = {413}
    page = visit("city", city)
    page.goto("/communities/")
    page.route(WORKBOOK, lambda route: route.abort())
    page.click(BUTTON)
    expect(page.locator("[data-export-label]")).to_have_text("没有生成，请再点一次。")
    page.unroute(WORKBOOK)
    page.route(
        WORKBOOK,
        lambda route: route.fulfill(status=413, content_type="text/html; charset=utf-8", body="<h1>列表太长</h1>"),
    )
    page.click(BUTTON)
    expect(page.get_by_role("heading")).to_have_text("列表太长")


def _hold(page: Page) -> list[Route]:
    """Requests for the workbook wait until the test lets them go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(WORKBOOK, hold)
    return held
