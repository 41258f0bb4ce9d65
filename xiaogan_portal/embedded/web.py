"""Gunicorn's configuration in the embedded mode."""

from __future__ import annotations

import os
from typing import Any

from xiaogan_portal.embedded.kinship import end_with_parent

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
preload_app = True  # Django is loaded once, not once a worker
worker_class = "gthread"
timeout = 60
graceful_timeout = 1
keepalive = 5
accesslog = "-"
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """A worker must not outlive the main process, not even one that was killed."""
    end_with_parent(server.pid)
