"""The month's table of completeness as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.exports import ListExport
from core.formats import day
from core.xlsx import ExportColumn, Kind
from dashboards.completeness import MonthTable, Part, Row

RULE = _(
    "应报：月底归属本单位的社区的、月底以前建档的项目。已通过、待审核、被退回、未报相加等于应报。完整率：已交月报里填了的必填内容占应填的比例，"
    "没有交的算没有填。及时率：截止日前交的占应报的比例。"
)


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


def month_export(table: MonthTable, user: Any) -> ListExport:
    """Every row that `user` sees, the city's last."""
    names = {"month": str(table.month), "due": day(table.month.due_on)}
    return ListExport(
        title=_t("%(month)s 月报完整率") % names,
        columns=COLUMNS,
        rows=table.lines,
        count=len(table.lines),
        rule=str(RULE),
        place="、".join(row.name for row in table.rows) or _t("全市"),
        notes=[_t("截止日期：%(due)s") % names],
    )
