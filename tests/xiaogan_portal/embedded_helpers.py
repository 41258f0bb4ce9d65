"""Data directories and processes of the embedded mode, apart from the servers on which the tests themselves run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from xiaogan_portal.embedded.place import CHECKOUT

GIVEN_BY_CALLER = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "AUDIT_SIGNING_KEY", "PORTAL_MODE")
EMBEDDED = [sys.executable, "-m", "xiaogan_portal.embedded"]


def environment(data: Path, **more: str) -> dict[str, str]:
    """An environment as a shell of its own would have it, with `data` as the data directory."""
    kept = {key: value for key, value in os.environ.items() if key not in GIVEN_BY_CALLER}
    return kept | {"PORTAL_DATA_DIR": str(data), "PORTAL_TEST_SERVERS": "1"} | more


def embedded(data: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m xiaogan_portal.embedded …`, to its end."""
    return subprocess.run(
        [*EMBEDDED, *words],
        env=environment(data, **more),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(data: Path) -> dict[int, str]:
    """Every living process that belongs to a data directory: by environment, command line or working directory."""
    found = {}
    mark = f"PORTAL_DATA_DIR={data}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                variables = (entry / "environ").read_bytes().split(b"\0")
                if mark in variables or str(data).encode() in command or _works_in(entry, data):
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode()
            except OSError:
                continue
    return found


def _works_in(entry: Path, data: Path) -> bool:
    return (entry / "cwd").readlink().is_relative_to(data)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def kill_all(data: Path) -> None:
    """What a failed test left behind."""
    for process in processes_of(data):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
