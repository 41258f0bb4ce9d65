"""Completeness as workbooks: a month by unit, a quarter by unit, the projects that nobody has reported on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.models import ReportingMonth, ReportingUnit
from core.exports import CHUNK, ListExport
from core.formats import day
from core.xlsx import ExportColumn, Kind
from dashboards.completeness import MonthTable, Part, QuarterRow, QuarterTable, Row

RULE = _(
    "应报：月底归属本单位的社区的、月底以前建档的项目。已通过、待审核、被退回、未报相加等于应报。完整率：已交月报里填了的必填内容占应填的比例，"
    "没有交的算没有填。及时率：截止日前交的占应报的比例。"
)
INSPECTED_RULE = _("已检查：本季度这一轮检查提交了评分的规划新社区。没有开放的月份写“—”。")
MISSING_RULE = _("本月没有交过月报的项目，草稿算没有交；按月底归属本单位的社区计。")


def _count(name: str) -> Callable[[Row], object]:
    return lambda row: getattr(row, name).value


def _rate(part: Part) -> Decimal | None:
    return Decimal(part.part * 100) / part.whole if part.whole else None


COLUMNS = (
    ExportColumn(_("单位"), "name", width=14),
    ExportColumn(_("应报"), _count("expected"), Kind.COUNT),
    ExportColumn(_("已报"), _count("filed"), Kind.COUNT),
    ExportColumn(_("已通过"), _count("approved"), Kind.COUNT),
    ExportColumn(_("待审核"), _count("waiting"), Kind.COUNT),
    ExportColumn(_("被退回"), _count("returned"), Kind.COUNT),
    ExportColumn(_("未报"), _count("missing"), Kind.COUNT),
    ExportColumn(_("迟报"), _count("late"), Kind.COUNT),
    ExportColumn(_("已填内容"), "completeness.part", Kind.COUNT),
    ExportColumn(_("应填内容"), "completeness.whole", Kind.COUNT),
    ExportColumn(_("完整率（%）"), lambda row: _rate(row.completeness), Kind.DECIMAL, missing="—"),
    ExportColumn(_("及时报"), "timeliness.part", Kind.COUNT),
    ExportColumn(_("及时率（%）"), lambda row: _rate(row.timeliness), Kind.DECIMAL, missing="—"),
)


def month_export(table: MonthTable) -> ListExport:
    """Every row of the table, the city's last."""
    names = {"month": str(table.month), "due": day(table.month.due_on)}
    return ListExport(
        title=_t("%(month)s 月报完整率") % names,
        columns=COLUMNS,
        rows=table.lines,
        count=len(table.lines),
        rule=str(RULE),
        place=_place(table.rows),
        notes=[_t("截止日期：%(due)s") % names],
    )


def quarter_export(board: QuarterTable) -> ListExport:
    """The quarter's months side by side, the city last."""
    names = {"quarter": board.quarter.quarter.title, "due": day(board.quarter.due_on)}
    columns = [ExportColumn(_("单位"), "name", width=14)]
    for place, month in enumerate(board.names):
        columns += _of_month(place, month.number)
    columns += [
        ExportColumn(_("全季已填内容"), "completeness.part", Kind.COUNT, width=16),
        ExportColumn(_("全季应填内容"), "completeness.whole", Kind.COUNT, width=16),
        ExportColumn(_("全季完整率（%）"), lambda row: _rate(row.completeness), Kind.DECIMAL, width=16, missing="—"),
        ExportColumn(_("全季及时报"), "timeliness.part", Kind.COUNT, width=16),
        ExportColumn(_("全季应报"), "timeliness.whole", Kind.COUNT, width=16),
        ExportColumn(_("全季及时率（%）"), lambda row: _rate(row.timeliness), Kind.DECIMAL, width=16, missing="—"),
        ExportColumn(_("迟报"), "late.value", Kind.COUNT),
        ExportColumn(_("已检查"), "inspected.part", Kind.COUNT),
        ExportColumn(_("规划新社区"), "inspected.whole", Kind.COUNT, width=13),
    ]
    return ListExport(
        title=_t("%(quarter)s 月报完整率") % names,
        columns=columns,
        rows=board.lines,
        count=len(board.lines),
        rule=f"{RULE}{INSPECTED_RULE}",
        place=_place(board.rows),
        notes=[_t("截止日期：%(due)s") % names],
    )


def _of_month(place: int, number: int) -> list[ExportColumn]:
    """The columns of one month: both rates with what they are made of."""

    def read(find: Callable[[Row], object]) -> Callable[[QuarterRow], object]:
        return lambda row: None if (month := row.months[place]) is None else find(month)

    parts: list[tuple[str, Callable[[Row], object], Kind]] = [
        (_t("%(number)d 月已填内容"), lambda row: row.completeness.part, Kind.COUNT),
        (_t("%(number)d 月应填内容"), lambda row: row.completeness.whole, Kind.COUNT),
        (_t("%(number)d 月完整率（%%）"), lambda row: _rate(row.completeness), Kind.DECIMAL),
        (_t("%(number)d 月及时报"), lambda row: row.timeliness.part, Kind.COUNT),
        (_t("%(number)d 月应报"), lambda row: row.timeliness.whole, Kind.COUNT),
        (_t("%(number)d 月及时率（%%）"), lambda row: _rate(row.timeliness), Kind.DECIMAL),
    ]
    return [
        ExportColumn(label % {"number": number}, read(find), kind, width=16, missing="—") for label, find, kind in parts
    ]


MISSING = (
    ExportColumn(_("社区"), "community", width=22),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("项目"), "name", width=26),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("设施"), "get_kind_display", width=16),
    ExportColumn(_("状态"), lambda row: _t("草稿") if row.begun else _t("未填"), width=10),
)


def missing_export(month: ReportingMonth, unit: ReportingUnit | None, rows: Any) -> ListExport:
    """The projects that `missing_projects` found, of one unit or of all."""
    names = {"month": str(month), "due": day(month.due_on)}
    return ListExport(
        title=_t("%(month)s 没有报的项目") % names,
        columns=MISSING,
        rows=rows.iterator(chunk_size=CHUNK),
        count=rows.count(),
        rule=str(MISSING_RULE),
        place=unit.short_name if unit else _t("全市"),
        notes=[_t("截止日期：%(due)s") % names],
        has_samples=rows.filter(is_sample=True).exists(),
    )


def _place(rows: Sequence[Row] | Sequence[QuarterRow]) -> str:
    return "、".join(row.name for row in rows) or _t("全市")
