"""Real Chromium before the portal's real processes, all on the test database."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.city import City, build
from tests.browser.watch import Watch
from tests.servers import Servers, servers_for_test
from xiaogan_portal.embedded.place import CHECKOUT

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each is a browser test. It only reads the database itself, if at all: its transaction hides nothing from it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(databases=["default", "owner"]))


@pytest.fixture(scope="package")
def chromium() -> str:
    """Where Chromium is. Without it the tests are skipped, with a loud line; in CI they fail."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        said = "Chromium is missing: the browser tests are SKIPPED; on Debian: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        warnings.warn(said, stacklevel=1)
        pytest.skip(said)
    return found


@pytest.fixture(scope="package")
def city(
    chromium: str, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """The records, committed, since other processes must see them; all gone again after the last browser test."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media:
        try:
            yield build()
        finally:
            call_command("flush", database="owner", interactive=False, verbosity=0, inhibit_post_migrate=False)


@pytest.fixture(scope="package")
def servers(city: City) -> Iterator[Servers]:
    """Broker, web, worker and beat."""
    assert (CHECKOUT / "static" / "dist" / "app.js").exists(), "build the front end first, as `make test` does"
    with servers_for_test() as servers:
        servers.collect_static()
        shutil.copytree(settings.MEDIA_ROOT, servers.place.data / "media", dirs_exist_ok=True)
        servers.start("broker", "worker", "beat", "web")
        yield servers


@pytest.fixture(scope="package")
def browser(chromium: str, servers: Servers) -> Iterator[Browser]:
    """One Chromium for all tests; each visit has a context of its own."""
    # Playwright keeps an event loop running in this thread, and Django takes that for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
        # Under a running loop Django keeps connections apart from the thread's own.
        connections.close_all()


@pytest.fixture
def watch(servers: Servers) -> Iterator[Watch]:
    """What every page of this test did wrong; anything fails the test."""
    watch = Watch(servers.address)
    yield watch
    assert watch.faults == []


@pytest.fixture
def visit(browser: Browser, servers: Servers, watch: Watch) -> Iterator[Visit]:
    """`visit(size=DESK)`: a new page of a new visitor, under watch; `visit(username, city)` is signed in."""
    contexts: list[BrowserContext] = []

    def make(username: str = "", city: City | None = None, size: dict[str, int] | None = None) -> Page:
        size = size or DESK
        context = browser.new_context(
            base_url=servers.address,
            viewport={"width": size["width"], "height": size["height"]},
            has_touch=size is PHONE,
            is_mobile=size is PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        if city is not None:
            sign_in(page, username, city.passwords[username])
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, username: str, password: str) -> None:
    """Through the real sign-in page; ends on the person's first page."""
    page.goto("/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
