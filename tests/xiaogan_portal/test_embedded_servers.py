"""The embedded servers as they run: who may do what, sharing, and backup and restore."""

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


def test_roles_sharing_backup_and_restore(data: Path, tmp_path: Path) -> None:
    with _hold(data) as holder:
        _roles_are_what_they_should_be(data)
        _a_later_command_shares_the_servers(data)
        _sql(data, "portal_owner", "create table fact (n int); insert into fact values (7)")
        _sql(data, "portal_owner", "grant select on fact to portal")
        (data / "media" / "照片.jpg").write_bytes(b"picture")
        made = embedded(data, "backup")
        assert made.returncode == 0, made.stderr
        archive = Path(made.stdout.rsplit("Backup: ", 1)[1].strip())
        _sql(data, "portal_owner", "update fact set n = 8")
        (data / "media" / "照片.jpg").write_bytes(b"spoilt")

        refused = embedded(data, "restore", str(archive))
        assert refused.returncode == 1
        assert "is not empty" in refused.stderr
        _damaged_backups_change_nothing(data, archive, tmp_path)
        restored = embedded(data, "restore", str(archive), "--force")
        assert restored.returncode == 0, restored.stderr
        assert _sql(data, "portal", "select n from fact") == [(7,)]
        assert _sql(data, "portal", "select tableowner from pg_tables where tablename = 'fact'") == [("portal_owner",)]
        assert (data / "media" / "照片.jpg").read_bytes() == b"picture"
        assert archive.stat().st_mode & 0o077 == 0
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


def _damaged_backups_change_nothing(data: Path, archive: Path, tmp_path: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(b"picture")] ^= 1
    (tmp_path / "damaged.tar").write_bytes(content)
    (tmp_path / "foreign.tar").write_bytes(b"no archive")
    for name, sentence in {"damaged.tar": "is damaged", "foreign.tar": "is not a backup"}.items():
        done = embedded(data, "restore", str(tmp_path / name), "--force")
        assert done.returncode == 1
        assert sentence in done.stderr
    assert _sql(data, "portal", "select n from fact") == [(8,)]


def test_servers_of_a_killed_command_end_and_the_next_command_starts(data: Path) -> None:
    holder = _hold(data)

    holder.kill()
    holder.wait()

    assert until(lambda: processes_of(data) == {}, 10), processes_of(data)
    assert embedded(data, "exec", "--", "true").returncode == 0
    for stream in (holder.stdin, holder.stdout):
        assert stream is not None
        stream.close()
