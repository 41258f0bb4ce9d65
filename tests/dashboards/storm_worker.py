"""A worker of the storm test: the portal's own, slowed in the middle of a roll-up, with one job that kills it.

Imported by those processes alone: it changes what they do. As a module of the command line it is the worker.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from jobs import registry
from xiaogan_portal.embedded import worker
from xiaogan_portal.embedded.place import chosen_place

POISON = "test-kills-its-worker"
SECONDS_A_ROLL_UP = 0.3


def note_of(data: Path) -> Path:
    """The file in which a process that is in the middle of a roll-up leaves its number."""
    return data / "run" / "rolling-up"


def die(key: str, payload: registry.Payload) -> None:
    """End this process without a word, as a crash in a library does."""
    os._exit(1)


def _slow_down(**_: Any) -> None:
    from dashboards import rollup

    replace, note = rollup._replace, note_of(chosen_place().data)

    def replace_slowly(*args: Any) -> None:
        replace(*args)
        note.write_text(str(os.getpid()))
        time.sleep(SECONDS_A_ROLL_UP)
        note.unlink(missing_ok=True)

    rollup._replace = replace_slowly  # type: ignore[assignment]  # same arguments, taken as they come


if __name__ == "__main__":
    registry.register(POISON, die, label="毒作业")
    worker_process_init.connect(_slow_down, weak=False)
    worker.run()
