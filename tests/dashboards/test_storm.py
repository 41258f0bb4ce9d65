"""Promise R01 for figures: whatever is killed while people enter, the figures settle and are what the records say."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from communities.models import ReportingQuarter
from core.periods import Quarter
from dashboards.models import Mark
from dashboards.rollup import ROLLUP, pending
from dashboards.verify import compare
from jobs import registry
from jobs.actions import enqueue
from jobs.models import Job
from jobs.workflow import MOST_ATTEMPTS, JobState
from tests.dashboards.storm_edits import Editors
from tests.dashboards.storm_worker import POISON, die, note_of
from tests.factories import make_user
from tests.servers import Servers, call_broker_of, servers_for_test, until
from xiaogan_portal.sample import loader

SEEDS = range(5) if os.environ.get("PORTAL_DEEP") == "1" else range(1)
COMMUNITIES = 60
SETTLED_SECONDS = 60
# As long as the supervisor takes to notice a death and start the next.
DEAD_SECONDS = 1.5
NO_SUCH_UNIT = "ZZ"

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture
def servers(no_broker: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """Broker, worker and beat, running; this process wakes their worker."""
    with servers_for_test() as servers:
        call_broker_of(servers, monkeypatch)
        servers.start("broker", "beat")
        servers.start("worker", worker_module="tests.dashboards.storm_worker")
        yield servers


@pytest.fixture
def poison() -> Iterator[None]:
    """This process may enqueue the job that kills its worker; it never does it."""
    registry.register(POISON, die, label="毒作业")
    yield
    registry.forget(POISON)


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_settle_whatever_is_killed(seed: int, poison: None, servers: Servers) -> None:
    call_command("load_reference", stdout=StringIO())
    loader.load(COMMUNITIES, seed, lambda line: None)
    chance = random.Random(seed)
    people = Editors(make_user("city_office"), chance)
    enqueue(POISON, "any")
    enqueue(ROLLUP, NO_SUCH_UNIT)
    people.start()
    try:
        _storm(servers, chance)
    finally:
        people.finish()
    assert people.fault is None
    assert all(people.made.values()), people.made

    assert _comes(_settled, servers, SETTLED_SECONDS), f"{_open_jobs()}\n{servers.logs()}"
    assert not Mark.objects.exists()
    _figures_are_right()
    _poison_is_parked(servers)
    harmed = Job.objects.filter(kind=ROLLUP, state=JobState.PARKED).exclude(key=NO_SUCH_UNIT)
    assert list(harmed) == []


def _storm(servers: Servers, chance: random.Random) -> None:
    """Kill each once with -9 in an order by chance, each in the middle of work."""
    blows: list[Callable[[Servers], None]] = [_kill_child, _kill_worker, _kill_broker]
    chance.shuffle(blows)
    for blow in blows:
        time.sleep(chance.uniform(0.5, 2.0))
        blow(servers)


def _comes(condition: Callable[[], bool], servers: Servers, seconds: float) -> bool:
    """Whether it came true in time; what ended by itself meanwhile is started again, as the supervisor does.

    A worker may end over a channel that broke with its broker.
    """

    def true() -> bool:
        servers.revive()
        return condition()

    return until(true, seconds)


def _kill_child(servers: Servers) -> None:
    """The pool process that has just written a unit's figures and not yet committed them."""
    note = note_of(servers.place.data)

    def killed() -> bool:
        try:
            os.kill(int(note.read_text()), signal.SIGKILL)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        return True

    assert _comes(killed, servers, 30), servers.logs()
    note.unlink(missing_ok=True)


def _kill_worker(servers: Servers) -> None:
    """The worker and all its pool processes, while it rolls up."""
    assert _comes(Job.objects.running().filter(kind=ROLLUP).exists, servers, 30), servers.logs()
    servers.kill("worker")
    time.sleep(DEAD_SECONDS)
    servers.start("worker")


def _kill_broker(servers: Servers) -> None:
    """The broker, with roll-ups waiting."""
    assert _comes(Job.objects.waiting().filter(kind=ROLLUP).exists, servers, 30), servers.logs()
    servers.kill("broker")
    time.sleep(DEAD_SECONDS)
    servers.start("broker")


def _settled() -> bool:
    """Nothing is pending but the roll-up that cannot succeed, whose rests are cut short."""
    _let_time_pass_for_poison()
    return pending() == Job.objects.pending(ROLLUP).filter(key=NO_SUCH_UNIT).count()


def _open_jobs() -> list[tuple[str, str, str, int, str]]:
    return list(Job.objects.not_done().values_list("kind", "key", "state", "attempts", "error"))


def _figures_are_right() -> None:
    for row in ReportingQuarter.objects.open():
        count, differences = compare(Quarter(row.year, row.number))
        assert count > 0
        assert differences == []
    call_command("figures", "2013Q4", "--verify", stdout=StringIO())


def _poison_is_parked(servers: Servers) -> None:
    """Both bad jobs end after three attempts, with what was wrong; then nothing is left to do."""

    def parked() -> bool:
        _let_time_pass_for_poison()
        return not Job.objects.not_done().exclude(state=JobState.PARKED).exists()

    assert _comes(parked, servers, SETTLED_SECONDS), f"{_open_jobs()}\n{servers.logs()}"
    for kind, key in ((POISON, "any"), (ROLLUP, NO_SUCH_UNIT)):
        job = Job.objects.get(kind=kind, key=key)
        assert (job.state, job.attempts) == (JobState.PARKED, MOST_ATTEMPTS)
        assert job.error


def _let_time_pass_for_poison() -> None:
    """As if rests and leases of the two bad jobs had run out; only the times differ from real ones."""
    bad = Job.objects.filter(kind=POISON) | Job.objects.filter(kind=ROLLUP, key=NO_SUCH_UNIT)
    bad.filter(state=JobState.WAITING, run_after__gt=Now()).update(run_after=Now())
    bad.filter(state=JobState.RUNNING, lease_until__gt=Now()).update(lease_until=Now())
