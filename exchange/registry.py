"""What can be brought in from Excel. Filled by higher apps in their `AppConfig.ready()`.

A target is a class of the higher app: it says which columns its sheet has, which rows it knows already, what
becomes of each row that somebody uploads, and how that is written and taken back. Everything else (guarding the
file, reading it, finding the columns, parsing the cells, preview, progress, the red file) is done here:

    class Centres(Target):
        code, label, version = "centres", _("服务中心"), 1
        columns = (
            ImportColumn("code", _("编号"), CellKind.CODE, _("不要改；新的留空。"), key=True),
            ImportColumn("name", _("名称"), required=True, longest=50),
            ImportColumn("area", _("面积"), CellKind.DECIMAL, unit="㎡"),
        )

        def known(self, place, scope, user):
            return [{"code": c.code, "name": c.name, "area": c.area} for c in centres_of(place).visible_to(user)]

        def stage(self, place, scope, rows, actor):
            stored = {c.code: c for c in centres_of(place)}       # one query for all rows
            return (self.judge(row, stored.get(row.values.get("code"))) for row in rows)

        def judge(self, row, centre):
            if centre is None:
                return Staged.rejected("code", _("没有这个编号。"))
            stored = {"name": centre.name, "area": centre.area}
            return self.compared(row, stored, {"pk": centre.pk, "version": centre.version})

        def apply(self, place, scope, rows, actor): ...           # the app's own actions; what is needed to undo
        def undo(self, place, scope, rows, actor): ...            # RowRefused where something newer stands on it

    registry.register(Centres())
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import Promise

from core import formats
from core.errors import OneRefused
from core.sentences import gettext as _
from core.sentences import joined
from exchange import cells
from exchange.workflow import Outcome

Words = str | Promise
Choices = Sequence[tuple[str, str]]


class CellKind(StrEnum):
    """What a column's cells hold."""

    TEXT = "text"
    CODE = "code"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DAY = "day"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class ImportColumn:
    """A column of a target's sheet.

    `help` is the counting rule, on the explaining sheet. `key` names the row: the same key twice in a file is
    refused. `aliases` are other heads that mean it. `choices` gives pairs of code and label when it is called.
    `longest` bounds text, `least`, `most` and `places` numbers; `unit` may stand behind a number.
    What is `computed` is no column of the template: a sheet may have it, and the target says where it is wrong.
    """

    code: str
    label: Words
    kind: CellKind = CellKind.TEXT
    help: Words = ""
    required: bool = False
    key: bool = False
    width: int = 0
    choices: Callable[[], Choices] | None = None
    aliases: tuple[Words, ...] = ()
    longest: int = 200
    least: int | Decimal = 0
    most: int | Decimal = 10**9
    places: int = 2
    unit: Words = ""
    computed: bool = False

    def parse(self, raw: cells.Raw, choices: Choices = (), *, held_in: str = "") -> Any:
        """The value of a cell; None (text and choices: empty) where nothing stands there. Raises CellProblem.

        `held_in` is the unit of the sheet's column, where that is not the column's own.
        """
        value = self._parse(raw, choices, held_in)
        if self.required and value in (None, ""):
            raise cells.CellProblem(_("“%s”必须填。") % self.label)
        return value

    def _parse(self, raw: cells.Raw, choices: Choices, held_in: str) -> Any:
        bounds: Any = {"least": self.least, "most": self.most, "unit": str(self.unit), "held_in": held_in}
        match self.kind:
            case CellKind.CODE:
                return cells.code(raw, longest=self.longest) if not cells.is_blank(raw) else ""
            case CellKind.WHOLE:
                return cells.whole(raw, **bounds)
            case CellKind.DECIMAL:
                return cells.decimal(raw, places=self.places, **bounds)
            case CellKind.DAY:
                return cells.day(raw)
            case CellKind.CHOICE:
                return cells.choice(raw, choices)
            case CellKind.YES_NO:
                return cells.yes_no(raw)
        found = cells.text(raw, longest=self.longest)
        # What the portal's own lists write where nothing stands.
        return "" if found == formats.DASH else found

    def shown(self, value: Any, choices: Choices = ()) -> str:
        """A value as the preview tells it; empty where there is none."""
        match value:
            case None | "":
                return ""
            case bool():
                return _("是") if value else _("否")
            case int():
                return formats.thousands(value)
            case Decimal():
                return formats.decimal(value, self.places)
        return str(dict(choices).get(value, value))

    def to_json(self, value: Any) -> Any:
        """A value as it is stored with the row."""
        return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, Decimal) else value

    def from_json(self, value: Any) -> Any:
        """The stored value again."""
        if value is None or value == "":
            return value
        if self.kind is CellKind.DECIMAL:
            return Decimal(value)
        return dt.date.fromisoformat(value) if self.kind is CellKind.DAY else value


@dataclass(frozen=True)
class Row:
    """A row of the sheet: its number there, its values by column. A column that the sheet lacks is not among them."""

    number: int
    values: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    undo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What a row would change in one column, as text."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Staged:
    """What becomes of a row. `base` is what `apply` must find again: keys and versions, as plain JSON."""

    outcome: Outcome
    problems: Sequence[tuple[str, str]] = ()
    changes: Sequence[Difference] = ()
    base: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def rejected(cls, column: str, message: str) -> Staged:
        """A row that cannot be taken, for one reason in one cell (an empty `column`: in the row as a whole)."""
        return cls(Outcome.REJECTED, [(column, message)])


