"""The page behind a number: the facts that make it, and the proof that they add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from communities.models import Community, ReportingUnit
from core.components import Column, Segment, Tab
from core.formats import decimal, rate, thousands
from core.periods import Quarter
from dashboards.evidence import FactRow, heads_of, rows_of
from dashboards.facts import ALL
from dashboards.facts_reader import Asked, Check, FactsReader, base_text, text_from, text_of
from dashboards.figures import Cell, FigureTable
from dashboards.indicators import Indicator, Sort
from dashboards.indicators.construction import ProjectIndicator
from dashboards.rollup import Backlog, backlog
from dashboards.selectors import TYPE_LABELS, Period, Sight, Tables, facts_url
from facilities.models import Project
from inspections.models import Inspection
from services.models import Organisation

PAGE_SIZE = 20


@dataclass(frozen=True)
class GridCell:
    """A cell of the matrix, ready to be read."""

    text: str
    url: str
    zero: bool
    current: bool


@dataclass(frozen=True)
class GridRow:
    """A unit's line of the matrix, or the sum of all."""

    label: str
    url: str
    cells: Sequence[GridCell]
    current: bool = False


@dataclass(frozen=True)
class Foot:
    """The sum of what is listed, beside the whole."""

    amount: str
    whole: str
    share: str


@dataclass(frozen=True)
class Moved:
    """How last quarter's figure became this one: what is new, what counts no more, and where each is listed."""

    before: int
    before_url: str
    new: int
    new_url: str
    gone: int
    gone_url: str
    now: int

    @property
    def agrees(self) -> bool:
        """Whether it adds up: it does not while changes wait to be counted."""
        return self.before + self.new - self.gone == self.now


@dataclass(frozen=True)
class FactsPage:
    """The whole page."""

    indicator: Indicator
    period: Period
    sight: Sight
    asked: Asked
    total: str
    parts: Sequence[Segment]
    division: tuple[str, str] | None
    own: str
    check: Check | None
    moved: Moved | None
    backlog: Backlog
    table: FigureTable
    types: Sequence[str]
    grid: Sequence[GridRow]
    grid_foot: GridRow
    tabs: Sequence[Tab]
    columns: Sequence[Column]
    heads: tuple[str | Promise, str | Promise]
    rows: Sequence[FactRow]
    page: Page[Any]
    foot: Foot
    hidden: int | None
    clear_url: str
    sorted_by: str

    @property
    def shows_amount(self) -> bool:
        """Those that are not counted, or not any more, have no amount."""
        return self.asked.counted != "no" and self.asked.since != "gone"

    @property
    def long_names(self) -> bool:
        """Whether names are long enough to need two lines: a project's has its community's before it."""
        return self.indicator.subject is Project

    @property
    def shows_base(self) -> bool:
        """Whether each line says what its amount is part of."""
        return self.shows_amount and bool(self.indicator.base_label)

    @property
    def label_span(self) -> int:
        """Columns before the one with the sum."""
        return len(self.columns) - (2 if self.shows_amount else 1) - (1 if self.shows_base else 0)


def types_of(indicator: Indicator) -> list[str]:
    """The types in which an indicator can have facts."""
    return [type for type in TYPE_LABELS if type != "none" or indicator.subject is Organisation]


def has_kinds(indicator: Indicator) -> bool:
    """Whether its facts are projects of more than one kind."""
    return isinstance(indicator, ProjectIndicator) and not indicator.kind


def _grid(reader: FactsReader, tables: Tables, types: Sequence[str]) -> tuple[list[GridRow], GridRow]:
    indicator, quarter, asked = reader.indicator, reader.quarter, reader.asked

    def cell(table: FigureTable, unit: str, type: str) -> GridCell:
        figure = table.cell(indicator.code, unit, type)
        current = (unit, type) == (asked.unit, asked.type) != (ALL, ALL)
        url = facts_url(quarter, indicator.code, unit, type) if figure.records else ""
        return GridCell(text_of(indicator, figure), url, not figure.records, current)

    def line(table: FigureTable, label: str, unit: str) -> GridRow:
        cells = [cell(table, unit, type) for type in (*types, ALL)]
        return GridRow(label, facts_url(quarter, indicator.code, unit), cells, unit == asked.unit)

    rows = [line(tables.cells[quarter], unit.short_name, unit.code) for unit in reader.sight.shown]
    return rows, line(tables.city[quarter], _("全市"), ALL)


def _columns(indicator: Indicator, asked: Asked, heads: tuple[str | Promise, str | Promise]) -> list[Column]:
    subjects: dict[type[Any], str] = {
        Community: _("社区"),
        Organisation: _("组织"),
        Inspection: _("社区"),
        Project: _("项目"),
    }
    columns = [Column(subjects[indicator.subject], "name"), Column(_("单位"), "unit"), Column(_("类型"), "type")]
    columns.append(Column(str(indicator.evidence_label), "on"))
    columns += [Column(str(head)) for head in heads if head]
    if asked.counted != "no" and asked.since != "gone":
        columns.append(Column(str(indicator.amount_label), "" if indicator.even else "amount", number=True))
        if indicator.base_label:
            columns.append(Column(str(indicator.base_label), number=True))
    return [*columns, Column(_("历史"), hidden_label=True)]


