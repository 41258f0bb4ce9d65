"""The wake-up call. It may get lost: the ledger holds the work, and the sweep wakes a worker within ten seconds."""

from __future__ import annotations

import logging
import threading
import time

from celery import current_app

logger = logging.getLogger("portal.jobs")

WORK_TASK = "jobs.tasks.work"
# A wake-up call that nobody took for a minute is pointless: the sweep has made others.
CALL_EXPIRES_SECONDS = 60
# What a call may cost whoever makes it. Left alone, a publish to a dead Redis takes two seconds, to a hung one five.
CONNECT_SECONDS = 0.4
ANSWER_SECONDS = 0.4
# After a failed call nobody in this process tries again for so long.
SILENCE_SECONDS = 5.0


class CircuitBreaker:
    """Remembers that the broker did not answer, so that only one call in a while pays for finding out."""

    def __init__(self, silence: float) -> None:
        self.silence = silence
        self._lock = threading.Lock()
        self._open_until = 0.0

    def may_try(self) -> bool:
        """Whether it is worth trying now."""
        with self._lock:
            return time.monotonic() >= self._open_until

    def failed(self) -> None:
        """The call failed: keep quiet for a while."""
        with self._lock:
            self._open_until = time.monotonic() + self.silence

    def worked(self) -> None:
        """The call got through."""
        with self._lock:
            self._open_until = 0.0


breaker = CircuitBreaker(SILENCE_SECONDS)


def wake() -> bool:
    """Wake a worker, if the broker answers at once. Never raises; False when no call went out."""
    if not breaker.may_try():
        return False
    try:
        _publish()
    except Exception as error:
        # Whatever the transport raises, the caller's own work is done and committed.
        breaker.failed()
        logger.warning("no worker was woken, the sweep will find the work: %s: %s", type(error).__name__, error)
        return False
    breaker.worked()
    return True


def _publish() -> None:
    # A connection of its own: the pooled one has the workers' patient timeouts, and a request has none.
    with current_app.connection_for_write(connect_timeout=CONNECT_SECONDS) as connection:
        connection.transport_options = {
            **(connection.transport_options or {}),
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "retry_on_timeout": False,
            "max_retries": 0,
        }
        current_app.send_task(
            WORK_TASK, connection=connection, retry=False, ignore_result=True, expires=CALL_EXPIRES_SECONDS
        )
