"""How people file and review in the browser: what several tests do, once."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from facilities.models import Project

MONTH = "2013-12"


def form_of(project: Project, month: str = MONTH) -> str:
    """The address of the report's form."""
    return f"/projects/{project.pk}/months/{month}/"


def percent(page: Page) -> Locator:
    """The field of the percentage."""
    return page.get_by_label("形象进度")


def submit(page: Page) -> None:
    """Press the primary button of the form."""
    page.locator(".filing-bar button").click()


def saved(page: Page) -> None:
    """The draft is on the server."""
    expect(page.locator("[data-save-state]:visible")).to_contain_text("已保存")


def fill_stage(page: Page, stage: str, day: str, basis: str, done: int) -> None:
    """A stage with its day and basis, and the percentage."""
    page.get_by_label("阶段", exact=True).select_option(label=stage)
    page.get_by_label("到达日期").fill(day)
    page.get_by_label("认定依据").fill(basis)
    percent(page).fill(str(done))


def filed(page: Page, project: Project) -> None:
    """The report of the project was taken."""
    expect(page.locator(".toasts")).to_contain_text(f"已提交：{project}")


def open_in_inbox(page: Page, project: Project) -> None:
    """The project's report, from the list of what waits."""
    page.goto("/projects/review/")
    page.locator(".review-rows a", has_text=str(project)).click()
    expect(page.locator("#detail-title")).to_contain_text(str(project))


def approve(page: Page, project: Project) -> None:
    """Open and approve it."""
    open_in_inbox(page, project)
    page.locator(".review-decide .btn-primary").click()
    expect(page.locator(".toasts")).to_contain_text(f"已通过：{project}")


def tab_to(page: Page, target: Locator, limit: int = 80) -> None:
    """Reach something by the Tab key alone."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if target.evaluate("(it) => it === document.activeElement"):
            return
    raise AssertionError(f"{limit} times Tab did not lead to {target}")


def reports_of(project: Project, month: str = MONTH) -> Any:
    """The stored reports of one month."""
    year, number = map(int, month.split("-"))
    return project.reports.filter(month__year=year, month__number=number)
