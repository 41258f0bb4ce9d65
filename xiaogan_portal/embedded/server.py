"""One embedded server: started by whoever needs it first, shared by who comes later, stopped when nobody uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xiaogan_portal.embedded.account import Account
from xiaogan_portal.embedded.errors import EmbeddedError, warn
from xiaogan_portal.embedded.locks import FileLock
from xiaogan_portal.embedded.place import Place

START_SECONDS = 60  # a crash recovery may take its time
STOP_SECONDS = 20


class Server(ABC):
    """What both servers share. `name` is used in file names and sentences."""

    name: str
    death_signal: str
    stop_signal: signal.Signals

    def __init__(self, place: Place, account: Account) -> None:
        self.place = place
        self.account = account
        self.owner_lock = FileLock(place.run / f"{self.name}.lock")
        self.users_lock = FileLock(place.run / f"{self.name}.users")

    @abstractmethod
    def command(self) -> list[str]:
        """The server's command line, in the foreground, without the launcher."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server accepts work now."""

    @abstractmethod
    def prepare(self) -> None:
        """Everything that must be on disk before the first start. Called with the owner's lock held."""

    @abstractmethod
    def finish(self) -> None:
        """What is set up inside the running server. Called with the owner's lock held; safe to repeat."""

    @property
    def home(self) -> Path:
        """The directory that the server's processes have as their working directory."""
        return self.place.data / self.name

    def launch_line(self) -> list[str]:
        """The whole command, for a supervisor: ends when its parent ends, runs under the servers' account."""
        return [*self.account.launcher(self.death_signal), *self.command()]

    def clear_remains(self) -> None:
        """Wait for processes of an earlier, killed start to end, then kill what is left of them."""
        for patience in range(100):
            left = _processes_in(self.home)
            if not left:
                return
            if patience == 99:
                for process in left:
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.1)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child of this process and wait until it answers. The owner's lock must be held."""
        self.prepare()
        self.clear_remains()
        with (self.place.log / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.launch_line(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )
        try:
            self._wait_for(process)
            self.finish()
        except BaseException:
            self.stop(process)
            raise
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.accepts_connections():
            if process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError(f"The {self.name} server did not start; see {self.place.log / self.name}.log.")
            time.sleep(0.05)

    def accepts_connections(self) -> bool:
        """Whether `finish` can do its work; the same as `answers` unless a server needs more."""
        return self.answers()

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a server that `start` started; the hard way after 20 s."""
        if process.poll() is None:
            process.send_signal(self.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def running(self, holder: str) -> Iterator[None]:
        """The server answers inside the block: one that runs already, or one started here and stopped afterwards."""
        process = self._join_or_start(holder)
        try:
            yield
        finally:
            self.users_lock.drop()
            if process is not None:
                self._await_other_users()
                self.stop(process)
                self.owner_lock.drop()

    def _join_or_start(self, holder: str) -> subprocess.Popen[bytes] | None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.owner_lock.take(holder=holder):
                try:
                    process = self.start()
                    self.users_lock.take(shared=True, wait=True)
                except BaseException:
                    self.owner_lock.drop()
                    raise
                return process
            if self.users_lock.take(shared=True) and self.answers():
                return None
            self.users_lock.drop()
            time.sleep(0.1)
        raise EmbeddedError(
            f"The {self.name} server in {self.place.data} is held by {self.owner_lock.holder()} and does not answer."
        )

    def _await_other_users(self) -> None:
        """Another command may have joined meanwhile: do not pull the server from under it."""
        with self.users_lock as lock:
            if not lock.take():
                warn(f"Another command still uses the {self.name} server; waiting for it to end.")
                lock.take(wait=True)


def _processes_in(folder: Path) -> list[int]:
    """Processes whose working directory is `folder`. A zombie has none, a process with a reused number another."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
