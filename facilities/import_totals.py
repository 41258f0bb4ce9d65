"""The sums that the month's page shows. A sheet may hold them, but they follow from what is entered, which is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.sentences import gettext as _t
from exchange.registry import CellKind, ImportColumn, Row
from facilities.money import ARRIVED, PAID, ZERO, known_total


def _sum_column(code: str, label: Promise) -> ImportColumn:
    help_text = _("自动算，不导入；和算出来的不一样的，会指出来。")
    return ImportColumn(code, label, CellKind.DECIMAL, help_text, unit=_("万元"), computed=True)


INVESTED = _sum_column("invested_total", _("累计完成投资"))
BY_SOURCE = {
    _sum_column("arrived_total", _("累计到位")): ARRIVED,
    _sum_column("paid_total", _("累计支付")): PAID,
}
COLUMNS = (INVESTED, *BY_SOURCE)


def wrong_totals(
    row: Row, values: Mapping[str, Any], before: Decimal | None, stood: Callable[[], Iterable[Decimal | None]]
) -> list[tuple[str, str]]:
    """Sums of a row that do not follow from what it says, each in its cell, with what it comes to and the way out.

    `values` is what the report would say, `before` was invested in earlier months. `stood` gives what the month's
    investment was before: who changes it in the portal's own Excel leaves the sum beside it as it was taken out.
    """
    found: list[tuple[str, str]] = []
    for column, names in BY_SOURCE.items():
        total = known_total(values, names)
        if _differs(row, column, total):
            sentence = _t(
                "“%(label)s”由各来源加起来，现在是 %(total)s 万元，这里写的是 %(given)s 万元。"
                "要改，就改各来源的数；不改，就清空这一格。"
            )
            found.append((column.code, sentence % _told(row, column, total)))
    total = _invested(before, values.get("invested"))
    if _differs(row, INVESTED, total) and all(_differs(row, INVESTED, _invested(before, each)) for each in stood()):
        sentence = _t(
            "“%(label)s”是以前各月加本月的，现在是 %(total)s 万元，这里写的是 %(given)s 万元。"
            "要改，就改“本月完成投资”，以前月份的在那个月的月报里更正；不改，就清空这一格。"
        )
        found.append((INVESTED.code, sentence % _told(row, INVESTED, total)))
    return found


def _invested(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    return known_total({"before": before, "now": now}, ("before", "now"))


def _differs(row: Row, column: ImportColumn, total: Decimal | None) -> bool:
    given = row.values.get(column.code)
    return given is not None and given != (ZERO if total is None else total)


def _told(row: Row, column: ImportColumn, total: Decimal | None) -> dict[str, Any]:
    return {"label": column.label, "total": column.shown(total or ZERO), "given": column.shown(row.values[column.code])}
