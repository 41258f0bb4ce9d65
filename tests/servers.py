"""The portal's real processes on the test database: the supervisor's own commands, started and ended one by one.

Every process ends with pytest, however pytest ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection

from jobs import broker
from xiaogan_portal.embedded.account import server_account
from xiaogan_portal.embedded.place import CHECKOUT, Place
from xiaogan_portal.embedded.supervise import portal_programs
from xiaogan_portal.embedded.valkey import Valkey

START_SECONDS = 120
# Fixtures that keep tests from the broker replace it; this is the real one.
_publish = broker._publish


class Servers:
    """A broker, and web, worker and beat that use it: `start(name)`, `kill(name)`, `stop()`."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        self.place.prepare()
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.broker_url = f"redis+socket://{self.place.broker_socket}"
        # Where the processes find the database: the tests' own, unless a test says otherwise.
        self.database_url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
        self._broker = Valkey(self.place, server_account())
        self._commands = {program.name: list(program.command) for program in portal_programs(self.place)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._worker_module = ""

    def start(self, *names: str, worker_module: str = "") -> None:
        """Start `broker`, `web`, `worker`, `beat`, each from the supervisor's command.

        `worker_module` takes the place of the worker's own, which it must call, now and for every later start.
        """
        self._worker_module = worker_module or self._worker_module
        for name in names:
            assert name not in self._running, f"{name} runs already"
            if name == "broker":
                self._running[name] = self._broker.start()
                continue
            command = self._commands[name]
            if name == "worker" and self._worker_module:
                command = [*command[:-1], self._worker_module]
            with (self.place.log / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    command, cwd=CHECKOUT, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            if name == "web":
                self._wait_for_web()

    def kill(self, name: str) -> None:
        """`kill -9`. Nobody restarts it: the test is the supervisor."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def ended(self) -> list[str]:
        """The names of those that were started and have ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def revive(self) -> None:
        """Start again what has ended by itself, as the supervisor does a second later."""
        for name in self.ended():
            del self._running[name]
            self.start(name)

    def pid(self, name: str) -> int:
        """The process that `name` is."""
        return self._running[name].pid

    def children(self, name: str) -> list[int]:
        """The processes that `name` has started and that run now."""
        main = self._running[name].pid
        return [int(child) for child in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def stop(self) -> None:
        """End what is still running; what does not end when asked is killed."""
        running, self._running = list(self._running.values())[::-1], {}
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`manage.py …` on the same database, to its end."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self._environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def collect_static(self) -> None:
        """The files that pages load; where the front end is not built they are missing, and pages say so."""
        done = self.manage("collectstatic", "--no-input", "--verbosity", "0")
        assert done.returncode == 0, done.stderr

    def logs(self, lines: int = 30) -> str:
        """The end of every log, for the message of a test that fails."""
        said = []
        for log in sorted(self.place.log.glob("*.log")):
            said += [f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(said)

    def _environment(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.database_url, "REDIS_URL": self.broker_url, "PORT": str(self.port)}
        return {**os.environ, **own, "PORTAL_DATA_DIR": str(self.place.data)}

    def _wait_for_web(self) -> None:
        def answers() -> bool:
            assert self._running["web"].poll() is None, self.logs()
            try:
                with urllib.request.urlopen(f"{self.address}/health/live", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:  # refused, or silent while it loads
                return False

        assert until(answers, START_SECONDS), self.logs()


@contextmanager
def servers_for_test() -> Iterator[Servers]:
    """A set of servers in a directory of its own, nothing started yet; ended and removed after the block.

    Skips where the tests were not given a database by its address.
    """
    if "DATABASE_URL" not in os.environ:
        pytest.skip("needs the address of the database in DATABASE_URL, as `make test` gives it")
    # Not pytest's own directory, which the broker's account may not enter.
    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    servers = Servers(folder)
    try:
        yield servers
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def call_broker_of(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process, too, wake the workers of `servers`."""
    make = current_app.connection_for_write
    monkeypatch.setattr(broker, "_publish", _publish)
    monkeypatch.setattr(current_app, "connection_for_write", lambda **options: make(servers.broker_url, **options))
    broker.breaker.worked()


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
