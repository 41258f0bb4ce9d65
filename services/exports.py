"""What the lists of service centres and organisations write as Excel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.exports import type_of
from core.xlsx import ExportColumn, Kind


def _standardised(centre: Any) -> str:
    return _t("已规范化") if centre.standardised_on else _t("未规范化")


CENTRE_RULE = _("建设阶段取自项目，规范化以验收为准。")
CENTRES = (
    ExportColumn(_("服务中心"), "name", width=28),
    ExportColumn(_("社区"), "community", width=22),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("类型"), type_of, width=12),
    ExportColumn(_("面积（㎡）"), "area", Kind.DECIMAL, total=True),
    ExportColumn(_("建设阶段"), "stage_label", width=12),
    ExportColumn(_("规范化"), _standardised, width=12),
    ExportColumn(_("规范化日期"), "standardised_on", Kind.DAY),
)

ORGANISATION_RULE = _("公布数的计数口径推定，待核定。")
ORGANISATIONS = (
    ExportColumn(_("组织"), "name", width=30),
    ExportColumn(_("类别"), "get_kind_display", width=14),
    ExportColumn(_("计数口径"), "get_counting_rule_display", width=20),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("社区或村"), lambda row: row.community or row.village_name, width=22),
    ExportColumn(_("成立日期"), "valid_from", Kind.DAY),
    ExportColumn(_("撤销日期"), "valid_until", Kind.DAY),
)
