"""Files that belong to rows, through Django's storage: no row without its file, no file without its row.

A file is written before its row, in the row's transaction, and removed when that is rolled back. What a crash leaves
in between is a file without a row, which the nightly sweep removes; a row without a file cannot come about.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import RuleViolation

# A younger file may belong to a transaction that is still open.
SWEPT_AFTER = dt.timedelta(days=1)
_logger = logging.getLogger(__name__)


class NotStored(RuleViolation):
    """The storage does not take the file: it is full, or away."""

    status = 503


class StoredFileField(models.FileField):
    """The name of a file that `keep` wrote below `upload_to`, a folder that holds nothing else."""


@dataclass(frozen=True)
class Swept:
    """`removed`: files that had no row. `missing`: names that stand in a row and lead to no file."""

    removed: list[str]
    missing: list[str]


def keep(folder: str, suffix: str, content: bytes | File[Any]) -> str:
    """Write a file under a name of the server's own, by year and month; the name, for a StoredFileField.

    Must be called in the transaction that writes the row: when it is rolled back, the file goes with it. Raises
    NotStored, with nothing left behind, where the storage fails.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("keep() belongs in the transaction of the file's row")
    name = f"{folder}/{timezone.localtime():%Y/%m}/{uuid.uuid4().hex}.{suffix}"
    try:
        kept = default_storage.save(name, ContentFile(content) if isinstance(content, bytes) else content)
    except OSError as error:
        _logger.exception("The storage does not take %s", name)
        _remove(name)
        raise NotStored(_("文件没有存上：服务器的存储暂时写不进去。填好的内容都在，过一会儿再传。")) from error
    transaction.on_commit(_UntilCommit(kept))
    return str(kept)


class _UntilCommit:
    """Removes a file unless it is called. Django keeps it for the commit, and lets go of it on a rollback.

    Django tells nobody of a rollback. This object is held by the list of things to do after the commit alone, so
    the end of that list is its own; where the database goes away during the commit itself nobody knows how it
    went, and the file is left to the sweep.
    """

    def __init__(self, name: str) -> None:
        self._unless = weakref.finalize(self, _rolled_back, name)
        self._unless.atexit = False

    def __call__(self) -> None:
        self._unless.detach()


def _rolled_back(name: str) -> None:
    raw = connection.connection
    if raw is not None and not raw.closed:
        _remove(name)


def _remove(name: str) -> None:
    try:
        default_storage.delete(name)
    except OSError:
        _logger.exception("%s could not be removed; the sweep will try again", name)


def sweep(now: dt.datetime | None = None, *, remove: bool = True) -> Swept:
    """Compare files and rows. Removes files older than SWEPT_AFTER that no row names, unless told not to.

    Rows without a file are told and left alone: the file may be in a backup.
    """
    before = (now or timezone.now()) - SWEPT_AFTER
    removed, missing = list[str](), list[str]()
    for folder, fields in _folders().items():
        # Rows first: a row that comes meanwhile brings its file along.
        named = {name for model, field in fields for name in _names(model, field)}
        found = set(_files_below(folder))
        missing += sorted(named - found)
        stray = sorted(name for name in found - named if default_storage.get_modified_time(name) < before)
        for name in stray if remove else []:
            _remove(name)
        removed += stray
    for name in missing:
        _logger.error("A row names %s, and there is no such file", name)
    return Swept(removed, missing)


def _folders() -> dict[str, list[tuple[type[models.Model], str]]]:
    """Every folder of stored files, with the fields that name them; history names them, too."""
    found: dict[str, list[tuple[type[models.Model], str]]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, StoredFileField):
                found.setdefault(str(field.upload_to), []).append((model, field.name))
    return found


def _names(model: type[models.Model], field: str) -> Iterator[str]:
    rows = model._default_manager.exclude(**{field: ""}).order_by()
    return rows.values_list(field, flat=True).iterator()


def _files_below(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever kept there
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files_below(f"{folder}/{name}")
