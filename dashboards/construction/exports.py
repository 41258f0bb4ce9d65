"""The page's tables as workbooks: units, projects at each step, kinds, money by source, plan and actual by month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.exports import ListExport
from core.xlsx import ExportColumn, Kind
from dashboards.construction.page import COLUMNS, Construction, FundsLine, Line, Standing
from dashboards.indicators import REGISTRY
from dashboards.indicators.base import Sort


def _value(place: int) -> Callable[[Line], object]:
    return lambda line: line.amounts[place].value


def _whole(place: int) -> Callable[[Line], object]:
    return lambda line: line.amounts[place].whole


def _rate(place: int) -> Callable[[Line], Decimal | None]:
    def rate(line: Line) -> Decimal | None:
        amount = line.amounts[place]
        return amount.value * 100 / amount.whole if amount.value is not None and amount.whole else None

    return rate


def _columns() -> list[ExportColumn]:
    columns = [ExportColumn(_("单位"), "name", width=14)]
    for place, (code, label) in enumerate(COLUMNS.items()):
        indicator = REGISTRY.get(code)
        kind = Kind.DECIMAL if indicator and indicator.places else Kind.COUNT
        if indicator is None or indicator.sort is Sort.SUM:
            columns.append(ExportColumn(label, _value(place), kind, missing="—"))
        else:
            columns.append(ExportColumn(indicator.amount_label, _value(place), kind))
            columns.append(ExportColumn(indicator.base_label, _whole(place), kind))
            columns.append(ExportColumn(f"{indicator.label}（%）", _rate(place), Kind.DECIMAL, missing="—"))
    return columns


def construction_export(page: Construction) -> ListExport:
    """Every unit that the person sees, and the city as the last line."""
    lines = [*page.units, page.total]
    rules = [f"{REGISTRY[code].label}：{REGISTRY[code].rule}" for code in COLUMNS if code in REGISTRY]
    late = _("按社区在季度最后一天的归属；逾期计划按登记算到 %(day)s。") % {"day": page.state.day}
    return _list(
        page, _("建设进度"), _columns(), lines, late, place="、".join(line.name for line in lines), notes=rules
    )


def _list(
    page: Construction,
    title: str,
    columns: Sequence[ExportColumn],
    rows: Sequence[Any],
    rule: str,
    *,
    place: str = "",
    notes: Sequence[str] = (),
) -> ListExport:
    told = {"quarter": page.period.quarter.title, "state": page.period.state}
    return ListExport(
        title=f"{title} {page.period.quarter.title}",
        columns=columns,
        rows=rows,
        count=len(rows),
        rule=rule,
        place=place or page.place,
        notes=[_("期间：%(quarter)s，%(state)s") % told, *notes],
    )


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return part * 100 / whole if part is not None and whole else None


def steps_export(page: Construction) -> ListExport:
    """How many projects stand at each step."""
    columns: list[ExportColumn] = [
        ExportColumn(_("阶段"), "amount.label", width=18),
        ExportColumn(_("项目"), "amount.value", Kind.COUNT),
        ExportColumn(_("占全部（%）"), _share_of_all, Kind.DECIMAL, missing="—"),
    ]
    rule = _("规划新社区的项目按季度最后一天的最新阶段，每个只在一步。")
    return _list(page, _("处于各步的项目"), columns, page.at_steps, rule)


def _share_of_all(step: Standing) -> Decimal | None:
    return _share(step.amount.value, step.total)


def kinds_export(page: Construction) -> ListExport:
    """Each kind by steps reached, the sum last."""
    columns = [ExportColumn(_("设施"), "name", width=18)]
    columns += [ExportColumn(label, _value(place), Kind.COUNT, missing="—") for place, label in enumerate(page.steps)]
    rule = _("规划新社区的项目按季度最后一天的最新阶段，各步含以后各步。")
    return _list(page, _("设施和阶段"), columns, [*page.kinds, page.kinds_total], rule)


def funds_export(page: Construction) -> ListExport:
    """Money by source, the sum last."""

    def rate(part: str, whole: str) -> Callable[[FundsLine], Decimal | None]:
        return lambda line: _share(getattr(line, part).value, getattr(line, whole).value)

    columns: list[ExportColumn] = [
        ExportColumn(_("来源"), "name", width=14),
        ExportColumn(_("计划（万元）"), "planned.value", Kind.DECIMAL, missing="—"),
        ExportColumn(_("累计到位（万元）"), "arrived.value", Kind.DECIMAL, width=16, missing="—"),
        ExportColumn(_("到位占计划（%）"), rate("arrived", "planned"), Kind.DECIMAL, width=16, missing="—"),
        ExportColumn(_("累计支付（万元）"), "paid.value", Kind.DECIMAL, width=16, missing="—"),
        ExportColumn(_("支付占到位（%）"), rate("paid", "arrived"), Kind.DECIMAL, width=16, missing="—"),
    ]
    rules = [f"{REGISTRY[code].label}：{REGISTRY[code].rule}" for code in ("funds_planned", "funds_arrived")]
    return _list(page, _("资金来源"), columns, page.funds, rules[0], notes=rules[1:])


def curves_export(page: Construction) -> ListExport:
    """Plan and actual at the end of each month; where a unit is looked at it stands behind the city."""
    rows = [(drawing.curve.label, point) for drawing in page.curves for point in drawing.curve.points]
    columns: list[ExportColumn] = [
        ExportColumn(_("单位"), lambda row: row[0], width=14),
        ExportColumn(_("月份"), lambda row: str(row[1].month)),
        ExportColumn(_("最初的计划"), lambda row: row[1].first, Kind.COUNT),
        ExportColumn(_("现在的计划"), lambda row: row[1].planned, Kind.COUNT),
        ExportColumn(_("实际"), lambda row: row[1].built, Kind.COUNT, missing="—"),
    ]
    rule = _("规划新社区的项目中到月底应基本建成的和已基本建成的，累计个数。")
    return _list(page, _("计划和实际"), columns, rows, rule)


# What `?table=` in the address takes out.
TABLES: dict[str, Callable[[Construction], ListExport]] = {
    "units": construction_export,
    "steps": steps_export,
    "kinds": kinds_export,
    "funds": funds_export,
    "curves": curves_export,
}
