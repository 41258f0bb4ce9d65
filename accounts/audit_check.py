"""Checking the signed exports: each file, each signature, the chain, and that the database still holds the same."""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts import log_days, signing
from accounts.audit_export import digest_of, signed_text
from accounts.models import AuditEntry, AuditExport, AuditVerb
from core.periods import today

ERROR, NOTE = "error", "note"
# Yesterday's export is made shortly after midnight; a day later something is wrong.
LATEST_DAYS = 2
_EMPTY = log_days.Content().sha256.hexdigest()


@dataclass(frozen=True)
class Finding:
    """What is wrong with a day's export, in a sentence; a note is no fault."""

    day: dt.date
    level: str
    text: str


def check(first: dt.date | None = None, last: dt.date | None = None) -> tuple[int, list[Finding]]:
    """How many exports were looked at between two days, both included, and everything that was found, by day."""
    chosen = AuditExport.objects.chronological()
    if first is not None:
        chosen = chosen.filter(day__gte=first)
    if last is not None:
        chosen = chosen.filter(day__lte=last)
    exports: list[AuditExport] = list(chosen)
    found = [*_chain(exports), *_rows(exports)]
    for export in exports:
        found += [*_signature(export), *_file(export)]
    if last is None:
        found += latest()
    return len(exports), sorted(found, key=lambda finding: (finding.day, finding.level, finding.text))


def latest() -> Iterator[Finding]:
    """A finding where the exports stopped: the last one is older than it may be."""
    newest = AuditExport.objects.order_by("-day").first()
    if newest is not None and (today() - newest.day).days > LATEST_DAYS:
        yield Finding(newest.day, ERROR, _("这一天以后再没有导出。看看后台作业是不是停了。"))


def _chain(exports: list[AuditExport]) -> Iterator[Finding]:
    if not exports:
        return
    before = AuditExport.objects.filter(day__lt=exports[0].day).order_by("-day").first()
    for export in exports:
        if before is None and export.previous_digest:
            yield Finding(export.day, ERROR, _("前一天的导出记录不见了。"))
        if before is not None:
            if (export.day - before.day).days != 1:
                yield Finding(export.day, ERROR, _("和前一份（%(day)s）之间缺了日子。") % {"day": before.day})
            if export.previous_digest != before.digest:
                yield Finding(export.day, ERROR, _("接不上前一份（%(day)s）的散列。") % {"day": before.day})
        before = export


def _signature(export: AuditExport) -> Iterator[Finding]:
    signed = signing.is_signed(signed_text(export), key_id=export.key_id, signature=export.signature)
    if signed is None:
        unknown = _("签名的密钥 %(key)s 不在可信之列；换过密钥的，把旧公钥写进 AUDIT_PUBLIC_KEYS。")
        yield Finding(export.day, ERROR, unknown % {"key": export.key_id})
    elif not signed:
        yield Finding(export.day, ERROR, _("签名不对：导出记录被改过。"))


def _file(export: AuditExport) -> Iterator[Finding]:
    try:
        with default_storage.open(export.file) as file:
            if digest_of(file) != export.digest:
                yield Finding(export.day, ERROR, _("文件被改过：散列不对。"))
                return
        with default_storage.open(export.file) as file, gzip.open(file) as lines:
            count = sum(1 for _line in lines)
    except FileNotFoundError:
        yield Finding(export.day, ERROR, _("文件不见了：%(file)s。") % {"file": export.file})
        return
    except (OSError, EOFError, zlib.error):
        yield Finding(export.day, ERROR, _("文件读不出来：%(file)s。") % {"file": export.file})
        return
    if count != export.entries:
        numbers = {"said": export.entries, "found": count}
        yield Finding(export.day, ERROR, _("文件里有 %(found)d 条，记的是 %(said)d 条。") % numbers)


def _rows(exports: list[AuditExport]) -> Iterator[Finding]:
    """What the database holds of the days against what was exported: each table read once for each set of columns."""
    archived = archived_until()
    for table in log_days.tables():
        groups: dict[tuple[str, ...], list[AuditExport]] = {}
        for export in exports:
            if table.name == AuditEntry._meta.db_table and archived is not None and export.day < archived:
                continue
            columns = tuple(export.tables.get(table.name, {}).get("columns", table.columns))
            groups.setdefault(columns, []).append(export)
        for columns, days in groups.items():
            yield from _table(table, columns, days)


def _table(table: log_days.Table, columns: tuple[str, ...], exports: list[AuditExport]) -> Iterator[Finding]:
    if set(columns) - set(table.columns):
        for export in exports:
            text = _("表 %(table)s 的列变过，只核对了文件，没有核对库里的内容。")
            yield Finding(export.day, NOTE, text % {"table": table.name})
        return
    read = log_days.Table(table.name, table.key, table.time, columns)
    held = log_days.contents_between(read, exports[0].day, exports[-1].day)
    for export in exports:
        yield from _compare(export, table.name, held.get(export.day))


def _compare(export: AuditExport, table: str, held: log_days.Content | None) -> Iterable[Finding]:
    said: dict[str, Any] = export.tables.get(table, {"rows": 0, "sha256": _EMPTY})
    rows = held.rows if held is not None else 0
    if rows != said["rows"]:
        numbers = {"table": table, "rows": rows, "said": said["rows"]}
        text = _("表 %(table)s 现在有这一天的 %(rows)d 条，导出时是 %(said)d 条。")
        return [Finding(export.day, ERROR, text % numbers)]
    if held is not None and held.sha256.hexdigest() != said["sha256"]:
        return [Finding(export.day, ERROR, _("表 %(table)s 的内容和导出时不一样。") % {"table": table})]
    return []


def archived_until() -> dt.date | None:
    """The day before which the log was archived (its rows are in the exports alone); None where it never was."""
    entries = AuditEntry.objects.of(AuditVerb.ARCHIVED).filter(succeeded=True)
    days = [dt.date.fromisoformat(entry.detail["before"]) for entry in entries]
    return max(days, default=None)
