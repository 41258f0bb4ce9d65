"""Every write about an upload: take it in, say its columns, have it taken over, give it up, have it taken back."""

from __future__ import annotations

import hashlib
from typing import IO, Any

from django.core.files import File
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.attachments import keep
from core.constraints import rules_as_sentences
from core.errors import NotAllowed, RuleViolation, WrongState
from exchange import guard, registry
from exchange.models import FOLDER, Batch, ColumnMap
from exchange.places import places_of
from exchange.workflow import BatchState, may_move
from jobs.actions import enqueue

# PostgreSQL's code for a row that somebody else has locked.
LOCK_NOT_AVAILABLE = "55P03"
READ, APPLY, UNDO = "exchange.read", "exchange.apply", "exchange.undo"


def upload(*, actor: User, target: str, place: str, file: IO[bytes], name: str, size: int, scope: str = "") -> Batch:
    """Guard a file, keep it, and have it read. Returns the batch, which a worker goes on with.

    Raises NotAllowed where the actor may not upload for the place, WrongState where no period is open for the sheet,
    RuleViolation for another period, and (`guard.Refused`) with a sentence for a file that is not taken: nothing is
    kept of it then.
    """
    _require_place(actor, target, place)
    _require_period(actor, registry.get(target), place, scope)
    found = guard.inspect(file, size)
    file.seek(0)
    digest = sha256_of(file)
    with transaction.atomic():
        batch = Batch.objects.create(
            target=target,
            place=place,
            place_name=places_of(actor).names[place],
            scope=scope,
            uploaded_by=actor,
            original=keep(FOLDER, found, File(file)),
            original_name=_shown_name(name),
            format=found,
            size=size,
            sha256=digest,
        )
        enqueue(READ, str(batch.pk))
    return batch


def sha256_of(file: IO[bytes]) -> str:
    """The digest of a file from where it stands."""
    digest = hashlib.sha256()
    while piece := file.read(256 * 1024):
        digest.update(piece)
    return digest.hexdigest()


@transaction.atomic
def say_columns(
    batch: Batch, *, actor: User, columns: dict[str, int], head: int, depth: int = 1, seen: int | None = None
) -> Batch:
    """Say which column of the sheet means what, remember it for the place, and have the file read again.

    However they were found before: by nobody, by their heads, or from memory. `columns` gives the place in the sheet
    (1 for A) by column code, `seen` the reading that the person had before them. Raises WrongState where it was taken
    over or given up, or read anew since; RuleViolation where a required column is missing, nothing tells which row is
    which, or two mean the same.
    """
    stored = _locked(batch, actor, BatchState.READING, seen)
    target = registry.get(stored.target)
    for column in target.columns:
        if column.required and column.code not in columns:
            raise RuleViolation(_("请选“%s”在哪一列。") % column.label, field=column.code)
    if sentence := target.lacking(columns):
        raise RuleViolation(sentence, field=target.known_by[0][0])
    if len(set(columns.values())) != len(columns):
        raise RuleViolation(_("两项选了同一列。每一列只能用一次。"))
    stored.trouble = ""
    stored.layout = {**stored.layout, "chosen": {**_where(stored, head, depth), "columns": columns}}
    _move(stored, BatchState.READING)
    enqueue(READ, str(stored.pk))
    return stored


def remember_columns(batch: Batch, columns: dict[str, int], signature: str) -> None:
    """Keep what a person said of a sheet with these heads, for the next one. For the job that found them right."""
    ColumnMap.objects.update_or_create(
        target=batch.target, place=batch.place, signature=signature, defaults={"columns": columns}
    )


@transaction.atomic
def apply_batch(batch: Batch, *, actor: User, seen: int | None = None) -> Batch:
    """Have the good rows taken over, all of them or none. `seen` is the reading that the person had before them.

    Raises NotAllowed, WrongState where it is not waiting for this (any more) or was read anew since, RuleViolation
    where nothing would change.
    """
    stored = _locked(batch, actor, BatchState.APPLYING, seen)
    if not stored.to_write:
        raise RuleViolation(_("没有要导入的行：表里的内容和登记的一样，或都不能导入。"))
    stored.decided_by, stored.trouble = actor, ""
    _move(stored, BatchState.APPLYING)
    enqueue(APPLY, str(stored.pk))
    return stored


@transaction.atomic
def discard_batch(batch: Batch, *, actor: User) -> Batch:
    """Give an upload up. Nothing was written; the file and what was found in it stay on record.

    Raises NotAllowed, WrongState where it was taken over, or is about to be.
    """
    stored = _locked(batch, actor, BatchState.DISCARDED)
    stored.decided_by = actor
    return _move(stored, BatchState.DISCARDED)


@transaction.atomic
def undo_batch(batch: Batch, *, actor: User) -> Batch:
    """Have what was taken over put back, where nothing newer stands on it; the worker finds that out.

    Raises NotAllowed, WrongState where it was not taken over, or was put back already.
    """
    stored = _locked(batch, actor, BatchState.UNDOING)
    stored.decided_by, stored.trouble = actor, ""
    _move(stored, BatchState.UNDOING)
    enqueue(UNDO, str(stored.pk))
    return stored


def _locked(batch: Batch, actor: User, to: BatchState, seen: int | None = None) -> Batch:
    stored = _held(batch)
    if not Batch.objects.editable_by(actor).filter(pk=stored.pk).exists():
        raise NotAllowed(_("你的岗位不能处理这次导入。"))
    if not may_move(stored.state, to):
        told = {"state": stored.get_state_display()}
        raise WrongState(_("这次导入现在是“%(state)s”，不能这样做。刷新后再看一遍。") % told)
    if seen is not None and seen != stored.reading:
        raise WrongState(_("这次导入刚刚重新核对过，和你看到的不一样了。刷新后再看一遍。"))
    return stored


def _held(batch: Batch) -> Batch:
    """The stored batch, locked. Whoever asks does not wait for the worker that has it."""
    try:
        with transaction.atomic():
            return Batch.objects.select_for_update(nowait=True).get(pk=batch.pk)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        raise WrongState(_("后台正在处理这次导入，请等它做完再试。")) from error


def _move(batch: Batch, to: BatchState) -> Batch:
    batch.state = to
    with rules_as_sentences(Batch):
        batch.save()
    return batch


def _require_place(actor: User, target: str, place: str) -> None:
    found = registry.find(target)
    if found is None or place not in places_of(actor).entered or not found.takes(place):
        raise NotAllowed(_("你的岗位不能为这个单位导入。"))


def _require_period(actor: User, target: registry.Target, place: str, scope: str) -> None:
    offered = [code for code, _label in target.scopes(place, actor)]
    if scope in (offered if target.by_period else [""]):
        return
    if not target.by_period:
        raise RuleViolation(_("这类表不分期间，不要写期间。"), field="scope")
    if not offered:
        raise WrongState(_("现在没有填报中的期间，不能导入。"), field="scope")
    raise RuleViolation(_("请写期间，可以写的：%(offered)s。") % {"offered": _("、").join(offered)}, field="scope")


def _where(batch: Batch, head: int, depth: int) -> dict[str, Any]:
    return {"sheet": batch.layout.get("sheet", ""), "head": head, "depth": depth}


def _shown_name(name: str) -> str:
    """The file's name without its folders; it is shown, never used as one."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in plain if sign.isprintable())[-200:] or _("没有名称")
