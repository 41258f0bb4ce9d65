"""People and programs at work on a running portal, each in a thread: what they were answered, and what was promised."""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import json
import re
import threading
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

REST_SECONDS = 0.05
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


def ask(address: str, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
    """One request. Raises OSError or HTTPException where no answer came."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode("utf-8", "replace"))
    finally:
        connection.close()


@dataclass
class Worker:
    """Somebody who goes on until told to stop. `seen` counts answers by status, `fault` keeps what broke."""

    address: str
    headers: dict[str, str]
    seen: Counter[int] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    fault: BaseException | None = None

    def __post_init__(self) -> None:
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def finish(self) -> None:
        """Let the request under way end, then no more."""
        self._enough.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.fault is not None:
            raise self.fault

    def _run(self) -> None:
        try:
            while not self._enough.wait(REST_SECONDS):
                self.turn()
        except BaseException as fault:
            self.fault = fault

    def turn(self) -> None:
        """One round of what this one does."""
        raise NotImplementedError

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Ask, and judge the answer: a 503 has a page or a sentence, a number, and says when to come again."""
        answer = ask(self.address, method, path, {**self.headers, **headers}, body)
        self.seen[answer.status] += 1
        if answer.status >= 500 and not _is_friendly(path, answer):
            self.bad.append(f"{method} {path}: {answer.status} {answer.headers} {answer.text[:300]}")
        return answer


def _is_friendly(path: str, answer: Answer) -> bool:
    if answer.status != 503:
        return False
    if path.startswith("/health/"):
        return '"unready"' in answer.text
    if answer.headers.get("Retry-After") != "10":
        return False
    if path.startswith("/api/"):
        return {"detail", "incident"} <= set(json.loads(answer.text))
    return "暂时连不上数据" in answer.text and "编号" in answer.text


@dataclass
class Reader(Worker):
    """Goes round its pages."""

    pages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._round = itertools.cycle(self.pages)

    def turn(self) -> None:
        """The next page."""
        page = next(self._round)
        answer = self.ask("GET", page)
        if answer.status not in (200, 503):
            self.bad.append(f"GET {page}: {answer.status} {answer.headers.get('Location')}")


@dataclass
class Writer(Worker):
    """Saves one number after the other; `promised` are those that were acknowledged."""

    path: str = ""
    promised: list[int] = field(default_factory=list)
    number: int = 0

    def save(self) -> bool:
        """Send the next number; whether it was acknowledged."""
        raise NotImplementedError

    def turn(self) -> None:
        """The next number, whatever became of the last one."""
        self.number += 1
        if self.save():
            self.promised.append(self.number)


class ProgramWriter(Writer):
    """Changes a community's households through the API."""

    def save(self) -> bool:
        """Read the version, send the change on top of it."""
        read = self.ask("GET", self.path)
        if read.status != 200:
            return False
        body = json.dumps({"households": self.number})
        headers = {"If-Match": read.headers["ETag"], "Content-Type": "application/json"}
        answer = self.ask("PATCH", self.path, body, **headers)
        if answer.status not in (200, 503):
            self.bad.append(f"PATCH {self.path}: {answer.status} {answer.text[:300]}")
        return answer.status == 200


class PersonWriter(Writer):
    """Moves a month's due date through the page's form; the number stands in the reason."""

    def save(self) -> bool:
        """Open the form, send it with another reason."""
        page = self.ask("GET", self.path)
        if page.status != 200:
            return False
        fields: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        # The rule wants another date than the stored one, which is that of an earlier number.
        day = dt.date(2014, 1, 6) + dt.timedelta(days=self.number)
        fields |= {"due_on": str(day), "due_reason": f"第 {self.number} 次"}
        body = urllib.parse.urlencode(fields)
        answer = self.ask("POST", self.path, body, **{"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status not in (302, 503):
            self.bad.append(f"POST {self.path}: {answer.status} {answer.text[:2000]}")
        return answer.status == 302
