"""What a person does with the table of a month, and sees of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from facilities.models import ProgressReport, Project
from facilities.report_actions import approve_report
from tests.browser.batch_unit import PARTS, REVIEWER


class Actions:
    """A person at a desk: each press of the mouse and each run of keys counts as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, target: Locator) -> None:
        """Press it."""
        self.count += 1
        target.click()

    def keys(self, *keys: str) -> None:
        """Type on: words, and keys by name."""
        self.count += 1
        for key in keys:
            if len(key) > 1 and key[0].isupper():
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)


def open_month(page: Page, month: str = PARTS) -> None:
    """The page of a month, with its script at work."""
    page.goto(f"/projects/months/{month}/")
    expect(page.locator("[data-submit]")).to_be_visible()


def cell(page: Page, project: Project, name: str) -> Locator:
    """A control of a project's row."""
    return page.locator(f"[name='p{project.pk}-{name}']")


def line(page: Page, project: Project) -> Locator:
    """A project's row."""
    return page.locator(f"[data-row='{project.pk}']")


def notes(page: Page, project: Project) -> Locator:
    """What stands under it."""
    return page.locator(f"[data-row='{project.pk}'] + [data-notes]")


def saved(page: Page) -> None:
    """The drafts are on the server."""
    expect(page.locator("[data-save-state]")).to_contain_text("已自动保存")


def stored(project: Project, month: str) -> Any:
    """The project's reports of a month."""
    return ProgressReport.objects.filter(project=project, month__year=int(month[:4]), month__number=int(month[5:]))


def approved(project: Project, month: str) -> None:
    """What was handed in of the project for the month is approved: a later month may then be as it was.

    On a connection of its own, that commits: the test's own transaction would keep the portal waiting for the rows.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_approve, project, month).result()


def _approve(project: Project, month: str) -> None:
    try:
        reviewer = User.objects.get(username=REVIEWER)
        for report in stored(project, month).waiting():
            approve_report(report, actor=reviewer, expected_version=report.version)
    finally:
        connections.close_all()


def focused(page: Page) -> str:
    """The name of the control that has the focus."""
    return str(page.evaluate("document.activeElement.name"))
