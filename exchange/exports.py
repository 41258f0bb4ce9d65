"""What the exchange writes as Excel: its list of uploads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.xlsx import ExportColumn, Kind

BATCHES = (
    ExportColumn(_("文件"), "original_name", width=30),
    ExportColumn(_("导入到"), "target_label", width=14),
    ExportColumn(_("单位"), "place_name", width=12),
    ExportColumn(_("期间"), "scope", width=10),
    ExportColumn(_("状态"), "get_state_display", width=10),
    ExportColumn(_("新增"), "new", Kind.COUNT),
    ExportColumn(_("有变化"), "changed", Kind.COUNT),
    ExportColumn(_("没有变化"), "unchanged", Kind.COUNT),
    ExportColumn(_("不能导入"), "rejected", Kind.COUNT),
    ExportColumn(_("上传人"), "uploaded_by", width=12),
    ExportColumn(_("上传时间"), "uploaded_at", Kind.MOMENT),
    ExportColumn(_("导入时间"), "applied_at", Kind.MOMENT),
    ExportColumn(_("说明"), "trouble", width=40),
)
