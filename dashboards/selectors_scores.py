"""The units' scores: in order of rank, or without one in the statutory order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from communities.models import ReportingUnit
from dashboards.figures import FigureTable
from dashboards.selectors import Period, Sight, Tables, difference, facts_url, leader_url, shown_value
from dashboards.selectors_sections import Worst, losses_url
from inspections.models import Round

CODE = "average_score"
FULL_MARKS = Decimal(100)


@dataclass(frozen=True)
class ScoreRow:
    """One unit. `place` is None where there is no score, or where nothing is ranked; so is `moved`.

    `moved` is how many places it went up since last quarter, `change` how many points; None: nothing to compare with.
    Their door is the other figure: `before_url` lists last quarter's score. `worst` is the section that lost most.
    """

    name: str
    place: int | None
    tied: bool
    score: Decimal | None
    url: str
    before_url: str
    before: Decimal | None
    change: Decimal | None
    moved: int | None
    lost: Decimal | None
    lost_url: str
    worst: Worst | None
    inspected: int
    planned: int
    inspected_url: str

    @property
    def worst_points(self) -> Decimal:
        """What the dark part of its bar stands for."""
        return (self.worst.loss.mean if self.worst else None) or Decimal(0)


@dataclass(frozen=True)
class ScoreCard:
    """The card of scores. `may_rank` says whether the viewer may choose how it is shown."""

    ranked: bool
    may_rank: bool
    everything: bool
    rows: Sequence[ScoreRow]
    full_marks: Decimal
    city: Decimal | None
    city_url: str
    city_change: Decimal | None
    before_url: str
    city_before_url: str
    largest_loss: Decimal
    plan_number: str
    proposal: bool
    ranked_url: str
    unranked_url: str

    @property
    def scored(self) -> bool:
        """Whether any unit has a score."""
        return any(row.score is not None for row in self.rows)


def places_of(scores: Mapping[str, Decimal | None]) -> dict[str, int]:
    """Standard competition ranking, 1 2 2 4: a place is one more than the number of better scores.

    Scores are compared as they are shown, so that two that look alike share a place.
    """
    known = {code: score for code, score in scores.items() if score is not None}
    return {code: 1 + sum(other > score for other in known.values()) for code, score in known.items()}


@dataclass(frozen=True)
class Standing:
    """Scores and places of the units in one quarter, as far as the person may see them."""

    scores: Mapping[str, Decimal | None]
    places: Mapping[str, int]


def _standing(table: FigureTable | None, units: Sequence[ReportingUnit], ranked: bool) -> Standing:
    scores = {unit.code: shown_value(table.value(CODE, unit.code)) if table else None for unit in units}
    return Standing(scores, places_of(scores) if ranked else {})


def _row(
    unit: ReportingUnit, table: FigureTable, full: Decimal, now: Standing, before: Standing, worst: Worst | None
) -> ScoreRow:
    score, place = now.scores[unit.code], now.places.get(unit.code)
    earlier = before.places.get(unit.code)
    there = table.cell("inspected_share", unit.code)
    return ScoreRow(
        name=unit.short_name,
        place=place,
        tied=place is not None and list(now.places.values()).count(place) > 1,
        score=score,
        url=facts_url(table.quarter, CODE, unit.code),
        before_url=facts_url(table.quarter.previous(), CODE, unit.code),
        before=before.scores[unit.code],
        change=difference(score, before.scores[unit.code]),
        moved=None if place is None or earlier is None else earlier - place,
        lost=None if score is None else full - score,
        lost_url=losses_url(table.quarter, unit.code),
        worst=worst,
        inspected=int(there.numerator),
        planned=int(there.denominator or 0),
        inspected_url=facts_url(table.quarter, "inspected_share", unit.code),
    )


def score_card(
    period: Period, sight: Sight, tables: Tables, worst: Mapping[str, Worst], *, ranks: bool, ranked: bool
) -> ScoreCard:
    """The scores that the person may see. One query.

    Nobody is ranked where some are hidden, nor where the city office has switched ranking off (`ranks`).
    """
    quarter, row_before = period.quarter, period.before
    round_ = Round.objects.of_quarter(quarter).select_related("sheet").first()
    full = round_.sheet.full_marks if round_ else FULL_MARKS
    may_rank = ranks and sight.everything
    ranked = ranked and may_rank
    whole_before = row_before is not None and (sight.city or row_before.published_on is not None)
    now = _standing(tables.cells[quarter], sight.shown, ranked)
    before = _standing(tables.cells[quarter.previous()] if row_before else None, sight.shown, ranked and whole_before)
    rows = [_row(unit, tables.cells[quarter], full, now, before, worst.get(unit.code)) for unit in sight.shown]
    if ranked:
        rows.sort(key=lambda row: (row.place is None, row.place))
    city = shown_value(tables.city[quarter].value(CODE))
    city_before = shown_value(tables.city[quarter.previous()].value(CODE)) if row_before else None
    return ScoreCard(
        ranked=ranked,
        everything=sight.everything,
        may_rank=may_rank,
        rows=rows,
        full_marks=full,
        city=city,
        city_url=facts_url(quarter, CODE),
        city_change=difference(city, city_before),
        before_url=leader_url(quarter.previous()),
        city_before_url=facts_url(quarter.previous(), CODE),
        largest_loss=max((row.lost for row in rows if row.lost is not None), default=Decimal(0)),
        plan_number=round_.plan_number if round_ else "",
        proposal=round_.sheet.is_proposal if round_ else False,
        ranked_url=leader_url(quarter),
        unranked_url=leader_url(quarter, rank="no"),
    )
