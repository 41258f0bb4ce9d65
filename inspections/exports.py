"""What the lists of rounds and inspections write as Excel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.exports import type_of
from core.xlsx import ExportColumn, Kind


def _state(inspection: Any) -> str:
    if inspection.submitted_at:
        return _t("已提交")
    return _t("评分中 %(scored)s / %(items)s") % {"scored": inspection.scored, "items": inspection.items}


INSPECTION_RULE = _("一轮一个社区查一次。提交后锁定，计入那个季度；没有提交的没有得分。")
INSPECTIONS = (
    ExportColumn(_("社区"), "community", width=24),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("类型"), type_of, width=12),
    ExportColumn(_("季度"), lambda row: str(row.round.quarter), width=10),
    ExportColumn(_("检查日期"), "inspected_on", Kind.DAY),
    ExportColumn(_("检查人"), "inspector", width=14),
    ExportColumn(_("状态"), _state, width=16),
    ExportColumn(_("得分"), "total", Kind.DECIMAL, missing="—"),
)

ROUND_RULE = _("已提交和全部只算你看得到的检查。")
ROUNDS = (
    ExportColumn(_("轮次"), "name", width=34),
    ExportColumn(_("季度"), lambda row: str(row.quarter), width=10),
    ExportColumn(_("开始"), "starts_on", Kind.DAY),
    ExportColumn(_("结束"), "ends_on", Kind.DAY),
    ExportColumn(_("计划备案号"), "plan_number", width=26),
    ExportColumn(_("状态"), "get_state_display", width=12),
    ExportColumn(_("已提交"), "done", Kind.COUNT, total=True),
    ExportColumn(_("全部检查"), "seen", Kind.COUNT, total=True),
)
