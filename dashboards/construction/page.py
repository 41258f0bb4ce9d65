"""The page of construction as plain values: every number with the page of its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import ReportingUnit
from core.formats import decimal, points, rate, thousands
from core.periods import Quarter
from dashboards.board import Board
from dashboards.construction.curve import curve_of
from dashboards.construction.drawing import Drawing, draw
from dashboards.facts import ALL
from dashboards.figures import Cell, FigureTable
from dashboards.indicators import REGISTRY
from dashboards.indicators.families import at_step, codes_of_kind
from dashboards.selectors import (
    Period,
    Sight,
    State,
    difference,
    facts_url,
    label_of,
    shown_value,
    tables_of,
)
from dashboards.selectors_late import Late, late_projects
from dashboards.selectors_sentences import behind_of
from dashboards.sentences import Piece, Sentence, compose
from facilities.models import FacilityKind
from facilities.money import Source
from facilities.workflow import Stage

RATES = ("started_rate", "built_rate", "invested_rate", "arrived_rate")
# What the table of kinds counts, each step with all the later ones, and how its columns are called.
STEP_LABELS = {
    "projects": gettext_lazy("项目"),
    "projects_started": gettext_lazy("已开工"),
    "projects_main_works": gettext_lazy("主体施工"),
    "projects_built": gettext_lazy("基本建成"),
    "projects_in_use": gettext_lazy("投入使用"),
}
FUNDS_LABELS = {
    "funds_planned": gettext_lazy("计划"),
    "funds_arrived": gettext_lazy("累计到位"),
    "funds_paid": gettext_lazy("累计支付"),
}
LATE = "late"
# Columns of the table of units: indicators, and the late plans.
COLUMNS: dict[str, str | Promise] = {
    "projects": gettext_lazy("项目"),
    "projects_started": gettext_lazy("已开工"),
    "projects_built": gettext_lazy("基本建成"),
    "invested_rate": gettext_lazy("完成投资 / 计划资金（万元）"),
    "funds_arrived": gettext_lazy("到位资金（万元）"),
    LATE: gettext_lazy("逾期计划"),
    "yellow_lights": gettext_lazy("黄灯"),
    "red_lights": gettext_lazy("红灯"),
    "out_of_order": gettext_lazy("违反顺序"),
}


@dataclass(frozen=True)
class Amount:
    """A number with its door; a part has its `whole`. `value` is None where it is not this person's to know."""

    code: str
    label: str
    value: Decimal | None
    url: str = ""
    whole: Decimal | None = None
    places: int = 0


@dataclass(frozen=True)
class Line:
    """One unit, one kind of project, or the sum of all."""

    name: str
    amounts: Sequence[Amount]


@dataclass(frozen=True)
class Standing:
    """Projects at one step, as a bar: of all `total`, and beside the step with the `most`."""

    amount: Amount
    total: Decimal
    most: Decimal


@dataclass(frozen=True)
class FundsLine:
    """Money of one source, or of all: planned, and of that arrived, and of that paid."""

    name: str
    planned: Amount
    arrived: Amount
    paid: Amount


@dataclass(frozen=True)
class RateCard:
    """A rate with both its parts, and how it moved since last quarter."""

    label: str
    part: str
    whole: str
    rate: str
    url: str
    measure: str
    moved: str


@dataclass(frozen=True)
class Construction:
    """The whole page. `unit` is the one that is looked at beside the city; None for none."""

    period: Period
    sight: Sight
    state: State
    unit: ReportingUnit | None
    previous_url: str
    next_url: str
    table: FigureTable
    records: int
    headline: Sentence
    behind: Sentence
    rates: Sequence[RateCard]
    heads: Sequence[str]
    units: Sequence[Line]
    total: Line
    steps: Sequence[str]
    kinds: Sequence[Line]
    kinds_total: Line
    at_steps: Sequence[Standing]
    funds: Sequence[FundsLine]
    curves: Sequence[Drawing]

    @property
    def place(self) -> str:
        """Whose kinds are listed."""
        return self.unit.short_name if self.unit else _("全市")


def construction_url(quarter: Quarter, unit: str = ALL) -> str:
    """The page for a quarter, and of one unit."""
    query = {"quarter": str(quarter)} | ({} if unit == ALL else {"unit": unit})
    return f"{reverse('dashboards:construction')}?{urlencode(query)}"


def selectable(sight: Sight, units: Sequence[ReportingUnit]) -> list[ReportingUnit]:
    """Units that may be looked at alone: plans and kinds are records, which publication opens to nobody."""
    return list(units) if sight.city else list(sight.own)


def construction_page(
    user: Any, period: Period, sight: Sight, units: Sequence[ReportingUnit], state: State, unit: ReportingUnit | None
) -> Construction:
    """The page of a quarter as `user` may see it. The number of queries does not depend on the number of records."""
    quarter, code = period.quarter, unit.code if unit else ALL
    tables = tables_of(user, [quarter, quarter.previous()])
    board, late = Board(period, tables), late_projects(sight, units, state.day)
    curves = [draw(curve_of(quarter, state.day, None, _("全市")))]
    if unit is not None:
        curves.append(draw(curve_of(quarter, state.day, unit, unit.short_name)))
    return Construction(
        period=period,
        sight=sight,
        state=state,
        unit=unit,
        previous_url=construction_url(period.before.quarter, code) if period.before else "",
        next_url=construction_url(period.after.quarter, code) if period.after else "",
        table=board.now,
        records=board.now.cell("projects").records,
        headline=_headline(board),
        behind=behind_of(late),
        rates=[_rate_card(board, name) for name in RATES],
        heads=[str(label) for label in COLUMNS.values()],
        units=[_unit_line(board, late, each) for each in sight.shown],
        total=_unit_line(board, late, None),
        steps=[str(label) for label in STEP_LABELS.values()],
        kinds=_kinds(board, unit),
        kinds_total=_kinds_total(board, unit),
        at_steps=_at_steps(board, unit),
        funds=_funds(board, unit),
        curves=curves,
    )