def _tabs(reader: FactsReader) -> list[Tab]:
    indicator, asked = reader.indicator, reader.asked
    if not indicator.has_candidates:
        return []
    yes, no = reader.counts()

    def tab(label: str, counted: str, count: int) -> Tab:
        more = {"counted": counted} if counted else {}
        url = facts_url(reader.quarter, indicator.code, asked.unit, asked.type, asked.kind, **more)
        return Tab(label, url, count, asked.counted == counted)

    if indicator.lists_whole:
        return [tab(_("全部"), "", yes + no), tab(_("计入"), "yes", yes), tab(_("未计入"), "no", no)]
    return [tab(_("计入"), "", yes), tab(_("未计入"), "no", no)]


def _moved(reader: FactsReader, tables: Tables) -> Moved | None:
    """For a list of what changed, of the city or of a unit whose figures of both quarters the person may see."""
    asked, code, quarter = reader.asked, reader.indicator.code, reader.quarter
    table = tables.city if asked.unit == ALL else tables.cells
    if not asked.since or asked.kind != ALL or not reader.may_compare or quarter.previous() not in table:
        return None
    new, gone = reader.turnover()

    def url(of: Quarter, **more: str) -> str:
        return facts_url(of, code, asked.unit, asked.type, **more)

    return Moved(
        before=int(table[quarter.previous()].cell(code, asked.unit, asked.type).numerator),
        before_url=url(quarter.previous()),
        new=new,
        new_url=url(quarter, since="new"),
        gone=gone,
        gone_url=url(quarter, since="gone"),
        now=int(table[quarter].cell(code, asked.unit, asked.type).numerator),
    )


def _foot(reader: FactsReader, sums: tuple[int, Decimal, Decimal | None], tables: Tables) -> Foot:
    indicator, (count, part, whole) = reader.indicator, sums
    own = reader.sight.own if not reader.sight.city else ()
    table = tables.city[reader.quarter]
    cells = [tables.cells[reader.quarter].cell(indicator.code, unit.code) for unit in own]
    base = sum((cell.numerator for cell in cells), Decimal(0)) if own else table.cell(indicator.code).numerator
    if reader.asked.counted == "no" or reader.asked.since == "gone":
        return Foot(thousands(count), "", "")
    if indicator.sort is Sort.SUM:
        return Foot(decimal(part, indicator.places), decimal(base, indicator.places), rate(part, base))
    base_words = base_text(indicator, whole or Decimal(0))
    return Foot(f"{decimal(part, indicator.places)} / {base_words}", "", text_from(indicator, part, whole))


def facts_page(reader: FactsReader, units: Sequence[ReportingUnit], tables: Tables) -> FactsPage:
    """The page of one figure. The number of queries does not depend on the number of records."""
    indicator, period, sight, asked = reader.indicator, reader.period, reader.sight, reader.asked
    code = indicator.code
    found = reader.found()
    sums = reader.sums(found)
    paginator = Paginator(reader.ordered(found, units), PAGE_SIZE)
    paginator.count = sums[0]
    page = paginator.get_page(asked.page)
    records = list(page.object_list)
    table, types = tables.city[period.quarter], types_of(indicator)
    whole = table.cell(code)
    grid, grid_foot = _grid(reader, tables, types)
    heads = heads_of(indicator)
    return FactsPage(
        indicator=indicator,
        period=period,
        sight=sight,
        asked=asked,
        total=text_of(indicator, whole),
        parts=_parts(table, indicator, types),
        division=_division(indicator, whole),
        own=_own(reader, tables, sums[0]),
        check=reader.check(tables),
        moved=_moved(reader, tables),
        backlog=backlog(),
        table=table,
        types=[str(TYPE_LABELS[type]) for type in types],
        grid=grid,
        grid_foot=grid_foot,
        tabs=_tabs(reader),
        columns=_columns(indicator, asked, heads),
        heads=heads,
        rows=rows_of(indicator, reader.dated, records, units, reader.openable(records)),
        page=page,
        foot=_foot(reader, sums, tables),
        hidden=reader.hidden(sums[0]),
        clear_url=facts_url(period.quarter, code, **({"counted": asked.counted} if asked.counted else {})),
        sorted_by=reader.sorted_by,
    )


def _parts(table: FigureTable, indicator: Indicator, types: Sequence[str]) -> list[Segment]:
    if indicator.sort is not Sort.SUM:
        return []
    return [
        Segment(
            table.cell(indicator.code, type=type).numerator,
            type,
            str(TYPE_LABELS[type]),
            facts_url(table.quarter, indicator.code, type=type),
        )
        for type in types
    ]


def _division(indicator: Indicator, whole: Cell) -> tuple[str, str] | None:
    """Numerator and denominator of a rate or a mean, each with its word."""
    if indicator.sort is Sort.SUM:
        return None
    return decimal(whole.numerator, indicator.places), base_text(indicator, whole.denominator)


def _own(reader: FactsReader, tables: Tables, count: int) -> str:
    """The own units' figure beside the city's; empty for people of the city, and of no unit."""
    if reader.sight.city or not reader.sight.own:
        return ""
    cells = [tables.cells[reader.quarter].cell(reader.indicator.code, unit.code) for unit in reader.sight.own]
    part = sum((cell.numerator for cell in cells), Decimal(0))
    whole = sum((cell.denominator or Decimal(0) for cell in cells), Decimal(0))
    return text_from(reader.indicator, part, whole)
