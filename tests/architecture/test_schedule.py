"""What beat starts exists, is named like its task, binds, and expires before it piles up."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from celery import current_app
from celery.schedules import crontab

from xiaogan_portal.schedule import SCHEDULE


@pytest.mark.parametrize("name", SCHEDULE)
def test_entry_is_a_task_that_binds(name: str) -> None:
    entry = SCHEDULE[name]
    current_app.loader.import_default_modules()
    assert entry["task"] == name
    task: Any = current_app.tasks[name]
    inspect.signature(task.run).bind(*entry.get("args", ()), **entry.get("kwargs", {}))


@pytest.mark.parametrize("name", SCHEDULE)
def test_entry_expires_so_that_a_stopped_worker_is_not_flooded(name: str) -> None:
    entry = SCHEDULE[name]
    assert isinstance(entry["schedule"], float | crontab)
    assert entry["options"]["expires"] > 0


def test_beat_uses_the_static_schedule() -> None:
    from xiaogan_portal.celery import app

    assert set(app.conf.beat_schedule) == set(SCHEDULE)
