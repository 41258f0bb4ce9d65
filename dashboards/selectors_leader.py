"""The leadership page as plain values: every number with the page of its facts, nothing of HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from core.components import FunnelRow, Segment
from core.periods import Quarter
from dashboards import drawing, sketch
from dashboards.board import Board, Number, Share
from dashboards.facts import ALL
from dashboards.models import Display
from dashboards.published import compare
from dashboards.selectors import (
    TYPE_LABELS,
    Period,
    Sight,
    State,
    facts_url,
    label_of,
    leader_url,
    sight_of,
    tables_of,
)
from dashboards.selectors_decisions import Decisions, decisions_of
from dashboards.selectors_late import Late, late_projects
from dashboards.selectors_scores import ScoreCard, score_card
from dashboards.selectors_sections import SectionCard, section_card
from dashboards.selectors_sentences import Headline, behind_of, changes_of, headline_of, waiting_of
from dashboards.sentences import Sentence

TYPES = ("city", "town", "rural")
STAGES = ("planned", "started", "centres_begun", "centres_built")
SYSTEMS = ("party_organisations", "autonomous_organisations", "social_organisations", "pilots")
# The five lights add up to the projects.
LIGHTS = (
    "green_lights",
    "yellow_lights",
    "red_lights",
    "not_due_lights",
    "unknown_lights",
    "once_red",
    "out_of_order",
)
TRENDS = ("started", "centres_begun", "centres_built", "standardised")


@dataclass(frozen=True)
class UnitRow:
    """One unit's numbers, or the sum of all."""

    name: str
    numbers: Sequence[Number]


@dataclass(frozen=True)
class MapRow:
    """The sketch's numbers as a line of its table."""

    name: str
    part: Number
    whole: Number


@dataclass(frozen=True)
class Compared:
    """A published figure beside the computed one."""

    label: str
    published: Decimal
    parts: tuple[Number, ...]
    records: int
    agrees: bool
    wording: str
    percent: bool


@dataclass(frozen=True)
class Provenance:
    """How sure the page is."""

    computed_at: dt.datetime | None
    records: int
    pending: int
    parked: int
    agrees: bool | None


@dataclass(frozen=True)
class Leader:
    """The whole page."""

    period: Period
    sight: Sight
    previous_url: str
    next_url: str
    provenance: Provenance
    headline: Headline
    behind: Sentence
    changed: Sentence
    decisions: Decisions | None
    late: Late
    funnel: Sequence[FunnelRow]
    stock: Share
    scores: ScoreCard
    sections: SectionCard
    sketch: sketch.Sketch | None
    map_rows: Sequence[MapRow]
    units: Sequence[UnitRow]
    total: UnitRow
    lights: Sequence[UnitRow]
    lights_total: UnitRow
    trends: Sequence[drawing.Trend]
    systems: Sequence[Number]
    inspected: Share
    compared: Sequence[Compared]
    published_on: dt.date | None
    source: str
    # Whether units are ranked for anybody, and whether this person may change that.
    ranks: bool
    may_switch: bool

    @property
    def funnel_without_doors(self) -> list[FunnelRow]:
        """The funnel for a screen on which nothing can be pressed; its first step in one word, to stand in one line."""
        labels = [_("规划"), *(row.label for row in self.funnel[1:])]
        return [
            replace(row, label=label, url="", change_url="", segments=[replace(part, url="") for part in row.segments])
            for row, label in zip(self.funnel, labels, strict=True)
        ]

    @property
    def trend_rows(self) -> list[tuple[Quarter, list[drawing.Reading]]]:
        """The trends as a table: a line for each quarter."""
        return [
            (quarter, [trend.readings[place] for trend in self.trends])
            for place, quarter in enumerate(self.period.year)
        ]

    @property
    def compared_halves(self) -> list[Sequence[Compared]]:
        """The comparison in two columns."""
        middle = (len(self.compared) + 1) // 2
        return [self.compared[:middle], self.compared[middle:]] if self.compared else []


def stage_labels() -> dict[str, str]:
    """The steps of the funnel in the few words that the card has room for."""
    return dict(zip(STAGES, (_("规划新社区"), _("已开工"), _("服务中心主体动工"), _("服务中心基本建成")), strict=True))


def _funnel(board: Board) -> list[FunnelRow]:
    planned, quarter = board.count("planned"), board.quarter
    rows = []
    for code, label in stage_labels().items():
        number = board.number(code)
        segments = [
            Segment(board.count(code, type=type), type, str(TYPE_LABELS[type]), facts_url(quarter, code, type=type))
            for type in TYPES
        ]
        if planned > number.value:
            url = facts_url(quarter, code, counted="no")
            segments.append(Segment(planned - number.value, "gap", _("缺口"), url))
        share = Decimal(number.value) / planned if planned and code != "planned" else None
        moved = (None, "") if code == "planned" else (number.change, number.change_url)
        rows.append(FunnelRow(label, number.value, segments, share, moved[0], number.url, moved[1]))
    return rows


