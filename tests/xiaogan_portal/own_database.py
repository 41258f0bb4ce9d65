"""A PostgreSQL of a test's own, with the durability of a real one, that the test may restart as it likes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from xiaogan_portal.embedded.account import server_account
from xiaogan_portal.embedded.commands import environment_of
from xiaogan_portal.embedded.place import Place
from xiaogan_portal.embedded.postgres import BOOTSTRAP_ROLE, DATABASE, Postgres

STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "killed": signal.SIGKILL}


class OwnDatabase:
    """The server, running, with a copy of what the tests' database holds when it starts."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.server = Postgres(place, server_account())
        self.url = environment_of(place)["DATABASE_URL"]
        self._process = self.server.start()
        self._copy(place.data / "copy.dump")

    def _copy(self, dump: Path) -> None:
        source = connections["owner"].get_connection_params()
        whence = ["--host", source["host"], "--username", source["user"], "--dbname", source["dbname"]]
        where = ["--host", str(self.place.sockets), "--username", BOOTSTRAP_ROLE, "--dbname", DATABASE]
        for program, words in (
            ("pg_dump", [*whence, "--format=custom", "--file", str(dump)]),
            ("pg_restore", [*where, "--exit-on-error", str(dump)]),
        ):
            subprocess.run([self.server.program(program), *words], check=True, capture_output=True)

    def stop(self, how: str = "fast") -> None:
        """End it: `fast` as an administrator does, `immediate` without a checkpoint, `killed` with -9."""
        self._process.send_signal(STOPS[how])
        self._process.wait(60)

    def start(self) -> None:
        """Start it again; recovers from its log where it must."""
        self._process = self.server.start()

    def end(self) -> None:
        """For good."""
        if self._process.poll() is None:
            self.server.stop(self._process)


@contextmanager
def own_database(folder: Path) -> Iterator[OwnDatabase]:
    """A server in `folder`, ended after the block."""
    place = Place(folder)
    place.prepare()
    os.makedirs(place.log, exist_ok=True)
    database = OwnDatabase(place)
    try:
        yield database
    finally:
        database.end()
