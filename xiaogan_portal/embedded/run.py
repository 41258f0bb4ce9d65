"""`make run`: prepares everything, then stays in the foreground while one supervisor keeps the portal alive."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType

from xiaogan_portal.embedded import build, prepare
from xiaogan_portal.embedded.commands import environment_of, servers_of
from xiaogan_portal.embedded.errors import EmbeddedError, say
from xiaogan_portal.embedded.kinship import adopt_orphans, end_with_parent
from xiaogan_portal.embedded.place import CHECKOUT, Place, chosen_place
from xiaogan_portal.embedded.server import Server
from xiaogan_portal.embedded.supervise import configuration

STEPS = 4 + prepare.NUMBER_OF_STEPS + 1
READY_SECONDS = 120
# The supervisor needs at most six seconds; whatever it has not stopped by then is killed.
STOP_SECONDS = 6.5


def run(*, until_parent_ends: bool) -> int:
    """Start the portal and stay until it is stopped; the exit code."""
    if until_parent_ends:
        end_with_parent(os.getppid(), signal.SIGTERM)
    _listen_to_signals()
    place, port = chosen_place(), chosen_port()
    try:
        with ExitStack() as stack:
            _step(1, f"Checking that port {port} is free and that {place.data} is not in use")
            refuse_taken_port(port)
            servers = _claim(place, stack)
            os.environ.update(environment_of(place), PORT=str(port))
            _make_ready(place, servers)
            return _supervise(place, port, servers)
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def chosen_port() -> int:
    """The port that the environment names."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def refuse_taken_port(port: int) -> None:
    """Raise EmbeddedError where somebody listens on `port` of 127.0.0.1 already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EmbeddedError(
                f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT={port % 65535 + 1}"
            ) from None


def _claim(place: Place, stack: ExitStack) -> tuple[Server, ...]:
    """Both servers, theirs locks taken: a second copy on the same data directory is refused here."""
    place.prepare()
    servers: tuple[Server, ...] = servers_of(place)
    for server in servers:
        if not stack.enter_context(server.owner_lock).take(holder="make run"):
            raise EmbeddedError(
                f"The data in {place.data} is in use by {server.owner_lock.holder()}. "
                "Stop that first, or choose another place: make run PORTAL_DATA_DIR=… PORT=…"
            )
    return servers


def _make_ready(place: Place, servers: Sequence[Server]) -> None:
    _step(2, "Building the front end")
    build.build_frontend()
    _step(3, "Compiling the translations")
    build.compile_messages()
    _step(4, "Starting the database")
    database = servers[0]
    process = database.start()
    try:
        command = [sys.executable, "-m", "xiaogan_portal.embedded.prepare", "5", str(STEPS)]
        done = subprocess.run(["setpriv", "--pdeathsig", "KILL", *command], check=False, cwd=CHECKOUT)
    finally:
        database.stop(process)
    if done.returncode != 0:
        raise EmbeddedError(f"The preparation failed; the lines above and {place.log / 'prepare.log'} say why.")
    for server in servers:
        server.prepare()
        server.clear_remains()


def _supervise(place: Place, port: int, servers: Sequence[Server]) -> int:
    """Hand everything over to the supervisor and wait for its end, or for the signal to end it."""
    _step(STEPS, "Starting database, broker, web, worker and beat")
    user = pwd.getpwuid(0).pw_name if os.getuid() == 0 else None
    path = place.run / "supervisor.conf"
    path.write_text(configuration(place, servers, user), encoding="utf-8")
    adopt_orphans()
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "supervisor.supervisord", "-c", str(path)]
    supervisor = subprocess.Popen(command, cwd=place.data, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        _announce(place, port, supervisor.pid)
        while not _reap(supervisor.pid):
            time.sleep(0.2)
    except KeyboardInterrupt:
        _listen_to_signals(ignore=True)
        say("Stopping …")
        _stop(supervisor.pid)
        raise
    except BaseException:
        _listen_to_signals(ignore=True)
        _stop(supervisor.pid)
        raise
    _await_orphans()
    raise EmbeddedError(f"The supervisor has ended and everything with it; {place.log / 'supervisor.log'} may say why.")


def _announce(place: Place, port: int, supervisor: int) -> None:
    """Wait until the portal can serve and say so."""
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"{address}health/ready"):
        if _reap(supervisor):
            raise EmbeddedError(f"The supervisor did not start; see {place.log / 'supervisor.log'}.")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The portal was not ready after {READY_SECONDS} s; see the logs in {place.log}.")
        time.sleep(0.2)
    say(f"Ready: {address}")
    say(f"Sample accounts (user names and passwords): {place.sample_accounts}")
    say(f"Logs: {place.log}   Stop with Ctrl-C.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _reap(supervisor: int) -> bool:
    """Collect ended children, adopted ones too; whether the supervisor is among them."""
    while True:
        try:
            process, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if process == supervisor:
            return True
        if process == 0:
            return False


def _stop(supervisor: int) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(supervisor, signal.SIGTERM)
    while not _reap(supervisor):
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGKILL)
        time.sleep(0.05)
    _await_orphans()


def _await_orphans() -> None:
    """Without the supervisor its processes end by the kernel's hand; wait until the last one is gone."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)


def _listen_to_signals(*, ignore: bool = False) -> None:
    """Whoever asks for the end, and however: it is a KeyboardInterrupt. A second request changes nothing."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # started by nohup
        signal.signal(number, signal.SIG_IGN if ignore else stop)


def _step(number: int, title: str) -> None:
    say(f"[{number}/{STEPS}] {title} …")
