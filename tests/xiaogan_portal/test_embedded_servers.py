"""The embedded servers as they run: who may do what, and sharing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg2
import pytest

from tests.xiaogan_portal.embedded_helpers import EMBEDDED, embedded, environment, processes_of, until
from xiaogan_portal.embedded.place import CHECKOUT

HOLD = ["exec", "--", "sh", "-c", "echo up; read line"]


def _hold(data: Path) -> subprocess.Popen[str]:
    """Keep the servers of `data` running until a line is written to the process."""
    process = subprocess.Popen(
        [*EMBEDDED, *HOLD],
        env=environment(data),
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def _sql(data: Path, role: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(data / "sockets"), user=role, dbname="portal")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_roles_and_sharing(data: Path) -> None:
    with _hold(data) as holder:
        _roles_are_what_they_should_be(data)
        _a_later_command_shares_the_servers(data)
        assert holder.stdin is not None
        holder.stdin.close()
        assert holder.wait(30) is not None
    assert processes_of(data) == {}


def _roles_are_what_they_should_be(data: Path) -> None:
    columns = "rolname, rolsuper, rolcreatedb, rolcreaterole"
    query = f"select {columns} from pg_roles where rolname like 'portal%' order by rolname"
    assert _sql(data, "portal", query) == [("portal", False, False, False), ("portal_owner", False, True, False)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _sql(data, "portal", "create table mine (n int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _sql(data, "portal", "create temporary table mine (n int)")
    assert (data / "sockets").stat().st_mode & 0o777 == 0o700


def _a_later_command_shares_the_servers(data: Path) -> None:
    before = {process for process, command in processes_of(data).items() if "bin/postgres" in command}
    done = embedded(data, "exec", "--", "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert {process for process, command in processes_of(data).items() if "bin/postgres" in command} == before


def test_servers_of_a_killed_command_end_and_the_next_command_starts(data: Path) -> None:
    holder = _hold(data)

    holder.kill()
    holder.wait()

    assert until(lambda: processes_of(data) == {}, 10), processes_of(data)
    assert embedded(data, "exec", "--", "true").returncode == 0
    for stream in (holder.stdin, holder.stdout):
        assert stream is not None
        stream.close()
