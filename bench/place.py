"""A portal of the bench's own: data directory, servers, schema, sample city; all of it removed at the end."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xiaogan_portal.embedded.commands import servers_for
from xiaogan_portal.embedded.place import CHECKOUT, Place
from xiaogan_portal.embedded.supervise import portal_programs

START_SECONDS = 120


@contextmanager
def own_place(communities: int) -> Iterator[Place]:
    """Database and broker with the durability of real ones, a sample city of this size, and the environment for it."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    before = dict(os.environ)
    for name in ("PORTAL_TEST_SERVERS", "PORTAL_MODE", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    try:
        with servers_for(Place(folder), "bench"):
            manage("migrate", "--no-input")
            manage("load_reference")
            manage("load_sample", "--communities", str(communities))
            manage("collectstatic", "--no-input")
            yield Place(folder)
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


def manage(*words: str) -> None:
    """`manage.py …`, quietly; ends the bench where it fails."""
    command = [sys.executable, "manage.py", *words, "--verbosity", "0"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"manage.py {words[0]} failed: {done.stderr.strip()[-2000:]}")


class Processes:
    """Web, worker and beat, as the supervisor starts them."""

    def __init__(self, place: Place) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {**os.environ, "PORT": str(self.port)}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for program in portal_programs(place):
            with (place.log / f"{program.name}.log").open("ab") as log:
                self.running[program.name] = subprocess.Popen(
                    list(program.command),
                    cwd=CHECKOUT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )

    def wait(self) -> None:
        """Until the web answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"The portal was not ready after {START_SECONDS} s.")

    def stop(self) -> None:
        """End all three."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def processes(place: Place) -> Iterator[Processes]:
    """The three, ended after the block."""
    started = Processes(place)
    try:
        started.wait()
        yield started
    finally:
        started.stop()
