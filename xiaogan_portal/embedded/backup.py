"""One file with everything that cannot be made again: the database, the uploaded files, the installation's key."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xiaogan_portal.embedded.commands import servers_of
from xiaogan_portal.embedded.errors import EmbeddedError, say
from xiaogan_portal.embedded.place import Place, chosen_place
from xiaogan_portal.embedded.postgres import BOOTSTRAP_ROLE, DATABASE, Postgres, create_database, run_sql

DUMP = "database.dump"
MANIFEST = "manifest.json"
# What lies beside the database and belongs to it: uploads, the key that signs, the sample city's passwords.
FILES = ("media", "secret-key", "sample-accounts.json")
RESTORED = f"{DATABASE}_restored"
REPLACED = f"{DATABASE}_replaced"


def back_up() -> Path:
    """Write `backups/<time>.tar` in the data directory, readable by its owner alone; its path."""
    place = chosen_place()
    place.prepare()
    database, _ = servers_of(place)
    folder = place.data / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    with database.running("make backup"), tempfile.TemporaryDirectory(dir=folder) as scratch:
        dump = Path(scratch) / DUMP
        say("Writing the database …")
        _client(database, "pg_dump", "--format=custom", "--file", str(dump), DATABASE)
        members = {DUMP: dump} | _files(place)
        manifest = Path(scratch) / MANIFEST
        manifest.write_text(json.dumps(_manifest(members), indent=2), encoding="utf-8")
        fresh = Path(scratch) / target.name
        fresh.touch(mode=0o600)
        say(f"Writing {len(members) - 1} files …")
        with tarfile.open(fresh, "w") as archive:
            for name, path in {MANIFEST: manifest, **members}.items():
                archive.add(path, arcname=name, recursive=False)
        fresh.rename(target)
    say(f"Backup: {target}")
    return target


def restore(source: Path, *, force: bool) -> None:
    """Put a backup into the embedded database, running or not, and its files into the data directory.

    A database that holds tables is refused without `force`. The backup is read into a second database first and
    takes the first one's place at the end, so that a bad backup changes nothing.
    """
    place = chosen_place()
    place.prepare()
    database, _ = servers_of(place)
    with database.running("make restore"), tempfile.TemporaryDirectory(dir=place.data) as scratch:
        folder = Path(scratch)
        _unpack(source, folder)
        if not force and _holds_tables(database):
            raise EmbeddedError(
                f"The database in {place.data} is not empty. To replace everything in it: "
                f"make restore FILE={source} FORCE=1"
            )
        say("Reading the database …")
        run_sql(database, "postgres", f'drop database if exists "{RESTORED}" with (force)')
        create_database(database, RESTORED)
        _client(database, "pg_restore", "--exit-on-error", "--dbname", RESTORED, str(folder / DUMP))
        _put_files(folder, place)
        _swap(database)
    say("Restored. Start the portal again if it was running: its key may have changed.")


def _client(database: Postgres, program: str, *words: str) -> None:
    command = [database.program(program), "--host", str(database.place.sockets), "--username", BOOTSTRAP_ROLE, *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise EmbeddedError(f"{program} failed: {done.stderr.strip()}")


def _files(place: Place) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in FILES:
        root = place.data / name
        paths = [root] if root.is_file() else sorted(root.rglob("*"))
        found |= {str(path.relative_to(place.data)): path for path in paths if path.is_file()}
    return found


def _manifest(members: dict[str, Path]) -> dict[str, Any]:
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": {name: _sha256(path) for name, path in members.items()},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(source: Path, folder: Path) -> None:
    """Unpack and compare every file with the manifest; anything missing, added or changed is refused."""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _extract(archive, member, folder)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise EmbeddedError(f"{source} is not a backup of this portal: {error}") from None
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del found[MANIFEST]
    if {name: _sha256(path) for name, path in found.items()} != manifest:
        raise EmbeddedError(f"{source} is damaged: its files are not those that its manifest lists.")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """A backup holds plain files below its folder and nothing else."""
    content = archive.extractfile(member) if member.isfile() else None
    target = folder / member.name
    if content is None or not target.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{member.name} does not belong into a backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _holds_tables(database: Postgres) -> bool:
    connection = database.connect(BOOTSTRAP_ROLE, DATABASE)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from pg_tables where schemaname = 'public')")
            row = cursor.fetchone()
            return bool(row and row[0])
    finally:
        connection.close()


def _swap(database: Postgres) -> None:
    run_sql(database, "postgres", f'drop database if exists "{REPLACED}" with (force)')
    # Nobody may connect between the two renames; both are seconds' fractions.
    run_sql(database, "postgres", f'alter database "{DATABASE}" allow_connections false')
    run_sql(
        database,
        "postgres",
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{DATABASE}'",  # noqa: S608 - a constant
    )
    run_sql(database, "postgres", f'alter database "{DATABASE}" rename to "{REPLACED}"')
    run_sql(database, "postgres", f'alter database "{RESTORED}" rename to "{DATABASE}"')
    run_sql(database, "postgres", f'drop database "{REPLACED}" with (force)')


def _put_files(folder: Path, place: Place) -> None:
    for name in FILES:
        source, target = folder / name, place.data / name
        if target.is_dir():
            target.rename(folder / f"{name}.old")
        if source.exists():
            shutil.move(source, target)
    (place.data / "media").mkdir(exist_ok=True)
    if (place.data / "secret-key").exists():
        os.chmod(place.data / "secret-key", 0o600)
