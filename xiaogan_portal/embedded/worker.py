"""`python -m xiaogan_portal.embedded.worker`: Celery's worker, whose pool processes end with it however it ends."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery.bin.celery import main
from celery.signals import worker_process_init

from xiaogan_portal.embedded.kinship import end_with_parent

ARGUMENTS = ["-A", "xiaogan_portal.celery", "worker", "--concurrency", "2", "--loglevel", "INFO"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def run() -> None:
    """Start the worker in the foreground; returns when it was asked to stop."""
    main_process = os.getpid()

    def tie(**_: Any) -> None:
        end_with_parent(main_process)

    worker_process_init.connect(tie, weak=False)
    sys.argv = ["celery", *ARGUMENTS, *QUIET]
    main()


if __name__ == "__main__":
    run()
