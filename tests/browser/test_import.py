"""Excel in, through real servers: template, own columns, preview, import, undo; and how its pages look."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from communities.models import Community
from tests.browser.axe import violations
from tests.browser.city import City
from tests.browser.conftest import DESK, PHONE, Visit

SECONDS = 60_000
OWN: list[list[Any]] = [["某某区社区台账"], ["序", "小区全称", "住了多少家"], [1, "没有这个社区", "多"]]


def sheet_with(rows: list[list[Any]], folder: Path) -> Path:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "台账.xlsx")
    return folder / "台账.xlsx"


def send(page: Page, path: Path) -> None:
    page.goto("/exchange/new/")
    page.set_input_files("[name=file]", path)
    page.get_by_role("button", name="上传并核对").click()


def looks_right(page: Page) -> None:
    """Nothing for axe to say, and nothing wider than the screen."""
    assert page.viewport_size is not None
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_own_columns_and_a_row_that_cannot_be_taken(
    size: dict[str, int], visit: Visit, city: City, tmp_path: Path
) -> None:
    page = visit("xn_review" if size is PHONE else "xn_entry", city, size=size)
    page.goto("/exchange/")
    looks_right(page)
    page = visit("xn_entry", city, size=size)
    # Another head for each size: what was chosen once is not asked for again.
    send(page, sheet_with([*OWN[:1], [*OWN[1], f"备注{size['width']}"], *OWN[2:]], tmp_path))
    # The page looks again by itself until the worker is done.
    choose = page.get_by_role("link", name="选各列是什么")
    expect(choose).to_be_visible(timeout=SECONDS)
    looks_right(page)
    choose.click()
    looks_right(page)
    page.locator("#id_name").select_option(value="2")
    page.locator("#id_households").select_option(value="3")
    page.get_by_role("button", name="记住并核对").click()
    expect(page.get_by_text("“多”不是数字")).to_be_visible(timeout=SECONDS)
    looks_right(page)
    # What was chosen is not beyond correction: back to the columns, by the keyboard.
    page.get_by_role("link", name="重新对应列", exact=True).press("Enter")
    expect(page.locator("#id_households")).to_have_value("3")
    looks_right(page)
    page.locator("#id_households").select_option(value="")
    page.get_by_role("button", name="记住并核对").press("Enter")
    expect(page.get_by_text("有 1 列没有读，里面写的不会导入：C 住了多少家。")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("“多”不是数字")).to_be_hidden()
    looks_right(page)
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("这次导入已放弃，登记没有变")


def test_from_the_template_to_undo(visit: Visit, city: City, tmp_path: Path) -> None:
    page = visit("xn_entry", city)
    page.goto("/exchange/new/")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板").click()
    book: Any = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    code = sheet.cell(2, 1).value
    sheet.cell(2, heads.index("户数（户）") + 1).value = "４，３２１户"
    book.save(tmp_path / "社区.xlsx")
    before = Community.objects.get(code=code).households
    send(page, tmp_path / "社区.xlsx")
    page.get_by_role("button", name="导入 1 行").click(timeout=SECONDS)
    undo = page.get_by_role("button", name="撤回这次导入")
    expect(undo).to_be_visible(timeout=SECONDS)
    assert Community.objects.get(code=code).households == 4321
    looks_right(page)
    undo.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 行已撤回", timeout=SECONDS)
    assert Community.objects.get(code=code).households == before
