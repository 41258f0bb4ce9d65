"""One file with everything that cannot be made again: the database, the uploaded files, the installation's key."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xiaogan_portal.embedded.backup_databases import Contents, database_of, is_server
from xiaogan_portal.embedded.errors import EmbeddedError, say
from xiaogan_portal.embedded.place import Place, chosen_place

DUMP = "database.dump"
MANIFEST = "manifest.json"
# What lies beside the database and belongs to it: uploads, the keys, the sample city's passwords.
FILES = ("media", "secret-key", "audit-key", "sample-accounts.json")


def back_up() -> Path:
    """Write `backups/<time>.tar` in the data directory, readable by its owner alone; its path.

    The portal may go on working meanwhile: the database is written as it is at one instant.
    """
    place = chosen_place()
    place.prepare()
    database = database_of(place)
    folder = place.data / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    with database.running("make backup"), tempfile.TemporaryDirectory(dir=folder) as scratch:
        dump = Path(scratch) / DUMP
        say("Writing the database …")
        contents = database.dump(dump)
        members = {DUMP: dump} | _files(place)
        manifest = Path(scratch) / MANIFEST
        manifest.write_text(json.dumps(_manifest(members, contents), indent=2), encoding="utf-8")
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
    """Put a backup into the database, embedded or a server's, and its files into the data directory.

    A database that holds tables is refused without `force`. A backup that is damaged, cut or incomplete is refused
    before anything is touched; what cannot be loaded whole leaves the former database as it was.
    """
    place = chosen_place()
    place.prepare()
    with tempfile.TemporaryDirectory(dir=place.data) as scratch:
        folder = Path(scratch) / "content"
        folder.mkdir()
        contents = _unpack(source, folder)
        database = database_of(place)
        with database.running("make restore"):
            if not force and database.holds_tables():
                raise EmbeddedError(
                    f"The database {'' if is_server() else f'in {place.data} '}is not empty. "
                    f"To replace everything in it: make restore FILE={source} FORCE=1"
                )
            say("Reading the database …")
            database.load(folder / DUMP, contents, Path(scratch))
            _put_files(folder, place)
            database.take_place()
    say("Restored. Start the portal again if it was running: its key may have changed.")


def _files(place: Place) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in FILES:
        root = place.data / name
        paths = [root] if root.is_file() else sorted(root.rglob("*"))
        found |= {str(path.relative_to(place.data)): path for path in paths if path.is_file()}
    return found


def _manifest(members: dict[str, Path], contents: Contents) -> dict[str, Any]:
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sha256": {name: _sha256(path) for name, path in members.items()},
        "tables": contents,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(source: Path, folder: Path) -> Contents:
    """Unpack and compare every file with the manifest; anything missing, added or changed is refused.

    What the tables of the dump hold.
    """
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _extract(archive, member, folder)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = dict(manifest["sha256"])
        contents = {str(name): list(held) for name, held in manifest["tables"].items()}
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbeddedError(f"{source} is not a backup of this portal: {error}") from None
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del found[MANIFEST]
    if {name: _sha256(path) for name, path in found.items()} != listed:
        raise EmbeddedError(f"{source} is damaged: its files are not those that its manifest lists.")
    return contents


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """A backup holds plain files below its folder and nothing else."""
    content = archive.extractfile(member) if member.isfile() else None
    target = folder / member.name
    if content is None or not target.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{member.name} does not belong into a backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _put_files(folder: Path, place: Place) -> None:
    for name in FILES:
        source, target = folder / name, place.data / name
        if target.is_dir():
            target.rename(folder / f"{name}.old")
        if source.exists():
            shutil.move(source, target)
    (place.data / "media").mkdir(exist_ok=True)
    for name in ("secret-key", "audit-key"):
        if (place.data / name).exists():
            os.chmod(place.data / name, 0o600)
