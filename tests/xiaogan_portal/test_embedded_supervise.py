"""The supervisor's configuration: everything comes back, nothing outlives it, it is down in eight seconds."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions

from xiaogan_portal.embedded.account import Account
from xiaogan_portal.embedded.place import CHECKOUT, Place
from xiaogan_portal.embedded.postgres import Postgres
from xiaogan_portal.embedded.supervise import configuration
from xiaogan_portal.embedded.valkey import Valkey

PROGRAMS = {"postgres", "broker", "web", "worker", "beat"}
CEILING = 8


@pytest.fixture(params=["plain", "100% ours/数据 %(x)s"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    place = Place(tmp_path / request.param)
    place.prepare()
    return place


@pytest.fixture
def options(place: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The configuration as the supervisor itself reads it."""
    account = Account(os.getuid(), os.getgid(), switched=False)
    path = place.run / "supervisor.conf"
    path.write_text(configuration(place, [Postgres(place, account), Valkey(place, account)], None), encoding="utf-8")
    monkeypatch.chdir(place.data)
    options = ServerOptions()
    options.realize(["-c", str(path)], doc="")
    return options


@pytest.fixture
def programs(options: Any) -> dict[str, Any]:
    return {program.name: program for group in options.process_group_configs for program in group.process_configs}


def test_every_program_comes_back_and_ends_with_the_supervisor(programs: dict[str, Any]) -> None:
    assert set(programs) == PROGRAMS
    for name, program in programs.items():
        words = shlex.split(program.command)
        assert words[words.index("--pdeathsig") + 1] == ("QUIT" if name == "postgres" else "KILL")
        assert program.autorestart is not False
        assert program.startretries > 1_000_000


def test_a_path_with_spaces_percent_and_han_arrives_whole(options: Any, programs: dict[str, Any], place: Place) -> None:
    words = shlex.split(programs["postgres"].command)

    assert words[words.index("-D") + 1] == str(place.database)
    assert programs["web"].directory == str(CHECKOUT)
    for name, program in programs.items():
        assert Path(program.stdout_logfile).absolute() == place.log / f"{name}.log"
    assert Path(options.logfile).absolute() == place.log / "supervisor.log"


def test_the_portal_does_not_get_the_owners_address_nor_the_servers_the_key(programs: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert programs[name].command.startswith("env -u DATABASE_OWNER_URL ")
    for name in ("postgres", "broker"):
        assert programs[name].command.startswith("env -u SECRET_KEY ")


def test_the_portal_stops_before_its_servers_and_all_within_the_ceiling(options: Any) -> None:
    servers, portal = sorted(options.process_group_configs, key=lambda group: group.priority)

    assert {program.name for program in servers.process_configs} == {"postgres", "broker"}
    longest = [max(program.stopwaitsecs for program in group.process_configs) for group in (portal, servers)]
    # The supervisor looks around once a second, and twice for each group.
    assert sum(longest) + 3 <= CEILING
