"""Somebody who is signed in to a running portal and asks for pages, as a program would: no browser."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar

PATIENCE_SECONDS = 20


class Visitor:
    """Keeps cookies. `ask` gives a page's status and text."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def sign_in(self, username: str, password: str) -> None:
        """Through the sign-in page's form."""
        page = f"{self.address}accounts/login/"
        _status, text = self.ask(page)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        assert found, text
        form = {"csrfmiddlewaretoken": found[1], "login": username, "password": password}
        status, text = self.ask(page, urllib.parse.urlencode(form).encode())
        assert status == 200
        assert 'name="password"' not in text, "not signed in"

    def ask(self, page: str, body: bytes | None = None) -> tuple[int, str]:
        """Follows redirects; posts a body where there is one."""
        request = urllib.request.Request(page, body, headers={"Referer": page})
        try:
            with self._opener.open(request, timeout=PATIENCE_SECONDS) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    @contextmanager
    def asking(self, page: str) -> Iterator[list[tuple[int, str]]]:
        """Asks for a page again and again inside the block; the answers are in the list."""
        answers: list[tuple[int, str]] = []
        enough = threading.Event()

        def keep_asking() -> None:
            while not enough.wait(0.05):
                answers.append(self.ask(page))

        thread = threading.Thread(target=keep_asking, daemon=True)
        thread.start()
        try:
            yield answers
        finally:
            enough.set()
            thread.join(2 * PATIENCE_SECONDS)
