"""The table of units as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _

from core.exports import ListExport
from core.xlsx import ExportColumn, Kind
from dashboards.construction.page import COLUMNS, Construction, Line
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
    return ListExport(
        title=_("建设进度 %(quarter)s") % {"quarter": page.period.quarter.title},
        columns=_columns(),
        rows=lines,
        count=len(lines),
        rule=_("按社区在季度最后一天的归属；逾期计划按登记算到 %(day)s。") % {"day": page.state.day},
        place="、".join(line.name for line in lines),
        notes=[
            _("期间：%(quarter)s，%(state)s") % {"quarter": page.period.quarter.title, "state": page.period.state},
            *rules,
        ],
    )
