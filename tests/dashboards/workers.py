"""Two workers that a test stops and lets go where it wants: each does one roll-up on a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from dashboards import rollup
from jobs import actions
from jobs.actions import Claimed

PATIENCE = 30
_here = threading.local()


def somebody_waits_for_a_lock() -> bool:
    """Whether a worker stands before a unit that another one computes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


class Killed(BaseException):
    """The worker's process ends: nothing is caught, nothing is written."""


class Worker:
    """Claims a job, computes, and stops before it writes until it is let go or killed."""

    def __init__(self) -> None:
        self.claimed: Claimed | None = None
        self._thread: threading.Thread | None = None
        self._computed, self._may_go = threading.Event(), threading.Event()
        self._dies = False
        self.error: BaseException | None = None

    @property
    def unit(self) -> str | None:
        """The unit it works on, or None."""
        return self.claimed.key if self.claimed else None

    @property
    def has_computed(self) -> bool:
        """Whether it stands before its write; otherwise it may be waiting for the other one."""
        return self._computed.is_set()

    def begin(self) -> bool:
        """Take a job that waits and start on it. False where nothing waits."""
        self.claimed = actions.claim([rollup.ROLLUP])
        if self.claimed is None:
            return False
        self._computed, self._may_go, self._dies = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._work, args=(self.claimed,))
        self._thread.start()
        return True

    def wait_until_settled(self) -> None:
        """Come back once the figures are computed and not yet written, or another worker's lock is waited for."""
        waited = time.monotonic() + PATIENCE
        while not self._computed.wait(0.005):
            assert time.monotonic() < waited, "the worker neither computes nor waits"
            if somebody_waits_for_a_lock():
                return

    def end(self, *, killed: bool = False) -> None:
        """Let it write and commit, or die."""
        assert self._thread is not None
        self._dies = killed
        self._may_go.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.claimed = self._thread = None
        if self.error is not None:
            raise self.error

    def _work(self, claimed: Claimed) -> None:
        _here.worker = self
        try:
            actions.execute(claimed)
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self._computed.set()
            connection.close()

    def stop_here(self) -> None:
        """Called when everything is computed and nothing is written."""
        self._computed.set()
        self._may_go.wait(PATIENCE)
        if self._dies:
            raise Killed


def install_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the gate between computing and writing: whoever goes on from there writes what may be old by now."""
    write: Callable[..., None] = rollup._replace

    def stop_and_write(*args: Any) -> None:
        worker: Worker | None = getattr(_here, "worker", None)
        if worker is not None:
            worker.stop_here()
        write(*args)

    monkeypatch.setattr(rollup, "_replace", stop_and_write)
