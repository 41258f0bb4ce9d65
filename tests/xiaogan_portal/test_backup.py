"""The drill: back up loaded data, put it into a new place and back onto a server, and compare all there is."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from tests.architecture.matrix import world
from tests.xiaogan_portal.embedded_helpers import EMBEDDED, GIVEN_BY_CALLER, embedded, environment, kill_all
from tests.xiaogan_portal.picture import differences, picture_of
from xiaogan_portal.embedded.backup import restore
from xiaogan_portal.embedded.errors import EmbeddedError
from xiaogan_portal.embedded.place import CHECKOUT, Place

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DRILL = "portal_drill"


@pytest.fixture
def places() -> Iterator[tuple[Path, Path]]:
    """Data directories of a server and of a new embedded installation."""
    if "DATABASE_OWNER_URL" not in os.environ:
        pytest.skip("needs the addresses of the database, as `make test` gives them")
    server, new = (Path(tempfile.mkdtemp(prefix="portal-drill-")) for _ in range(2))
    yield server, new
    kill_all(new)
    shutil.rmtree(server)
    shutil.rmtree(new)


def server_environment(data: Path, database: str) -> dict[str, str]:
    """As on a server: no embedded mode, the addresses of a database that runs."""
    addresses = {
        name: f"{os.environ[name].rsplit('/', 1)[0]}/{database}" for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    more = {"PORTAL_MODE": "server", "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "portal.example", "HTTPS": "true"}
    return {**os.environ, **addresses, **more, "PORTAL_DATA_DIR": str(data), "REDIS_URL": "redis://127.0.0.1:1/0"}


def on_server(data: Path, database: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m xiaogan_portal.embedded …` as on a server."""
    environment = server_environment(data, database)
    return subprocess.run(
        [*EMBEDDED, *words], env=environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )


def made_by(done: subprocess.CompletedProcess[str]) -> Path:
    """The archive that a backup named."""
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.rsplit("Backup: ", 1)[1].strip())


@contextmanager
def held(data: Path) -> Iterator[Any]:
    """The embedded installation's servers running, and a cursor of the schema's owner."""
    holder = subprocess.Popen(
        [*EMBEDDED, "exec", "--", "sh", "-c", "echo up; read line"],
        env=environment(data),
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None and holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    try:
        yield None
    finally:
        holder.stdin.close()
        holder.wait(60)
        holder.stdout.close()


def look(data: Path) -> dict[str, list[Any]]:
    """The picture of the embedded installation's database."""
    opened = psycopg2.connect(host=str(Place(data).sockets), user="portal_owner", dbname="portal")
    try:
        with opened.cursor() as cursor:
            return picture_of(cursor)
    finally:
        opened.close()


def test_the_drill(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    server, new = places
    world.build()
    with connections["owner"].cursor() as cursor:
        before = picture_of(cursor)
    assert any(before[name] for name in before if name.startswith("rows of communities_"))
    media = {"media/照片.jpg": b"picture", "media/2014/01/报告.docx": b"report" * 1000}
    for name, content in media.items():
        (server / name).parent.mkdir(parents=True, exist_ok=True)
        (server / name).write_bytes(content)

    archive = made_by(on_server(server, connection.settings_dict["NAME"], "backup"))
    assert archive.stat().st_mode & 0o077 == 0
    done = embedded(new, "restore", str(archive))
    assert done.returncode == 0, done.stderr

    with held(new):
        assert differences(before, look(new)) == {}
        assert {name: (new / name).read_bytes() for name in media} == media
        _bad_backups_touch_nothing(new, archive, before, monkeypatch)
        _spoil(new)
        assert differences(before, look(new)) != {}
        assert "is not empty" in embedded(new, "restore", str(archive)).stderr
        assert embedded(new, "restore", str(archive), "--force").returncode == 0
        assert differences(before, look(new)) == {}
        _back_onto_a_server(server, archive, before)


def _spoil(data: Path) -> None:
    """What a bad afternoon does: rows gone, a rule gone, a right too many."""
    opened = psycopg2.connect(host=str(Place(data).sockets), user="postgres", dbname="portal")
    with opened, opened.cursor() as cursor:
        cursor.execute("truncate communities_community cascade")
        cursor.execute("alter table accounts_administrator drop constraint administrator_kind_known")
        cursor.execute("grant delete on accounts_auditentry to portal")
    opened.close()


def _bad_backups_touch_nothing(
    data: Path, archive: Path, before: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = archive.read_bytes()
    flipped = bytearray(content)
    flipped[len(flipped) // 2] ^= 1
    bad = {
        "flipped": (bytes(flipped), "is damaged"),
        "cut": (content[: len(content) * 2 // 3], "is not a backup"),
        "foreign": (b"no archive", "is not a backup"),
        "lacking": (_without(archive, "media/照片.jpg"), "is damaged"),
        "unlisted": (_without(archive, "manifest.json"), "is not a backup"),
    }
    with monkeypatch.context() as embedded_mode:
        for name in GIVEN_BY_CALLER:
            embedded_mode.delenv(name, raising=False)
        embedded_mode.setenv("PORTAL_DATA_DIR", str(data))
        for name, (spoilt, sentence) in bad.items():
            file = data / f"{name}.tar"
            file.write_bytes(spoilt)
            with pytest.raises(EmbeddedError, match=sentence):
                restore(file, force=True)
    assert differences(before, look(data)) == {}
    assert (data / "media" / "照片.jpg").read_bytes() == b"picture"


def _without(archive: Path, name: str) -> bytes:
    """The archive without one of its files."""
    kept = io.BytesIO()
    with tarfile.open(archive) as source, tarfile.open(fileobj=kept, mode="w") as target:
        for member in source:
            if member.name != name:
                target.addfile(member, source.extractfile(member))
    return kept.getvalue()


def _back_onto_a_server(data: Path, archive: Path, before: dict[str, list[Any]]) -> None:
    """Into an empty database there; and over what it holds, only when forced."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"drop database if exists {DRILL}")
        cursor.execute(f"create database {DRILL}")
    try:
        (data / "media" / "照片.jpg").write_bytes(b"spoilt")
        done = on_server(data, DRILL, "restore", str(archive))
        assert done.returncode == 0, done.stderr
        assert (data / "media" / "照片.jpg").read_bytes() == b"picture"
        again = on_server(data, DRILL, "restore", str(archive))
        assert (again.returncode, "is not empty" in again.stderr) == (1, True)
        address = {**connections["owner"].get_connection_params(), "dbname": DRILL}
        opened = psycopg2.connect(**{name: address[name] for name in ("host", "user", "dbname")})
        with opened, opened.cursor() as cursor:
            after = picture_of(cursor)
        opened.close()
        # What migrate writes anew is bookkeeping of Django's own.
        assert differences(before, after) == {}
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"drop database if exists {DRILL} with (force)")
