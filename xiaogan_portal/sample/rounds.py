"""Sample months, quarters, and the four rounds of 2013 with their scores."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from communities.models import Community, PeriodState, ReportingMonth, ReportingQuarter, SampleDay
from inspections.models import Inspection, ItemScore, Round, RoundState, ScoringSheet, SheetItem
from xiaogan_portal.sample.plan import INSPECTED, SAMPLE_DAY, Plan
from xiaogan_portal.sample.territory import BATCH, Territory

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
# How strictly things stand in each unit: made up, in statutory order; a smaller number loses more points.
STANDING = (0.92, 0.79, 0.83, 0.89, 0.91, 0.95, 0.86, 0.94, 0.82, 0.88)
REASONS = ("进度比计划晚", "资料不齐", "现场与台账不一致", "制度没有上墙", "人员未到位", "标识不规范")


def build_periods() -> list[ReportingQuarter]:
    """2013's months up to September closed, the rest open to be reported for; the four quarters of 2013 open."""
    SampleDay.objects.update_or_create(id=1, defaults={"day": SAMPLE_DAY})
    for month in range(1, 13):
        _month(2013, month, PeriodState.OPEN if month > 9 else PeriodState.CLOSED)
    quarters = []
    for number in (1, 2, 3, 4):
        first = dt.date(2013, number * 3 - 2, 1)
        due = (first + dt.timedelta(days=104)).replace(day=15)
        quarters.append(
            ReportingQuarter.objects.create(
                year=2013, number=number, opens_on=first, due_on=due, state=PeriodState.OPEN
            )
        )
    return quarters


def _month(year: int, number: int, state: str) -> None:
    first = dt.date(year, number, 1)
    following = (first + dt.timedelta(days=32)).replace(day=6)
    ReportingMonth.objects.create(year=year, number=number, opens_on=first, due_on=following, state=state)


def build_rounds(plan: Plan, city: Territory, quarters: list[ReportingQuarter], rng: random.Random) -> None:
    """Write the rounds, their inspections and item scores, then submit them all by set."""
    sheet = ScoringSheet.objects.get(code="XG-100", edition=1)
    items = list(sheet.items.all())
    counts = plan.cumulative(INSPECTED, plan.programme)
    order = {unit.pk: position for position, unit in enumerate(city.units)}
    for quarter, count in zip(quarters, counts, strict=True):
        round_ = _round(quarter, sheet)
        stops = _stops(city, count, rng)
        inspections = Inspection.objects.bulk_create(
            [
                Inspection(
                    round=round_,
                    community=community,
                    inspected_on=quarter.quarter.last_day - dt.timedelta(days=rng.randint(3, 18)),
                    is_sample=True,
                )
                for community in stops
            ],
            batch_size=BATCH,
        )
        standing = [
            STANDING[order[city.unit_of[one.community_id].pk]] - 0.012 * (4 - quarter.number) for one in inspections
        ]
        ItemScore.objects.bulk_create(_scores(inspections, standing, items, rng), batch_size=BATCH)
        _submit(round_)


def _stops(city: Territory, count: int, rng: random.Random) -> list[Community]:
    """Where the round goes: every unit first, then wherever chance leads, `count` stops in all."""
    queue = rng.sample(city.programme, len(city.programme))
    first = {city.unit_of[community.pk].pk: community for community in reversed(queue)}
    chosen = {community.pk for community in first.values()}
    return [*first.values(), *(community for community in queue if community.pk not in chosen)][:count]


def _round(quarter: ReportingQuarter, sheet: ScoringSheet) -> Round:
    last = quarter.quarter.last_day
    return Round.objects.create(
        quarter=quarter,
        name=f"{quarter.quarter.title}拉练式检查督办",
        plan_number="示例：孝督查备〔2013〕7号",
        sheet=sheet,
        starts_on=last - dt.timedelta(days=20),
        ends_on=last,
        state=RoundState.OPEN,
        is_sample=True,
    )


def _scores(
    inspections: list[Inspection], standing: list[float], items: list[SheetItem], rng: random.Random
) -> Iterator[ItemScore]:
    for inspection, level in zip(inspections, standing, strict=True):
        for item in items:
            lost = item.full_marks * Decimal(f"{max(0.0, rng.gauss(1 - level, 0.12)):.3f}")
            deduction = min(item.full_marks, (lost * 2).to_integral_value() / 2)
            reason = rng.choice(REASONS) if deduction else ""
            yield ItemScore(inspection=inspection, item=item, deduction=deduction, reason=reason)


def _submit(round_: Round) -> None:
    """Lock and total, as the submit action does for one. Units' standing differs so that a ranking shows."""
    lost = ItemScore.objects.filter(inspection=OuterRef("pk")).values("inspection").annotate(all=Sum("deduction"))
    closing = dt.datetime.combine(round_.ends_on, dt.time(17), tzinfo=SHANGHAI)
    Inspection.objects.filter(round=round_).update(
        total=round_.sheet.full_marks - Coalesce(Subquery(lost.values("all")), Decimal(0)),
        submitted_at=closing,
        version=F("version") + 1,
    )
