"""The supervisor's configuration: everything comes back, nothing outlives it, it is down in eight seconds."""

from __future__ import annotations

import configparser
import os
import shlex
from pathlib import Path

import pytest

from xiaogan_portal.embedded.account import Account
from xiaogan_portal.embedded.place import Place
from xiaogan_portal.embedded.postgres import Postgres
from xiaogan_portal.embedded.supervise import configuration
from xiaogan_portal.embedded.valkey import Valkey

PROGRAMS = {"postgres", "broker", "web", "worker", "beat"}
CEILING = 8


@pytest.fixture(params=["/srv/portal", "/srv/100% ours/数据"])
def place(request: pytest.FixtureRequest) -> Place:
    return Place(Path(request.param))


@pytest.fixture
def parsed(place: Place) -> configparser.ConfigParser:
    account = Account(os.getuid(), os.getgid(), switched=False)
    parser = configparser.ConfigParser()
    parser.read_string(configuration(place, [Postgres(place, account), Valkey(place, account)], "root"))
    return parser


def test_every_program_comes_back_and_ends_with_the_supervisor(parsed: configparser.ConfigParser) -> None:
    programs = {name.removeprefix("program:"): parsed[name] for name in parsed if name.startswith("program:")}

    assert set(programs) == PROGRAMS
    for name, program in programs.items():
        words = shlex.split(program["command"])
        assert words[words.index("--pdeathsig") + 1] == ("QUIT" if name == "postgres" else "KILL")
        assert program["autorestart"] == "true"
        assert int(program["startretries"]) > 1_000_000


def test_a_path_with_spaces_percent_and_han_arrives_whole(parsed: configparser.ConfigParser, place: Place) -> None:
    words = shlex.split(parsed["program:postgres"]["command"])

    assert words[words.index("-D") + 1] == str(place.database)
    assert parsed["program:web"]["stdout_logfile"] == str(place.log / "web.log")


def test_the_portal_does_not_get_the_owners_address_nor_the_servers_the_key(parsed: configparser.ConfigParser) -> None:
    for name in ("web", "worker", "beat"):
        assert "env -u DATABASE_OWNER_URL " in parsed[f"program:{name}"]["command"]
    for name in ("postgres", "broker"):
        assert "env -u SECRET_KEY " in parsed[f"program:{name}"]["command"]


def test_the_portal_stops_before_its_servers_and_all_within_the_ceiling(parsed: configparser.ConfigParser) -> None:
    groups = [parsed["group:portal"], parsed["group:servers"]]

    assert int(groups[0]["priority"]) > int(groups[1]["priority"])
    assert {name for group in groups for name in group["programs"].split(",")} == PROGRAMS
    longest = [
        max(int(parsed[f"program:{name}"]["stopwaitsecs"]) for name in group["programs"].split(",")) for group in groups
    ]
    # The supervisor looks around once a second, and twice for each group.
    assert sum(longest) + 3 <= CEILING