def _headline(board: Board) -> Sentence:
    counts = {name: board.number(name) for name in ("projects", "projects_started", "projects_built")}
    gap = counts["projects"].value - counts["projects_started"].value
    invested = board.now.cell("invested_rate")
    sentence = _("%(projects)s 个项目，已开工 %(started)s 个，基本建成 %(built)s 个；完成投资 %(invested)s 万元，")
    tail = _("占计划资金的 %(rate)s；还有 %(gap)s。") if gap > 0 else _("占计划资金的 %(rate)s；全部开工。")
    url = facts_url(board.quarter, "invested_rate")
    missing = facts_url(board.quarter, "projects_started", counted="no")
    return compose(
        sentence + tail,
        projects=Piece(thousands(counts["projects"].value), counts["projects"].url),
        started=Piece(thousands(counts["projects_started"].value), counts["projects_started"].url),
        built=Piece(thousands(counts["projects_built"].value), counts["projects_built"].url),
        invested=Piece(decimal(invested.numerator, 2), url),
        rate=Piece(rate(invested.numerator, invested.denominator), url),
        gap=Piece(_("%(number)s 个没有动工") % {"number": thousands(gap)}, missing, "bad"),
    )


def _rate_card(board: Board, code: str) -> RateCard:
    indicator, cell = REGISTRY[code], board.now.cell(code)
    before = board.before.cell(code).value if board.before else None
    moved = difference(shown_value(cell.value), shown_value(before))
    return RateCard(
        label=label_of(code),
        part=decimal(cell.numerator, indicator.places),
        whole=decimal(cell.denominator, indicator.places),
        rate=rate(cell.numerator, cell.denominator),
        url=facts_url(board.quarter, code),
        measure=str(_("万元")) if indicator.places else str(_("个项目")),
        moved="" if moved is None else points(moved),
    )


def _unit_line(board: Board, late: Late, unit: ReportingUnit | None) -> Line:
    code = unit.code if unit else ALL
    name = unit.short_name if unit else _("全市")
    return Line(
        name,
        [
            _late_amount(late, unit, str(label)) if column == LATE else _amount(board, column, code, str(label))
            for column, label in COLUMNS.items()
        ],
    )


def _amount(board: Board, column: str, code: str, label: str) -> Amount:
    cell = _cell(board, column, code)
    url = facts_url(board.quarter, column, code)
    return Amount(column, label, cell.numerator, url, cell.denominator, REGISTRY[column].places)


def _cell(board: Board, column: str, code: str) -> Cell:
    return (board.now if code == ALL else board.cells).cell(column, code)


def _late_amount(late: Late, unit: ReportingUnit | None, label: str) -> Amount:
    if unit is None:
        return Amount(LATE, label, Decimal(late.total), late.url)
    found = next((row for row in late.units if row.name == unit.short_name), None)
    return Amount(LATE, label, Decimal(found.count), found.url) if found else Amount(LATE, label, None)


def _kinds(board: Board, unit: ReportingUnit | None) -> list[Line]:
    """Projects by kind, with how far they have come; kinds of which there are none are left out."""
    lines = []
    for kind in FacilityKind:
        codes = codes_of_kind(kind)
        line = Line(str(kind.label), [_counted(board, codes[step], unit, STEP_LABELS[step]) for step in STEP_LABELS])
        if any(amount.value for amount in line.amounts):
            lines.append(line)
    return lines


def _kinds_total(board: Board, unit: ReportingUnit | None) -> Line:
    return Line(_("合计"), [_counted(board, step, unit, label) for step, label in STEP_LABELS.items()])


def _at_steps(board: Board, unit: ReportingUnit | None) -> list[Standing]:
    """How many projects stand at each step, from the first to the last; the longest bar is full."""
    counts = [_counted(board, at_step(step), unit, step.label) for step in Stage]
    most = max(amount.value or Decimal(0) for amount in counts)
    total = sum((amount.value or Decimal(0) for amount in counts), Decimal(0))
    return [Standing(amount, total, most) for amount in counts]


def _funds(board: Board, unit: ReportingUnit | None) -> list[FundsLine]:
    """Money by source, and all of it last. What nobody has told is not 0."""

    def told(code: str, label: str | Promise) -> Amount:
        found = _counted(board, code, unit, label)
        return found if _cell(board, code, unit.code if unit else ALL).records else replace(found, value=None)

    parts: list[tuple[str, str]] = [(f"_{source.value}", str(source.label)) for source in Source]
    return [
        FundsLine(name, *(told(f"{code}{end}", label) for code, label in FUNDS_LABELS.items()))
        for end, name in (*parts, ("", _("合计")))
    ]


def _counted(board: Board, code: str, unit: ReportingUnit | None, label: str | Promise) -> Amount:
    return _amount(board, code, unit.code if unit else ALL, str(label))
