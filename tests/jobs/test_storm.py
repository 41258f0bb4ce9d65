"""Promise R01: worker, pool process and broker killed with -9 under load; nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from accounts.models import AuditEntry, AuditVerb
from jobs import actions
from jobs.models import Job
from tests.jobs.conftest import Register
from tests.jobs.storm_worker import STORM
from tests.servers import Servers, call_broker_of, servers_for_test

SEEDS = range(5) if os.environ.get("PORTAL_DEEP") == "1" else range(1)
JOBS = 40
VICTIMS = ["children", "worker", "broker"]
SETTLED_SECONDS = 60

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture
def servers(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """The three servers, running; this process calls their broker."""
    with servers_for_test() as running:
        call_broker_of(running, monkeypatch)
        running.start("broker", "beat")
        _start_worker(running)
        yield running


def _start_worker(servers: Servers) -> None:
    servers.start("worker", worker_module="tests.jobs.storm_worker")


def _kill(servers: Servers, victim: str) -> None:
    """Kill with -9: `broker`; `worker`, whose children end with it; or the `children` of its pool.

    The dead are replaced: servers by this test, children by their worker.
    """
    if victim == "children":
        for child in servers.children("worker"):
            os.kill(child, signal.SIGKILL)
        return
    servers.kill(victim)
    if victim == "worker":
        _start_worker(servers)
    else:
        servers.start(victim)


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
        _kill(servers, victim)
    actions.enqueue_many(STORM, late)
    _wait_until(lambda: not Job.objects.not_done().exists(), SETTLED_SECONDS)
    done = Counter(AuditEntry.objects.filter(verb=AuditVerb.REFUSED).values_list("target", flat=True))
    assert dict(done) == dict.fromkeys(keys, 1), servers.logs()
    assert Job.objects.filter(kind=STORM).count() == JOBS
    assert Job.objects.filter(attempts__gt=1).exists(), "no kill met any work"


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        left = list(Job.objects.not_done().values_list("key", "state", "attempts", "error"))
        assert time.monotonic() < ends, left
        time.sleep(0.2)