class RowRefused(Exception):
    """`apply` or `undo` cannot do this row: number in the sheet, and the sentence that says why."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


@contextmanager
def named_by_row(numbers: Mapping[Any, int]) -> Iterator[None]:
    """RowRefused where an action that writes many records refuses one of them: numbers in the sheet by its key."""
    try:
        yield
    except OneRefused as refusal:
        raise RowRefused(numbers[refusal.key], refusal.message) from refusal


class Target(ABC):
    """What rows of a sheet are brought into. `place` is a code of a place; `scope` is empty, or say a month."""

    code: ClassVar[str]
    label: ClassVar[Words]
    # Goes up when the columns change, so that an old template is known as one.
    version: ClassVar[int] = 1
    columns: ClassVar[Sequence[ImportColumn]]
    rule: ClassVar[Words] = ""
    # Columns by which rows are known, where there are several ways: a sheet must have all of one of them.
    known_by: ClassVar[Sequence[Sequence[str]]] = ()
    # Columns that tell a reader what a row is about; the first two where none are named.
    named_by: ClassVar[Sequence[str]] = ()
    # Heads of the portal's own lists that only show: nothing is lost where they are not read.
    only_shown: ClassVar[Sequence[Words]] = ()
    # Whether one of `scopes` must be chosen; otherwise there are none.
    by_period: ClassVar[bool] = False

    def scopes(self, place: str, user: Any) -> Choices:
        """What else must be chosen, say a month; nothing by default."""
        return []

    def takes(self, place: str) -> bool:
        """Whether there is a sheet for this place; the city as a whole has none by default."""
        return place != "city"

    @abstractmethod
    def known(self, place: str, scope: str, user: Any) -> Iterable[Mapping[str, Any]]:
        """The rows that the template is filled with, as values by column."""

    @abstractmethod
    def stage(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Iterable[Staged]:
        """What becomes of each row of the sheet, in order. Reads only, in few queries however many rows.

        May judge them one by one as they are taken, so that people see how far it is.
        """

    @abstractmethod
    def apply(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> Sequence[Mapping[str, Any]]:
        """Write rows that were staged as new or changed, in the caller's transaction.

        Returns for each, as plain JSON, what `undo` needs. Raises RowRefused, or RuleViolation, where a row is no
        longer as it was staged; nothing of the batch is written then.
        """

    @abstractmethod
    def undo(self, place: str, scope: str, rows: Sequence[Row], actor: Any) -> None:
        """Put back what `apply` wrote (`row.undo`), in the caller's transaction.

        Raises RowRefused where something newer stands on a row; nothing is put back then.
        """

    @property
    def key(self) -> ImportColumn | None:
        """The column that names a row."""
        return next((column for column in self.columns if column.key), None)

    def lacking(self, codes: Collection[str]) -> str:
        """Why nobody can tell which row is which in a sheet with these columns; empty where one can."""
        if not self.known_by or any(set(way) <= set(codes) for way in self.known_by):
            return ""
        labels = {column.code: column.label for column in self.columns}
        ways = [joined(_("和"), [_("“%s”") % labels[code] for code in way]) for way in self.known_by]
        return _("表里要看得出每一行是哪一条：选%s在哪一列。") % joined(_("，或"), ways)

    def choices(self, codes: Collection[str] | None = None) -> dict[str, Choices]:
        """The choices of the columns that have some (of all, or of these), each asked for once."""
        return {c.code: c.choices() for c in self.columns if c.choices and (codes is None or c.code in codes)}

    def compared(
        self,
        row: Row,
        stored: Mapping[str, Any],
        base: Mapping[str, Any],
        choices: Mapping[str, Choices] | None = None,
    ) -> Staged:
        """Changed or unchanged, by those columns of `stored` that the sheet has."""
        options = choices or {}
        changes = [
            Difference(
                column.code,
                column.shown(stored[column.code], options.get(column.code, ())),
                column.shown(row.values[column.code], options.get(column.code, ())),
            )
            for column in self.columns
            if column.code in stored and column.code in row.values
            if _given(stored[column.code]) != _given(row.values[column.code])
        ]
        return Staged(Outcome.CHANGED if changes else Outcome.UNCHANGED, changes=changes, base=base)

    def all_new(self, row: Row, choices: Mapping[str, Choices] | None = None) -> Staged:
        """A new row, with everything that it brings."""
        options = choices or {}
        brought = [(column, row.values.get(column.code)) for column in self.columns]
        changes = [
            Difference(column.code, "", column.shown(value, options.get(column.code, ())))
            for column, value in brought
            if value not in (None, "")
        ]
        return Staged(Outcome.NEW, changes=changes)


def _given(value: Any) -> Any:
    """No value is one thing, however it is written; zero is a value."""
    return None if value in (None, "") else value


_targets: dict[str, Target] = {}


def register(target: Target) -> None:
    """Make a target known. Raises ValueError when another one has its code, or two columns share one."""
    known = _targets.get(target.code)
    if known is not None and type(known) is not type(target):
        raise ValueError(f"the import target {target.code!r} is registered twice")
    codes = [column.code for column in target.columns]
    if len(set(codes)) != len(codes):
        raise ValueError(f"the import target {target.code!r} has two columns of one code")
    _targets[target.code] = target


def forget(code: str) -> None:
    """Take a target away again; for tests."""
    _targets.pop(code, None)


def find(code: str) -> Target | None:
    """The target with this code, or None: another version of the portal may know more."""
    return _targets.get(code)


def get(code: str) -> Target:
    """The target with this code. Raises LookupError, naming it, where there is none."""
    try:
        return _targets[code]
    except KeyError:
        raise LookupError(f"no import target {code!r} is registered") from None


def targets() -> list[Target]:
    """All that can be brought in, in the order in which it was registered."""
    return list(_targets.values())
