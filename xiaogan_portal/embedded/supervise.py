"""The supervisor's configuration: which processes the portal consists of, and how each starts and stops."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xiaogan_portal.embedded.place import CHECKOUT, Place
from xiaogan_portal.embedded.server import Server

# Stopping takes at most the longest of the first group, then of the second, and a second or two of the supervisor's
# own: under the eight seconds that Ctrl-C may take.
PORTAL_STOP_SECONDS = 2
SERVER_STOP_SECONDS = 2
UNLIMITED = 1_000_000_000


@dataclass(frozen=True)
class Program:
    """One supervised process. Its command carries its own end-with-the-parent launcher."""

    name: str
    command: Sequence[str]
    stop_signal: str
    stop_seconds: int


def portal_programs(place: Place) -> list[Program]:
    """Web, worker and beat. The owner's database address is kept from them: they never change the schema."""
    launcher = ["env", "-u", "DATABASE_OWNER_URL", "setpriv", "--pdeathsig", "KILL", sys.executable, "-m"]
    web = ["gunicorn", "-c", "python:xiaogan_portal.embedded.web", "xiaogan_portal.wsgi:application"]
    beat = ["celery", "-A", "xiaogan_portal.celery", "beat", "--loglevel", "INFO", "--pidfile="]
    beat += ["--schedule", str(place.run / "beat-schedule")]
    commands = {"web": web, "worker": ["xiaogan_portal.embedded.worker"], "beat": beat}
    return [Program(name, [*launcher, *words], "TERM", PORTAL_STOP_SECONDS) for name, words in commands.items()]


def server_programs(servers: Sequence[Server]) -> list[Program]:
    """The database and the broker, without the secrets that they have no use for."""
    launcher = ["env", "-u", "SECRET_KEY", "-u", "AUDIT_SIGNING_KEY", "-u", "DATABASE_OWNER_URL"]
    return [
        Program(
            server.name,
            [*launcher, *server.launch_line()],
            server.stop_signal.name.removeprefix("SIG"),
            SERVER_STOP_SECONDS,
        )
        for server in servers
    ]


def configuration(place: Place, servers: Sequence[Server], user: str | None) -> str:
    """The text of the configuration file of a supervisor that is started in the data directory.

    `user` is named where root starts it, or it complains.
    """
    groups = {"servers": server_programs(servers), "portal": portal_programs(place)}
    sections = [_section("supervisord", _supervisor_values(place, user))]
    for priority, (name, programs) in enumerate(groups.items(), start=1):
        # Groups start by priority and stop the other way round; the members of a group stop together.
        members = ",".join(program.name for program in programs)
        sections.append(_section(f"group:{name}", {"programs": members, "priority": str(priority)}))
        sections += [_section(f"program:{program.name}", _program_values(place, program)) for program in programs]
    return "\n".join(sections)


def _supervisor_values(place: Place, user: str | None) -> dict[str, str]:
    values = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _below(place, place.log / "supervisor.log"),
        "logfile_maxbytes": "5MB",
        "logfile_backups": "2",
        "pidfile": _below(place, place.run / "supervisor.pid"),
        "childlogdir": _below(place, place.log),
    }
    return values | ({"user": user} if user else {})


def _program_values(place: Place, program: Program) -> dict[str, str]:
    return {
        "command": _literal(shlex.join(program.command)),
        "directory": _literal(CHECKOUT),
        "autostart": "true",
        "autorestart": "true",
        "startsecs": "1",
        "startretries": str(UNLIMITED),
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _below(place, place.log / f"{program.name}.log"),
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "3",
    }


def _section(name: str, values: dict[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in values.items()), ""])


def _literal(value: str | Path) -> str:
    """The supervisor reads % as the start of an expression."""
    return str(value).replace("%", "%%")


def _below(place: Place, path: Path) -> str:
    """The supervisor runs in the data directory. It expands some paths twice, so no % of ours may stand in them."""
    return str(path.relative_to(place.data))
