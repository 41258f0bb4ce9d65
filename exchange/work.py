"""What a worker does for an upload: read it, take it over, put it back. Each is one job, and one transaction."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.bulk import update_rows
from core.errors import RuleViolation
from core.sentences import gettext as _
from core.sentences import in_every_language, said
from exchange import actions, progress, reader, registry, returned, staging
from exchange.models import Batch, ColumnMap, StagedRow
from exchange.places import capacity_of
from exchange.registry import ImportColumn, RowRefused, Target
from exchange.workflow import BatchState
from jobs import registry as ledger
from jobs.registry import Payload

# A child may be silent for as long as it may live.
LEASE_SECONDS = 150
WRITTEN_AT_A_TIME = 250


def register() -> None:
    """Make the three kinds of work known to the ledger."""
    ledger.register(actions.READ, read_batch, label=gettext_lazy("核对导入文件"), lease_seconds=LEASE_SECONDS)
    ledger.register(actions.APPLY, apply_batch, label=gettext_lazy("导入"), lease_seconds=LEASE_SECONDS)
    ledger.register(actions.UNDO, undo_batch, label=gettext_lazy("撤回导入"), lease_seconds=LEASE_SECONDS)


def read_batch(key: str, payload: Payload) -> dict[str, Any] | None:
    """Read the file and judge its rows. Whatever is wrong with it becomes the batch's own sentence."""
    batch = _waiting(key, BatchState.READING)
    if batch is None:
        return None
    # Of an earlier reading nothing stays, whatever comes of this one.
    _store(batch, [])
    with _acting_for(batch, batch.uploaded_by):
        try:
            with transaction.atomic():
                _read(batch)
        except RuleViolation as refusal:
            batch.state, batch.trouble = BatchState.REFUSED, refusal.message
        batch.save()
    return {"new": batch.new, "changed": batch.changed, "unchanged": batch.unchanged, "rejected": batch.rejected}


def apply_batch(key: str, payload: Payload) -> dict[str, Any] | None:
    """Write the good rows: all of them, or, where one is no longer as it was seen, none."""
    batch = _waiting(key, BatchState.APPLYING)
    if batch is None:
        return None
    actor, target = _decider(batch), registry.get(batch.target)
    with _acting_for(batch, actor):
        try:
            with transaction.atomic():
                _write(batch, target, actor)
            batch.state, batch.applied_at, batch.trouble = BatchState.APPLIED, Now(), ""
        except (RowRefused, RuleViolation) as refusal:
            _look_again(batch, target, actor)
            batch.state = BatchState.READY
            batch.trouble = _("没有导入，一行也没有写。%s已重新核对，请再看一遍。") % _told(refusal)
        batch.save()
    return {"written": batch.to_write if batch.state == BatchState.APPLIED else 0}


def undo_batch(key: str, payload: Payload) -> dict[str, Any] | None:
    """Put back what the batch wrote: all of it, or, where something newer stands on a row, nothing."""
    batch = _waiting(key, BatchState.UNDOING)
    if batch is None:
        return None
    actor, target = _decider(batch), registry.get(batch.target)
    with _acting_for(batch, actor):
        try:
            with transaction.atomic():
                _put_back(batch, target, actor)
            batch.state, batch.trouble = BatchState.UNDONE, ""
        except (RowRefused, RuleViolation) as refusal:
            batch.state = BatchState.APPLIED
            batch.trouble = _("没有撤回，一行也没有动。%s") % _told(refusal)
        batch.save()
    return {"put_back": batch.to_write if batch.state == BatchState.UNDONE else 0}


def request_of(batch: Batch, target: Target, path: str) -> dict[str, Any]:
    """What the child is told: the file, the columns by their heads, what is remembered or was chosen."""
    columns = [
        {
            "code": column.code,
            "labels": _heads_of(column),
            "required": column.required,
            "key": column.key,
            "unit": said(column.unit).message,
        }
        for column in target.columns
    ]
    maps = ColumnMap.objects.for_upload(batch.target, batch.place).values("signature", "columns")
    return {
        "task": "read",
        "path": path,
        "format": batch.format,
        "encoding": reader.encoding_at(path, batch.format),
        "columns": columns,
        "known_by": target.known_by,
        "maps": list(maps),
        "chosen": batch.layout.get("chosen"),
        "passed_by": in_every_language(returned.REASONS),
        "most_rows": reader.MOST_ROWS,
    }


def _heads_of(column: ImportColumn) -> list[str]:
    """Every head that means the column, in every language in which a list may have been taken out."""
    heads = [column.code]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            heads += [str(column.label), *map(str, column.aliases)]
    return list(dict.fromkeys(heads))


