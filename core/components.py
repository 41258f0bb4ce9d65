"""Plain values that the shared page parts take: what a view prepares, what a template shows.

They hold no rule and touch no database. `templates/_components/README.md` lists the parts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

Number = int | float | Decimal


@dataclass(frozen=True)
class Column:
    """One head of a table. `sort` is the field name put into the address; empty: not sortable."""

    label: str
    sort: str = ""
    number: bool = False
    hidden_label: bool = False


@dataclass(frozen=True)
class Action:
    """A button of a page header. One a page is `primary`; `post` sends a form instead of following a link.

    What is done at a desk alone (a workbook) is `desk_only`.
    """

    label: str
    url: str
    icon: str = ""
    primary: bool = False
    post: bool = False
    desk_only: bool = False


@dataclass(frozen=True)
class ExportLink:
    """The button that takes a list out as Excel, with how many rows it holds."""

    url: str
    count: int


@dataclass(frozen=True)
class Tab:
    """One part of a record, beside its other parts."""

    label: str
    url: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar or of a sum. `kind` names its look (a community type, a state, a step of the scale)."""

    value: Number
    kind: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True)
class FunnelRow:
    """One step of a funnel: how many are there, of which kinds, and how that moved since last quarter.

    `share` is the ratio to the first step (0 to 1) and `change` the difference; None means not applicable.
    `change_url` lists what makes the difference.
    """

    label: str
    total: int
    segments: Sequence[Segment]
    share: Number | None = None
    change: int | None = None
    url: str = ""
    change_url: str = ""


@dataclass(frozen=True)
class Cell:
    """A number in a matrix that filters the list beside it; `current` marks the filter in force."""

    value: Number | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class MatrixRow:
    """A row of a matrix with its own sum at the end."""

    label: str
    cells: Sequence[Cell]
    total: Cell
    url: str = ""


@dataclass(frozen=True)
class Change:
    """A field that differs between two versions, both as text ready to be shown."""

    label: str
    before: str
    after: str
    words: str = ""


@dataclass(frozen=True)
class Moment:
    """One entry of a record's history. `tone` is empty, `ok`, `warn` or `bad`.

    `who` acted in `capacity` (from `address`, where the reader may know it); `changes` are the fields, `reasons`
    those that say why; `also` are the other records that the same act changed. `fresh`: the record began here,
    and `changes` lists what was entered.
    """

    when: datetime
    title: str
    text: str = ""
    who: str = ""
    url: str = ""
    tone: str = ""
    changes: Sequence[Change] = field(default_factory=tuple)
    reasons: Sequence[Change] = field(default_factory=tuple)
    capacity: str = ""
    address: str = ""
    also: Sequence[Moment] = field(default_factory=tuple)
    fresh: bool = False
