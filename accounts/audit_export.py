"""The daily signed export of the log: one file a day, each signed, each naming the one before."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import tempfile
from dataclasses import dataclass
from typing import IO, Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts import log_days, signing
from accounts.models import AuditExport
from core.periods import today

FOLDER = "audit"
# Key of the advisory lock that lets one process at a time add to the chain.
_CHAIN_LOCK = 4203
_BLOCK = 1 << 20


class DayNotOver(Exception):
    """The day is not over, or something that began within it is not."""


@dataclass(frozen=True)
class Written:
    """A day as written to a file."""

    file: str
    entries: int
    digest: str
    tables: dict[str, Any]


def missing_until(day: dt.date) -> list[dt.date]:
    """The days up to `day` that have no export yet, oldest first; from the day of the oldest row on."""
    newest = AuditExport.objects.order_by("-day").values_list("day", flat=True).first()
    first = newest + dt.timedelta(days=1) if newest is not None else log_days.first_day() or day
    return [first + dt.timedelta(days=number) for number in range((day - first).days + 1)]


@transaction.atomic
def export_until(day: dt.date) -> list[AuditExport]:
    """Export every day up to `day` that is missing, in order, a day without any row too. Returns what was made.

    Raises DayNotOver for today, and while a transaction that began on `day` is open, NoSigningKey without a key.
    """
    if day >= today() or log_days.writers_since_before(log_days.start_of(day + dt.timedelta(days=1))):
        raise DayNotOver(f"{day} is not over yet.")
    signing.own_key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    return [_export(missing) for missing in missing_until(day)]


def signed_text(export: AuditExport) -> bytes:
    """What the signature is over: everything that says what the file is and where it stands in the chain."""
    said = {
        "day": export.day.isoformat(),
        "file": export.file,
        "entries": export.entries,
        "digest": export.digest,
        "previous_digest": export.previous_digest,
        "tables": export.tables,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest_of(file: IO[bytes]) -> str:
    """SHA-256 of a file, from where it stands to its end."""
    sha256 = hashlib.sha256()
    while block := file.read(_BLOCK):
        sha256.update(block)
    return sha256.hexdigest()


def _export(day: dt.date) -> AuditExport:
    before = AuditExport.objects.order_by("-day").first()
    written = _write(day)
    export = AuditExport(
        day=day,
        file=written.file,
        entries=written.entries,
        digest=written.digest,
        previous_digest=before.digest if before is not None else "",
        tables=written.tables,
    )
    export.key_id, export.signature = signing.sign(signed_text(export))
    _save_once(f"{written.file.removesuffix('.jsonl.gz')}.json", ContentFile(_manifest(export)))
    export.save(force_insert=True)
    return export


def _write(day: dt.date) -> Written:
    """The day's rows as JSON lines, packed. The same rows give the same bytes, and the file is named by them."""
    described, entries = {}, 0
    with tempfile.TemporaryFile(prefix="portal-audit-") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
            for table in log_days.tables():
                content, head = log_days.Content(), f'{{"table":"{table.name}","row":'.encode()
                for key, _day, text in log_days.rows_between(table, day, day):
                    content.add(key, text)
                    packed.write(head + text.encode() + b"}\n")
                described[table.name] = content.described(table.columns)
                entries += content.rows
        file.seek(0)
        digest = digest_of(file)
        name = f"{FOLDER}/{day:%Y}/{day:%Y-%m-%d}-{digest[:12]}.jsonl.gz"
        file.seek(0)
        _save_once(name, File(file))
    return Written(name, entries, digest, described)


def _manifest(export: AuditExport) -> bytes:
    """What lies beside the file, so that it can be checked without the portal: what was signed, and by which key."""
    key = signing.public_text(signing.own_key().public_key())
    said = {"key_id": export.key_id, "public_key": key, "signature": export.signature}
    signed = signed_text(export).decode("ascii")
    return json.dumps({**said, "signed": signed}, indent=1).encode("ascii")


def _save_once(name: str, content: File[Any]) -> None:
    """A try that failed after its file was written leaves it there; the next one puts it anew."""
    if default_storage.exists(name):
        default_storage.delete(name)
    kept = default_storage.save(name, content)
    if kept != name:
        raise RuntimeError(f"the storage keeps {name} as {kept}")