def _waiting(key: str, state: BatchState) -> Batch | None:
    """The batch, locked, if this is still to be done: it may have been given up meanwhile, or done by a twin."""
    return (
        Batch.objects.select_for_update(of=("self",))
        .select_related("uploaded_by", "decided_by")
        .filter(pk=int(key), state=state)
        .first()
    )


def _decider(batch: Batch) -> User:
    assert batch.decided_by is not None
    return batch.decided_by


@contextmanager
def _acting_for(batch: Batch, actor: User) -> Iterator[None]:
    """History says who had it done, as what, and by which upload: no request is being served here."""
    with pghistory.context(user=actor.pk, roles=capacity_of(actor), batch=batch.pk):
        yield


def _read(batch: Batch) -> None:
    target = registry.find(batch.target)
    if target is None:
        raise RuleViolation(_("这类数据已不能导入。"))
    rows = _rows_of(batch, target)
    if not batch.layout["found"]:
        batch.state = BatchState.MAPPING
        return
    if not rows:
        raise RuleViolation(_("表头下面没有数据。请填好再导入。"))
    if batch.layout["by"] == "person":
        actions.remember_columns(batch, batch.layout["columns"], batch.layout["signature"])
    _store(batch, staging.judge(batch, target, rows, batch.uploaded_by))
    batch.state = BatchState.READY


def _rows_of(batch: Batch, target: Target) -> list[tuple[int, dict[str, Any]]]:
    """What the child read: rows with their numbers, and, in the batch, the layout."""
    progress.report(batch.pk, 0, 0)
    rows: list[tuple[int, dict[str, Any]]] = []
    with batch.original.open("rb") as stored, reader.local_copy(stored, batch.format) as path:
        _require_same_bytes(batch, path)
        for answer in reader.ask(request_of(batch, target, path)):
            if "layout" in answer:
                _keep_layout(batch, target, answer["layout"])
            elif "row" in answer:
                rows.append((answer["row"], answer["cells"]))
                if len(rows) % staging.STEP == 0:
                    progress.report(batch.pk, len(rows), 0)
            else:
                batch.layout |= {name: answer["end"][name] for name in ("skipped", "unread")}
    return rows


def _require_same_bytes(batch: Batch, path: str) -> None:
    with open(path, "rb") as copy:
        if not hmac.compare_digest(actions.sha256_of(copy), batch.sha256):
            raise RuleViolation(_("保存的原件与上传时不一致，没有读。请重新上传。"))


def _keep_layout(batch: Batch, target: Target, layout: dict[str, Any]) -> None:
    batch.layout = {**layout, "reading": batch.reading + 1}
    batch.template_version = layout["mark"][:100]
    told = batch.template_version.split("/")
    if len(told) != 4 or told[0] != target.code:
        return
    if told[2] != batch.place or told[3] != batch.scope:
        mine = "/".join(part for part in (batch.place, batch.scope) if part)
        theirs = "/".join(part for part in told[2:] if part)
        raise RuleViolation(
            _("这是 %(theirs)s 的模板，上传时选的是 %(mine)s。请选对单位和期间，或重新下载模板。")
            % {"theirs": theirs, "mine": mine}
        )


def _store(batch: Batch, rows: list[StagedRow]) -> None:
    batch.rows.all().delete()
    StagedRow.objects.bulk_create(rows, batch_size=1000)
    for outcome, count in batch.rows.all().counts().items():
        setattr(batch, outcome, count)


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    walk = iter(rows)
    while piece := list(islice(walk, WRITTEN_AT_A_TIME)):
        yield piece


def _write(batch: Batch, target: Target, actor: User) -> None:
    rows, done = list(batch.rows.all().written()), 0
    for piece in _pieces(rows):
        kept = target.apply(batch.place, batch.scope, [staging.as_row(row, target) for row in piece], actor)
        for row, undo in zip(piece, kept, strict=True):
            row.undo = dict(undo)
        done += len(piece)
        progress.report(batch.pk, done, len(rows))
    update_rows(rows, ["undo"])


def _put_back(batch: Batch, target: Target, actor: User) -> None:
    # The last written first, as it stands on the earlier ones.
    rows, done = list(batch.rows.all().written().reverse()), 0
    for piece in _pieces(rows):
        target.undo(batch.place, batch.scope, [staging.as_row(row, target) for row in piece], actor)
        done += len(piece)
        progress.report(batch.pk, done, len(rows))


def _look_again(batch: Batch, target: Target, actor: User) -> None:
    """Judge the same cells against what stands there now."""
    read = list(batch.rows.order_by("number").values_list("number", "cells"))
    batch.layout["reading"] = batch.reading + 1
    _store(batch, staging.judge(batch, target, read, actor))


def _told(refusal: RowRefused | RuleViolation) -> str:
    if isinstance(refusal, RowRefused):
        return _("第 %(row)s 行：%(message)s") % {"row": refusal.number, "message": refusal.message}
    return refusal.message
