"""The month of a unit as Excel, as the page shows it. Its heads are those of the import: it may be brought in again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.xlsx import ExportColumn, Kind
from facilities.batch_page import WORDS, state_of
from facilities.batch_rows import SheetRow
from facilities.money import ARRIVED, PAID, known_total
from facilities.workflow import Stage

UNKNOWN = _("不清楚")
NONE = "—"
RULE = _("累计完成投资是本月以前的加本月的。还没有提交的是现在填着的，没有填的是上月的。")


def _counts(name: str, label: object) -> ExportColumn:
    return ExportColumn(label, lambda row: row.values[name], Kind.COUNT, missing=NONE)  # type: ignore[arg-type]


def _invested(row: SheetRow) -> object:
    return known_total({"before": row.before, "now": row.values["invested"]}, ("before", "now"))


COLUMNS = (
    ExportColumn(_("社区"), lambda row: row.project.community, width=22),
    ExportColumn(_("社区编号"), lambda row: row.project.community.code, width=13),
    ExportColumn(_("项目"), lambda row: row.project.name, width=26),
    ExportColumn(_("单位"), lambda row: row.project.place_unit, width=12),
    ExportColumn(_("状态"), lambda row: WORDS[state_of(row)], width=10),
    ExportColumn(_("阶段"), lambda row: Stage(row.values["stage"]).label, width=14),
    ExportColumn(_("形象进度（%）"), lambda row: row.values["percent"], Kind.COUNT, missing=UNKNOWN),
    ExportColumn(_("本月完成投资（万元）"), lambda row: row.values["invested"], Kind.DECIMAL, missing=UNKNOWN),
    ExportColumn(_("累计完成投资（万元）"), _invested, Kind.DECIMAL, missing=UNKNOWN),
    ExportColumn(_("累计到位（万元）"), lambda row: known_total(row.values, ARRIVED), Kind.DECIMAL, missing=UNKNOWN),
    ExportColumn(_("累计支付（万元）"), lambda row: known_total(row.values, PAID), Kind.DECIMAL, missing=UNKNOWN),
    _counts("housing_started", _("住房开工（套）")),
    _counts("housing_topped_out", _("住房封顶（套）")),
    _counts("housing_handed_over", _("住房交付（套）")),
    ExportColumn(_("问题"), lambda row: row.values["problem"], width=30),
    ExportColumn(_("需协调事项"), lambda row: row.values["help_wanted"], width=30),
    ExportColumn(_("说明"), lambda row: row.values["explanation"], width=30),
)
