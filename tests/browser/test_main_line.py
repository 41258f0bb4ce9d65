"""The main line in real Chromium: from a record that somebody enters to the leader's number, and back to the record."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.browser import filing
from tests.browser.city import NAME, City
from tests.browser.conftest import PHONE, Visit

CHANGES_WITHIN_MS = 10_000
DEDUCTED_ITEMS = 3
REASON = "现场与台账不一致"


def test_scores_submitted_by_the_city_change_the_leaders_number(visit: Visit, city: City) -> None:
    leader = visit("leader", city)
    _stays_open(leader)
    average, inspected = _average(leader), _inspected(leader)
    average_before, inspected_before = average.inner_text(), inspected.inner_text()

    office = visit("city", city)
    _score_and_submit(office, city)
    submitted = time.monotonic()

    expect(average).not_to_have_text(average_before, timeout=CHANGES_WITHIN_MS)
    expect(inspected).not_to_have_text(inspected_before, timeout=CHANGES_WITHIN_MS)
    assert (time.monotonic() - submitted) * 1000 < CHANGES_WITHIN_MS
    _was_never_reloaded(leader)
    done, planned = map(int, inspected.inner_text().split("/"))
    assert inspected_before == f"{done - 1}/{planned}"

    shown = average.inner_text()
    average.click()
    expect(leader.get_by_role("heading", level=1)).to_contain_text("平均")
    expect(leader.locator(".sum-card")).to_contain_text(shown)
    row = _row_of_community(leader)
    row.get_by_role("link", name="历史").click()
    expect(leader.locator(".page-main")).to_contain_text("示例·市新社区办")
    expect(leader.locator(".page-main")).to_contain_text("提交")


def test_a_stage_reported_on_a_phone_and_approved_changes_the_leaders_number(visit: Visit, city: City) -> None:
    leader = visit("leader", city)
    _stays_open(leader)
    started = leader.locator("table.funnel td.total a[href*='/started/']")
    before = int(started.inner_text())

    county, reviewer = visit("xn_entry", city, size=PHONE), visit("xn_review", city)
    _report_stage(county, city)
    filing.approve(reviewer, city.project)
    entered = time.monotonic()

    expect(started).to_have_text(str(before + 1), timeout=CHANGES_WITHIN_MS)
    assert (time.monotonic() - entered) * 1000 < CHANGES_WITHIN_MS
    _was_never_reloaded(leader)

    started.click()
    expect(leader.locator(".sum-card")).to_contain_text(str(before + 1))
    _row_of_community(leader).get_by_role("link", name="历史").click()
    expect(leader.locator(".page-main")).to_contain_text("示例·孝南审核")


def _score_and_submit(page: Page, city: City) -> None:
    """Open the inspection from the list, score every item, some with a deduction and its reason, and submit."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="检查评分").click()
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    page.get_by_role("link", name="接着评分").click()
    items = page.locator("[data-item]")
    expect(items.first).to_be_visible()
    for position, item in enumerate(items.all()):
        if position < DEDUCTED_ITEMS:
            item.get_by_text("扣分", exact=True).click()
            item.locator("[data-deduction]").fill(item.get_attribute("data-full") or "")
            item.locator("[data-why]").fill(REASON)
        else:
            item.get_by_text("满分", exact=True).click()
    page.locator(".score-bar [data-submit]").click()
    page.get_by_role("button", name=re.compile("^提交 .* 分$")).click()
    expect(page.locator(".page-main")).to_contain_text("提交后锁定")


def _report_stage(page: Page, city: City) -> None:
    """Find the project in the list by its community, and file 动工 in the month's report."""
    page.goto(f"/projects/?q={NAME}")
    page.get_by_role("link", name=f"{NAME} · {city.project.name}").click()
    page.goto(filing.form_of(city.project))
    filing.fill_stage(page, "动工", "2013-12-20", "施工许可证", 10)
    filing.submit(page)
    filing.filed(page, city.project)


def _average(leader: Page) -> Locator:
    """The city's average score."""
    return leader.locator("section[aria-labelledby=scores-title] .card-head a", has_text=re.compile(r"^\d")).first


def _inspected(leader: Page) -> Locator:
    """Inspected of planned communities, in the row of the community's unit."""
    table = leader.locator("table.ranking tr", has=leader.get_by_role("rowheader", name="孝南"))
    return table.locator("td.done a")


def _row_of_community(page: Page) -> Locator:
    """The row of the list of facts that is about the community."""
    search = page.get_by_role("main").locator("input[name=q]")
    search.fill(NAME)
    search.press("Enter")
    row = page.locator("table.facts-list tbody tr", has_text=NAME)
    expect(row).to_have_count(1)
    return row


def _stays_open(page: Page) -> None:
    page.evaluate("window.stayedOpen = true")


def _was_never_reloaded(page: Page) -> None:
    assert page.evaluate("window.stayedOpen") is True
