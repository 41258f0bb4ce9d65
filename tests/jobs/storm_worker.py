"""A worker of the storm test: the portal's own, which knows one more kind of work. As a module, it is the worker."""

from __future__ import annotations

import time

from jobs import registry
from xiaogan_portal.embedded import worker

STORM = "test-storm"
SECONDS_A_JOB = 0.25


def write_slowly(key: str, payload: registry.Payload) -> None:
    """Leave a row, then take a while to finish, so that a kill meets work half done."""
    from tests.jobs.conftest import write_effect  # Django is ready by now

    write_effect(key, payload)
    time.sleep(SECONDS_A_JOB)


if __name__ == "__main__":
    registry.register(STORM, write_slowly, label="风暴测试")
    worker.run()
