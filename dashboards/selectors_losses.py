"""The page behind points lost: item by item what was deducted and why, and the proof that it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from core.components import Column
from dashboards.facts import ALL, narrow
from dashboards.indicators.base import Rows
from dashboards.losses import ZERO, Loss, Losses, deductions
from dashboards.selectors import Period, Sight, Tables
from inspections.models import Inspection

PAGE_SIZE = 20
SORTS = {
    "name": "inspection__community__pinyin",
    "unit": "placed__unit__order",
    "section": "item__order",
    "lost": "deduction",
}


@dataclass(frozen=True)
class AskedLosses:
    """What the address asks for; `section` is its number, 0 for all."""

    unit: str = ALL
    section: int = 0
    sort: str = ""
    page: str = ""


@dataclass(frozen=True)
class LossLine:
    """One deduction. `url` is empty where the person may not open the inspection."""

    community: str
    url: str
    is_sample: bool
    unit: str
    section: str
    item: str
    lost: Decimal
    full: Decimal
    reason: str


@dataclass(frozen=True)
class LossesPage:
    """The whole page. `listed` is the sum of the list, `hidden` the points lost that the person may not see."""

    period: Period
    sight: Sight
    asked: AskedLosses
    place: str
    section: str
    loss: Loss
    full: Decimal
    score: Decimal | None
    columns: Sequence[Column]
    rows: Sequence[LossLine]
    page: Page[Any]
    listed: Decimal
    hidden: Decimal
    sorted_by: str

    @property
    def agrees(self) -> bool | None:
        """Whether full marks less what is lost make the stored score; None where nothing says so."""
        if self.asked.section or self.score is None or self.loss.mean is None:
            return None
        return abs(self.full - self.loss.mean - self.score) < Decimal("0.005")


def losses_page(
    user: Any,
    period: Period,
    sight: Sight,
    units: Sequence[ReportingUnit],
    tables: Tables,
    losses: Losses,
    asked: AskedLosses,
) -> LossesPage:
    """The page. The number of queries does not depend on the number of records."""
    quarter = period.quarter
    unit = next((unit for unit in units if unit.code == asked.unit), None)
    found = _visible(narrow(deductions(quarter), asked.unit), user, sight)
    section = losses.sections[asked.section - 1] if asked.section else ""
    if section:
        found = found.filter(item__section=section)
    listed = found.order_by().aggregate(sum=Sum("deduction"))["sum"] or ZERO
    sort = asked.sort if asked.sort.lstrip("-") in SORTS else "-lost"
    order = ("-" if sort.startswith("-") else "") + SORTS[sort.lstrip("-")]
    rows = found.select_related("item", "inspection__community").order_by(order, "inspection", "item__order", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(asked.page)
    loss = losses.loss(unit.pk if unit else ALL, asked.section)
    table = tables.cells[quarter] if unit else tables.city[quarter]
    return LossesPage(
        period=period,
        sight=sight,
        asked=asked,
        place=unit.short_name if unit else _("全市"),
        section=section,
        loss=loss,
        full=losses.full,
        score=table.value("average_score", asked.unit),
        columns=_columns(),
        rows=_lines(page, user, sight, units),
        page=page,
        listed=listed,
        hidden=loss.points - listed,
        sorted_by=sort,
    )


def _columns() -> list[Column]:
    return [
        Column(_("社区"), "name"),
        Column(_("单位"), "unit"),
        Column(_("部分"), "section"),
        Column(_("评分项")),
        Column(_("扣分原因")),
        Column(_("扣分"), "lost", number=True),
    ]


def _visible(rows: Rows, user: Any, sight: Sight) -> Rows:
    """As in the lists of facts: those of the person's own units as they were then, or the records they may see."""
    if sight.city or not sight.own:
        return rows.visible_to(user)
    return rows.filter(fact_unit__in=[unit.pk for unit in sight.own])


def _lines(page: Page[Any], user: Any, sight: Sight, units: Sequence[ReportingUnit]) -> list[LossLine]:
    scores = list(page.object_list)
    names = {unit.pk: unit.short_name for unit in units}
    keys = {score.inspection_id for score in scores}
    if not sight.city:
        keys = set(Inspection.objects.filter(pk__in=keys).visible_to(user).values_list("pk", flat=True))
    return [
        LossLine(
            community=str(score.inspection.community),
            url=score.inspection.get_absolute_url() if score.inspection_id in keys else "",
            is_sample=score.inspection.is_sample,
            unit=names.get(score.fact_unit, ""),
            section=score.item.section,
            item=score.item.title,
            lost=score.deduction,
            full=score.item.full_marks,
            reason=score.reason,
        )
        for score in scores
    ]
