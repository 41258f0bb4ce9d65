"""What the ledger writes as Excel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.xlsx import ExportColumn, Kind

JOB_RULE = _("每项后台作业一条；重试不另算一条，记在“已试”里。")
JOBS = (
    ExportColumn(_("作业"), "kind_label", width=24),
    ExportColumn(_("对象"), "key", width=24),
    ExportColumn(_("期间"), "period", width=16),
    ExportColumn(_("状态"), "get_state_display", width=10),
    ExportColumn(_("已试"), "attempts", Kind.COUNT),
    ExportColumn(_("登记"), "created_at", Kind.MOMENT),
    ExportColumn(_("开始"), "started_at", Kind.MOMENT),
    ExportColumn(_("结束"), "finished_at", Kind.MOMENT),
    ExportColumn(_("错误"), "error", width=50),
)
