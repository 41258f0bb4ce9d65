"""Calls on other connections, as other processes would make them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection


def in_parallel(tasks: list[Callable[[], object]]) -> list[object]:
    """The results of calls made at once, each on its own connection. Any error, or one that hangs, fails the test."""
    results: list[object] = []
    errors: list[BaseException] = []

    def run(task: Callable[[], object]) -> None:
        try:
            results.append(task())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    assert errors == []
    return results


def elsewhere(task: Callable[[], object]) -> object:
    """The result of a call made on another connection."""
    return in_parallel([task])[0]
