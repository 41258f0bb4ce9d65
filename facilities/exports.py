"""What the lists of construction write as Excel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from communities.exports import type_of
from core.xlsx import ExportColumn, Kind

UNKNOWN = _("不清楚")

PROJECT_RULE = _("目前阶段取最近一次登记。单位和类型取社区现在的归属。")
PROJECTS = (
    ExportColumn(_("社区"), "community", width=22),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("项目"), "name", width=26),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("类型"), type_of, width=12),
    ExportColumn(_("设施"), "get_kind_display", width=16),
    ExportColumn(_("目前阶段"), "stage_label", width=12),
    ExportColumn(_("到达日期"), "stage_on", Kind.DAY),
    ExportColumn(_("计划建成"), "planned_finish", Kind.DAY, missing=UNKNOWN),
)
