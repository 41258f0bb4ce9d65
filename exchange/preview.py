"""What a page shows of an upload's rows: which cell, what stood there, why not; what would change, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.components import Change, Tab
from core.sentences import in_every_language, said, told
from exchange import cells, registry, written
from exchange.forms import letter
from exchange.models import Batch, StagedRow
from exchange.registry import CellKind, ImportColumn
from exchange.sheets import label
from exchange.workflow import Outcome

# Units in which a sheet may hold what the portal keeps in another, in the reader's language.
HELD = {
    said(unit).message: unit
    for unit in (
        gettext_lazy("元"),
        gettext_lazy("千元"),
        gettext_lazy("万元"),
        gettext_lazy("百万元"),
        gettext_lazy("亿元"),
        gettext_lazy("万户"),
        gettext_lazy("万人"),
        gettext_lazy("万套"),
    )
}
Columns = Mapping[str, ImportColumn]
# So many columns are named above the rows; all of them below.
MOST_NAMED = 12
ORDER = [Outcome.REJECTED, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED]


@dataclass(frozen=True)
class Problem:
    """A wrong cell: its address, column and content, and the sentence. A row as a whole has only the sentence."""

    message: str
    address: str = ""
    label: str = ""
    content: str = ""


@dataclass(frozen=True)
class UnreadColumn:
    """A column of the sheet that nothing was read of: its letter and head, and in how many rows something stands.

    What `is_lost` holds what somebody may miss: running numbers, and what the portal's own lists only show, are none.
    """

    letter: str
    head: str
    filled: int
    is_lost: bool

    def __str__(self) -> str:
        return f"{self.letter} " + (self.head or _("没有表头"))


@dataclass(frozen=True)
class ShownRow:
    """A row of the preview."""

    number: int
    name: str
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    said: str = ""


def tabs_of(batch: Batch, current: str, address: str) -> list[Tab]:
    """One tab for each outcome, with its count."""
    return [
        Tab(str(outcome.label), f"{address}?rows={outcome}", getattr(batch, outcome), outcome == current)
        for outcome in ORDER
    ]


def first_tab(batch: Batch, asked: str) -> str:
    """The tab that was asked for, or the first one with rows."""
    if asked in Outcome.values:
        return asked
    return next((outcome for outcome in ORDER if getattr(batch, outcome)), Outcome.UNCHANGED)


def shown(batch: Batch, rows: Iterable[StagedRow]) -> list[ShownRow]:
    """Rows as the page shows them."""
    target = registry.find(batch.target)
    columns = {column.code: column for column in target.columns} if target is not None else {}
    places: dict[str, int] = batch.layout.get("columns", {})
    named_by = (target.named_by if target else ()) or list(columns)[:2]
    return [_shown(row, columns, places, named_by) for row in rows]


def converted(batch: Batch) -> str:
    """Which columns the sheet holds in another unit that can be converted, and that it was; empty where none does."""
    target, units = registry.find(batch.target), batch.layout.get("units", {})
    columns = target.columns if target is not None else ()
    found = [
        _("“%(label)s”从%(held)s换算成%(unit)s")
        % {"label": column.label, "held": HELD.get(units[column.code], units[column.code]), "unit": column.unit}
        for column in columns
        if any({units.get(column.code), column.unit} <= scale.keys() for scale in written.SCALES)
    ]
    return _("按表头里的单位换算：%s。") % _("，").join(found) if found else ""


def unread(batch: Batch) -> list[UnreadColumn]:
    """The sheet's columns that mean nothing to the target, from left to right."""
    target = registry.find(batch.target)
    shown_only = {label(text) for words in (target.only_shown if target else ()) for text in in_every_language(words)}
    missed_by_nobody = written.NUMBERING | shown_only
    return [
        UnreadColumn(
            letter(each["place"]),
            each["head"],
            each["filled"],
            bool(each["filled"]) and label(each["head"]) not in missed_by_nobody,
        )
        for each in batch.layout.get("unread", ())
    ]


def in_a_line(columns: Sequence[UnreadColumn], most: int | None = None) -> str:
    """Columns by letter and head; of more than `most`, so many."""
    return _("、").join(str(each) for each in columns[:most]) + ("…" if most and len(columns) > most else "")


def lost(batch: Batch) -> str:
    """The sentence about the columns whose content was not read; empty where there are none."""
    found = [each for each in unread(batch) if each.is_lost]
    told = {"count": len(found), "columns": in_a_line(found, MOST_NAMED)}
    return _("有 %(count)s 列没有读，里面写的不会导入：%(columns)s。") % told if found else ""


def _shown(row: StagedRow, columns: Columns, places: dict[str, int], named_by: Sequence[str]) -> ShownRow:
    problems = [
        Problem(
            told(each),
            f"{letter(places[each['column']])}{row.number}" if each["column"] in places else "",
            _label(each["column"], columns),
            cells.shown(row.cells.get(each["column"])),
        )
        for each in row.problems
    ]
    changes = [_change(each, columns) for each in row.changes]
    # Of a new row everything is new: said in one line. Of a changed one both values are told.
    is_new = row.outcome == Outcome.NEW
    said = "，".join(f"{change.label} {change.after}" for change in changes) if is_new else ""
    return ShownRow(row.number, _name_of(row, named_by), problems, [] if is_new else changes, said)


def _change(each: dict[str, Any], columns: Columns) -> Change:
    code, nothing = each["column"], _("（空）")
    is_word = code in columns and columns[code].kind in (CellKind.CHOICE, CellKind.YES_NO)
    before, after = (_(each[side]) if is_word and each[side] else each[side] for side in ("before", "after"))
    return Change(_label(code, columns) or code, before or nothing, after or nothing)


def _label(code: str, columns: Columns) -> str:
    return str(columns[code].label) if code in columns else ""


def _name_of(row: StagedRow, named_by: Sequence[str]) -> str:
    """What the row is about: what it says in the columns that tell, or else its first cells that hold something."""
    filled = {code: cells.shown(value) for code, value in row.cells.items() if not cells.is_blank(value)}
    found = [filled[code] for code in named_by if code in filled] or list(filled.values())[:2]
    return " ".join(found)[:60]
