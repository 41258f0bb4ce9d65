"""The broker away or hung: whoever saves is not kept waiting, and the work is recorded all the same."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app

from jobs import actions, broker, tasks
from jobs.models import Job
from tests.jobs.conftest import Register

DATABASES = ["default", "owner"]
publish = broker._publish


@pytest.fixture(autouse=True)
def real_publish(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These tests call the broker, and leave the breaker closed behind them."""
    monkeypatch.setattr(broker, "_publish", publish)
    broker.breaker.worked()
    yield
    broker.breaker.worked()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers, as a stopped Redis does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def use_broker(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Send calls to this port."""
    make = current_app.connection_for_write
    url = f"redis://127.0.0.1:{port}/0"
    monkeypatch.setattr(current_app, "connection_for_write", lambda **options: make(url, **options))


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_a_save_succeeds_while_the_broker_is_dead(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    use_broker(monkeypatch, _closed_port())
    actions.enqueue(register(), "XN")
    assert Job.objects.waiting().count() == 1
    assert not broker.breaker.may_try()


def test_a_hung_broker_is_given_up(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    use_broker(monkeypatch, silent_port)
    assert broker.wake() is False


def test_only_one_call_in_a_while_pays_for_a_dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def fail() -> None:
        tried.append(1)
        raise OSError("dead")

    monkeypatch.setattr(broker, "_publish", fail)
    assert [broker.wake() for _call in range(5)] == [False] * 5
    assert len(tried) == 1


def test_the_breaker_tries_again_after_its_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("jobs.broker.time.monotonic", lambda: now)
    breaker = broker.CircuitBreaker(5)
    breaker.failed()
    assert not breaker.may_try()
    now += 5
    assert breaker.may_try()
    breaker.failed()
    breaker.worked()
    assert breaker.may_try()


def test_what_a_call_may_cost_is_bounded_by_its_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers' connections may be patient, a request may not: one second in all (promise R03)."""
    sent: dict[str, Any] = {}

    def send(name: str, connection: Any, **options: Any) -> None:
        sent.update(options, name=name, transport=dict(connection.transport_options))

    monkeypatch.setattr(current_app, "send_task", send)
    assert broker.wake() is True
    transport = sent["transport"]
    assert transport["socket_connect_timeout"] + transport["socket_timeout"] <= 1
    assert (transport["max_retries"], transport["retry_on_timeout"], sent["retry"]) == (0, False, False)
    assert sent["name"] == tasks.work.name


@pytest.mark.parametrize("task", [tasks.work, tasks.sweep])
def test_tasks_state_their_limits(task: Any) -> None:
    assert task.soft_time_limit < task.time_limit
    assert task.ignore_result is True
    assert task.max_retries == 0


def test_a_call_cannot_outlast_its_limit() -> None:
    """The last job of a call must have most of the limit to itself, or it pays for those before it."""
    limit = tasks.work.soft_time_limit
    assert limit is not None
    assert limit - actions.SECONDS_A_CALL >= 200


def _closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
