"""From the cells of a sheet to judged rows: parse, find double keys, ask the target. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from core.sentences import gettext as _
from core.sentences import kept
from exchange import cells, progress
from exchange.models import Batch, StagedRow
from exchange.registry import Choices, Row, Staged, Target
from exchange.workflow import Outcome

# After so many rows a word about progress.
STEP = 500


def judge(batch: Batch, target: Target, read: Sequence[tuple[int, Mapping[str, Any]]], actor: Any) -> list[StagedRow]:
    """What becomes of each row (number in the sheet, cells by column), ready to be stored."""
    choices = _choices(target, batch.layout["columns"].keys())
    first_with: dict[Any, int] = {}
    staged: list[StagedRow] = []
    told = _Progress(batch, len(read))
    for number, found in read:
        row = _parse(batch, target, number, found, choices)
        _refuse_double_key(target, row, first_with)
        staged.append(row)
        told.step()
    _ask(batch, target, staged, actor, told)
    return staged


def _choices(target: Target, codes: Collection[str]) -> dict[str, Choices]:
    """The choices with their labels in every language: what a reason offers in English is taken, too."""
    found: dict[str, list[tuple[str, str]]] = {}
    for language in (settings.LANGUAGE_CODE, *dict(settings.LANGUAGES)):
        with translation.override(language):
            for code, choices in target.choices(codes).items():
                known = found.setdefault(code, [])
                known += [each for each in choices if each not in known]
    return dict(found)


class _Progress:
    """Each row is gone over twice: its cells, and what becomes of it."""

    def __init__(self, batch: Batch, rows: int) -> None:
        self.batch, self.rows, self.done = batch, rows, 0

    def step(self) -> None:
        self.done += 1
        if self.done % STEP == 0:
            progress.report(self.batch.pk, self.done // 2, self.rows)


def as_row(row: StagedRow, target: Target) -> Row:
    """A stored row as its target takes it."""
    columns = {column.code: column for column in target.columns}
    values = {code: columns[code].from_json(value) for code, value in row.values.items() if code in columns}
    return Row(row.number, values, row.base, row.undo)


def _parse(
    batch: Batch, target: Target, number: int, found: Mapping[str, Any], choices: Mapping[str, Choices]
) -> StagedRow:
    row = StagedRow(batch=batch, number=number, cells=dict(found), outcome=Outcome.UNCHANGED)
    units: dict[str, str] = batch.layout.get("units", {})
    for column in target.columns:
        if column.code not in batch.layout["columns"]:
            continue
        try:
            held_in = units.get(column.code, "")
            value = column.parse(found.get(column.code), choices.get(column.code, ()), held_in=held_in)
            row.values[column.code] = column.to_json(value)
        except cells.CellProblem as problem:
            _reject(row, column.code, problem.message)
    return row


def _refuse_double_key(target: Target, row: StagedRow, first_with: dict[Any, int]) -> None:
    key = target.key
    value = row.values.get(key.code) if key is not None else None
    if key is None or value in (None, ""):
        return
    first = first_with.setdefault(value, row.number)
    if first != row.number:
        told = {"label": key.label, "value": value, "row": first}
        _reject(row, key.code, _("%(label)s %(value)s 与第 %(row)s 行重复。只留一行。") % told)


def _ask(batch: Batch, target: Target, rows: Sequence[StagedRow], actor: Any, told: _Progress) -> None:
    """Let the target judge the rows, all in one go, as one row may bar another.

    A cell that could not be read is to it as if the sheet had no such column, so that whatever else is wrong in the
    row is told at once; only where it is what the row is known by, there is nothing to judge.
    """
    known_by = {column.code for column in target.columns if column.key or column.required}
    asked = [row for row in rows if not known_by & _wrong(row)]
    answers = target.stage(batch.place, batch.scope, [as_row(row, target) for row in asked], actor)
    for row, answer in zip(asked, answers, strict=True):
        _take(row, answer)
        told.step()


def _wrong(row: StagedRow) -> set[str]:
    return {problem["column"] for problem in row.problems}


def _take(row: StagedRow, answer: Staged) -> None:
    told = _wrong(row)
    for column, message in answer.problems:
        if column not in told:
            _reject(row, column, message)
    if row.problems:
        return
    row.outcome = answer.outcome
    row.base = dict(answer.base)
    row.changes = [{"column": each.column, "before": each.before, "after": each.after} for each in answer.changes]


def _reject(row: StagedRow, column: str, message: str) -> None:
    row.outcome = Outcome.REJECTED
    row.problems.append({"column": column, **kept(message)})