def _map(board: Board, units: Sequence[ReportingUnit]) -> tuple[sketch.Sketch, list[MapRow]]:
    amounts, rows = {}, []
    for unit in units:
        part, whole = board.number("centres_built", unit.code), board.number("planned", unit.code)
        amounts[unit.code] = sketch.Amount(unit.short_name, part.value, whole.value, part.url)
        rows.append(MapRow(unit.short_name, part, whole))
    return sketch.draw(amounts), rows


def _trends(board: Board, period: Period) -> list[drawing.Trend]:
    ordinals = (_("一季"), _("二季"), _("三季"), _("四季"))
    wholes = {code: "existing" if code == "standardised" else "planned" for code in TRENDS}
    labels = dict(zip(TRENDS, (_("已开工"), _("主体动工"), _("基本建成"), _("规范化")), strict=True))
    made = []
    for code in TRENDS:
        readings = []
        for quarter, name in zip(period.year, ordinals, strict=True):
            table = board.city.get(quarter)
            known = table is not None and table.computed_at is not None
            value = int(table.cell(code).numerator) if table is not None and known else None
            readings.append(drawing.Reading(name, value, facts_url(quarter, code), quarter == period.quarter))
        made.append(
            drawing.trend(labels[code], board.count(wholes[code]), readings, facts_url(board.quarter, wholes[code]))
        )
    return made


def _compared(board: Board) -> tuple[list[Compared], dt.date | None, str]:
    rows, published_on, source = [], None, ""
    for found in compare(board.now):
        code, type = found.published.indicator, found.published.type
        url = facts_url(board.quarter, code, type=type)
        parts = [Number("", int(found.cell.numerator), url)]
        percent = found.cell.denominator is not None
        if found.cell.denominator is not None:
            parts.append(Number("", int(found.cell.denominator), url))
        label = label_of(code) if type == ALL else _("其中：%(type)s") % {"type": TYPE_LABELS.get(type, type)}
        published = found.published
        rows.append(
            Compared(label, published.value, tuple(parts), found.cell.records, found.agrees, published.wording, percent)
        )
        published_on, source = published.published_on, published.source
    return rows, published_on, source


def leader_page(user: Any, period: Period, state: State, *, ranked: bool) -> Leader:
    """The page of a quarter as `user` may see it, by `state`. Nobody is ranked where the city office says so.

    The number of queries does not depend on the number of records.
    """
    units = list(ReportingUnit.objects.all())
    sight = sight_of(user, period.row, units)
    tables = tables_of(user, sorted({*period.year, period.quarter.previous()}))
    board = Board(period, tables)
    compared, published_on, source = _compared(board)
    table = board.now
    agrees = all(row.agrees for row in compared) if compared else None
    late = late_projects(sight, units, state.day)
    decisions = decisions_of(user, late) if period.is_present else None
    sections = section_card(period.quarter, sight)
    drawn, map_rows = _map(board, units) if sight.everything else (None, [])
    shown = [UnitRow(unit.short_name, [board.number(code, unit.code) for code in STAGES]) for unit in sight.shown]
    return Leader(
        period=period,
        sight=sight,
        previous_url=leader_url(period.before.quarter) if period.before else "",
        next_url=leader_url(period.after.quarter) if period.after else "",
        provenance=Provenance(table.computed_at, table.records, state.backlog.pending, state.backlog.parked, agrees),
        headline=headline_of(board, units, sight.everything),
        behind=behind_of(late),
        changed=[*changes_of(board), *waiting_of(decisions)],
        decisions=decisions,
        late=late,
        funnel=_funnel(board),
        stock=board.share("standardised", "existing", "standardised_rate", _("规范化")),
        scores=score_card(period, sight, tables, sections.worst, ranks=state.ranks, ranked=ranked),
        sections=sections,
        sketch=drawn,
        map_rows=map_rows,
        units=shown,
        total=UnitRow(_("全市"), [board.number(code) for code in STAGES]),
        lights=[UnitRow(unit.short_name, [board.number(code, unit.code) for code in LIGHTS]) for unit in sight.shown],
        lights_total=UnitRow(_("全市"), [board.number(code) for code in LIGHTS]),
        trends=_trends(board, period),
        systems=[board.number(code) for code in SYSTEMS],
        inspected=_inspected(board),
        compared=compared,
        published_on=published_on,
        source=source,
        ranks=state.ranks,
        may_switch=Display.objects.all().creatable_by(user),
    )


def _inspected(board: Board) -> Share:
    code = "inspected_share"
    cell, url = board.now.cell(code), facts_url(board.quarter, code)
    part = Number(label_of(code), int(cell.numerator), facts_url(board.quarter, code, counted="yes"))
    whole = Number("", int(cell.denominator or 0), facts_url(board.quarter, "planned"))
    return Share(part, whole, url, facts_url(board.quarter, code, counted="no"))
