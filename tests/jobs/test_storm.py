"""Promise R01: worker, pool process and broker killed with -9 under load; nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection

from accounts.models import AuditEntry, AuditVerb
from jobs import actions, broker
from jobs.models import Job
from tests.jobs.conftest import STORM, Register
from xiaogan_portal.embedded import valkey
from xiaogan_portal.embedded.place import CHECKOUT

SEEDS = range(5) if os.environ.get("PORTAL_DEEP") == "1" else range(1)
JOBS = 40
# A test run that is itself killed leaves nothing behind.
WITH_THIS_PROCESS = ["setpriv", "--pdeathsig", "KILL"]
VICTIMS = ["children", "worker", "broker"]
SETTLED_SECONDS = 60
SETTINGS = "xiaogan_portal.settings"
publish = broker._publish

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


class Servers:
    """A broker, a worker and a beat of this test's own, on its database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker_url = f"redis+socket://{folder}/valkey.sock"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._all: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> None:
        """Start one of `broker`, `worker`, `beat`, as their supervisor would."""
        site, part = valkey._program()
        celery = [sys.executable, "-m", "celery", "-A", "tests.jobs.worker_app"]
        command = {
            "broker": [str(site / part), "--port", "0", "--unixsocket", str(self.folder / "valkey.sock"), "--save", ""],
            "worker": [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "--schedule", str(self.folder / "beat"), "--pidfile="],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*WITH_THIS_PROCESS, *command],
                cwd=CHECKOUT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running[name] = process
        self._all.append(process)

    def kill(self, victim: str) -> None:
        """Kill with -9: `broker`; `worker`, whose children end with it; or the `children` of its pool.

        The dead are replaced: servers by this test, children by their worker.
        """
        if victim == "children":
            worker = self._running["worker"].pid
            for child in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            return
        self._running[victim].kill()
        self._running[victim].wait()
        self.start(victim)

    def stop(self) -> None:
        """End everything that was started, orphans too."""
        for process in self._all:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()

    def _environment(self) -> dict[str, str]:
        database = str(connection.settings_dict["NAME"])
        address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}"
        own = {"DATABASE_URL": address, "REDIS_URL": self.broker_url, "DJANGO_SETTINGS_MODULE": SETTINGS}
        return {**os.environ, **own}


@pytest.fixture
def servers(tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """The three servers, running; this process calls their broker."""
    if "DATABASE_URL" not in os.environ:
        pytest.skip("needs the address of the database in DATABASE_URL")
    running = Servers(tmp_path)
    make = current_app.connection_for_write
    monkeypatch.setattr(broker, "_publish", publish)
    monkeypatch.setattr(current_app, "connection_for_write", lambda **options: make(running.broker_url, **options))
    try:
        for name in ("broker", "worker", "beat"):
            running.start(name)
        yield running
    finally:
        running.stop()
        broker.breaker.worked()


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_lose_nothing_and_double_nothing(seed: int, servers: Servers, register: Register) -> None:
    register(code=STORM)
    chance = random.Random(seed)
    keys = [f"job{number}" for number in range(JOBS)]
    actions.enqueue_many(STORM, keys[: JOBS // 2])
    victims = [*VICTIMS, *chance.choices(VICTIMS, k=4)]
    chance.shuffle(victims)
    late = iter(keys[JOBS // 2 :])
    for victim in victims:
        actions.enqueue_many(STORM, itertools.islice(late, 2))
        _wait_until(lambda: Job.objects.running().exists(), SETTLED_SECONDS)
        time.sleep(chance.uniform(0, 0.2))
        servers.kill(victim)
    actions.enqueue_many(STORM, late)
    _wait_until(lambda: not Job.objects.not_done().exists(), SETTLED_SECONDS)
    done = Counter(AuditEntry.objects.filter(verb=AuditVerb.REFUSED).values_list("target", flat=True))
    assert dict(done) == dict.fromkeys(keys, 1), _said(servers)
    assert Job.objects.filter(kind=STORM).count() == JOBS
    assert Job.objects.filter(attempts__gt=1).exists(), "no kill met any work"


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        left = list(Job.objects.not_done().values_list("key", "state", "attempts", "error"))
        assert time.monotonic() < ends, left
        time.sleep(0.2)


def _said(servers: Servers) -> str:
    return "\n".join(log.read_text()[-2000:] for log in servers.folder.glob("*.log"))
