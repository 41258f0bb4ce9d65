"""The facts behind a number as Excel: the list as it is shown, with the sum that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from core.exports import CHUNK, ListExport
from core.formats import decimal, thousands
from core.xlsx import ExportColumn, Kind
from dashboards.evidence import FactRow, heads_of, rows_of
from dashboards.facts_reader import FactsReader, base_text, text_from
from dashboards.indicators import Indicator, Sort
from dashboards.selectors import TYPE_LABELS, Sight
from dashboards.selectors_losses import LossesPage
from inspections.models import ItemScore


@dataclass(frozen=True)
class Line:
    """A line of the list with its contribution as a number."""

    fact: FactRow
    amount: Decimal | None
    base: Decimal | None

    @property
    def is_sample(self) -> bool:
        """Whether it is sample data."""
        return self.fact.is_sample


def facts_export(reader: FactsReader, units: Sequence[ReportingUnit], filters: Sequence[str]) -> ListExport:
    """The list that `reader` finds. `filters` are those in force, in words."""
    found, indicator = reader.found(), reader.indicator
    count, part, whole = reader.sums(found)
    return ListExport(
        title=_("%(indicator)s %(quarter)s") % {"indicator": indicator.label, "quarter": reader.quarter.title},
        columns=_columns(indicator, "no" if reader.asked.since == "gone" else reader.asked.counted),
        rows=_lines(reader, found, units),
        count=count,
        rule=str(indicator.rule),
        place=_place(reader.sight),
        filters=[*_counted(reader.asked.counted), *filters],
        notes=_notes(reader, count, part, whole),
        has_samples=found.filter(is_sample=True).exists(),
    )


def _lines(reader: FactsReader, found: Any, units: Sequence[ReportingUnit]) -> Iterator[Line]:
    """What stands behind the facts is fetched for one portion at a time."""
    records = reader.ordered(found, units).iterator(chunk_size=CHUNK)
    while portion := list(islice(records, CHUNK)):
        rows = rows_of(reader.indicator, reader.dated, portion, units, reader.openable(portion))
        for record, row in zip(portion, rows, strict=True):
            yield Line(row, getattr(record, "numerator", None), getattr(record, "denominator", None))


def _columns(indicator: Indicator, counted: str) -> list[ExportColumn]:
    basis, ground = heads_of(indicator)
    columns = [
        ExportColumn(_("名称"), "fact.name", width=28),
        ExportColumn(_("单位"), "fact.unit", width=12),
        ExportColumn(_("类型"), lambda line: TYPE_LABELS.get(line.fact.type), width=12),
        ExportColumn(indicator.evidence_label, "fact.on", Kind.DAY, width=14),
    ]
    if basis:
        columns.append(ExportColumn(basis, "fact.basis", width=24))
    if ground:
        columns.append(ExportColumn(ground, _ground, width=34))
    if counted != "no":
        kind = Kind.DECIMAL if indicator.places else Kind.COUNT
        columns.append(ExportColumn(indicator.amount_label, "amount", kind, total=indicator.sort is not Sort.MEAN))
        if indicator.base_label:
            columns.append(ExportColumn(indicator.base_label, "base", kind, total=True))
    return columns


def _ground(line: Line) -> str:
    ground = line.fact.ground
    return f"{ground.label} {ground.state}".rstrip() if ground else ""


def _place(sight: Sight) -> str:
    """Whose records the rows are: those that the person sees, whatever the figure above them counts."""
    if sight.city:
        return _("全市")
    return "、".join(unit.short_name for unit in sight.own) or _("你可见范围内的记录")


def _counted(counted: str) -> list[str]:
    return {"yes": [_("只列计入的")], "no": [_("只列未计入的")]}.get(counted, [])


def _notes(reader: FactsReader, count: int, part: Decimal, whole: Decimal | None) -> list[str]:
    """The quarter's state, the division of a rate or a mean, and what the person may not see."""
    indicator = reader.indicator
    notes = [_("期间：%(quarter)s，%(state)s") % {"quarter": reader.quarter.title, "state": reader.period.state}]
    if indicator.sort is not Sort.SUM and reader.asked.counted != "no":
        parts = {
            "part": decimal(part, indicator.places),
            "whole": base_text(indicator, whole or Decimal(0)),
            "value": text_from(indicator, part, whole),
        }
        notes.append(_("结果：%(part)s / %(whole)s = %(value)s") % parts)
    hidden = reader.hidden(count)
    if hidden:
        notes.append(_("另有 %(rows)s 条不在你的可见范围，没有导出。") % {"rows": thousands(hidden)})
    return notes


@dataclass(frozen=True)
class Deduction:
    """A line of the list of points lost."""

    score: ItemScore
    unit: str

    @property
    def is_sample(self) -> bool:
        """Whether its inspection is sample data."""
        return self.score.inspection.is_sample


def losses_export(page: LossesPage, units: Sequence[ReportingUnit], filters: Sequence[str]) -> ListExport:
    """Every deduction that the page lists on all its pages, and what they make."""
    names = {unit.pk: unit.short_name for unit in units}
    rows: Any = page.page.paginator.object_list
    notes = [_("期间：%(quarter)s，%(state)s") % {"quarter": page.period.title, "state": page.period.state}]
    if page.hidden:
        notes.append(_("另有 −%(points)s 分不在你的可见范围，没有导出。") % {"points": decimal(page.hidden, 2)})
    return ListExport(
        title=_("检查失分 %(quarter)s") % {"quarter": page.period.title},
        columns=[
            ExportColumn(_("社区"), "score.inspection.community", width=24),
            ExportColumn(_("单位"), "unit", width=12),
            ExportColumn(_("部分"), "score.item.section", width=18),
            ExportColumn(_("评分项"), "score.item.title", width=34),
            ExportColumn(_("扣分原因"), "score.reason", width=40),
            ExportColumn(_("扣分"), "score.deduction", Kind.DECIMAL, total=True),
            ExportColumn(_("满分"), "score.item.full_marks", Kind.DECIMAL),
        ],
        rows=(Deduction(score, names.get(score.fact_unit, "")) for score in rows.iterator(chunk_size=CHUNK)),
        count=page.page.paginator.count,
        rule=_("本季度检查轮次中已提交的检查，各项扣分；按社区在季度最后一天的归属。"),
        place=_place(page.sight),
        filters=filters,
        notes=notes,
        has_samples=rows.filter(inspection__is_sample=True).exists(),
    )
