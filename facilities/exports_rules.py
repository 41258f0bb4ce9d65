"""The registers of 建设口径 as workbooks: steps, ordering rules, thresholds of lights, kinds of infrastructure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.exports import ListExport
from core.xlsx import ExportColumn, Kind
from facilities.models import InfrastructureType, LightThreshold, OrderingRule, StageDefinition


def _source(row: Any) -> str:
    return _t("推定，待核定") if row.presumed else str(row.source)


@dataclass(frozen=True)
class Register:
    """One of the page's tables: what it is called, its columns, what a row is, and the model that holds it."""

    title: str | Promise
    columns: tuple[ExportColumn, ...]
    rule: str | Promise
    model: Any

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.model.objects.count())


# By what the address asks for: `?table=stages`.
REGISTERS: dict[str, Register] = {
    "stages": Register(
        _("阶段口径"),
        (
            ExportColumn(_("阶段"), "get_stage_display", width=18),
            ExportColumn(_("认定口径"), "definition", width=60),
            ExportColumn(_("认定依据"), "evidence", width=30),
            ExportColumn(_("照片"), lambda row: _t("要") if row.needs_photo else _t("不要"), width=8),
            ExportColumn(_("出处"), _source, width=24),
        ),
        _("做到什么程度算到了这一步，凭什么认定。"),
        StageDefinition,
    ),
    "ordering": Register(
        _("建设顺序规则"),
        (
            ExportColumn(_("规则"), "name", width=18),
            ExportColumn(_("类别"), "get_family_display", width=12),
            ExportColumn(_("口径"), "statement", width=60),
            ExportColumn(_("在先的"), "get_first_display", width=16),
            ExportColumn(_("在后的"), "get_then_display", width=16),
            ExportColumn(_("比什么日期"), "get_measure_display", width=18),
            ExportColumn(_("起始日期"), "valid_from", Kind.DAY),
            ExportColumn(_("终止日期"), "valid_until", Kind.DAY),
            ExportColumn(_("出处"), _source, width=24),
        ),
        _("同一社区里，在先的项目的日期应当不晚于在后的；终止日期当天不再算。"),
        OrderingRule,
    ),
    "lights": Register(
        _("亮灯标准"),
        (
            ExportColumn(_("起始日期"), "valid_from", Kind.DAY),
            ExportColumn(_("黄灯：落后百分点"), "yellow_points", Kind.COUNT, width=18),
            ExportColumn(_("红灯：落后超过"), "red_points", Kind.COUNT, width=18),
            ExportColumn(_("红灯：未开工天数"), "start_red_days", Kind.COUNT, width=18),
            ExportColumn(_("红灯：未建成天数"), "finish_red_days", Kind.COUNT, width=18),
            ExportColumn(_("出处"), _source, width=24),
        ),
        _("序时进度是计划工期过去的比例；比它少的百分点就是落后。"),
        LightThreshold,
    ),
    "infrastructure": Register(
        _("基础设施类别"),
        (
            ExportColumn(_("类别"), "name", width=20),
            ExportColumn(_("地下或地上"), lambda row: _t("地下") if row.underground else _t("地上"), width=14),
            ExportColumn(_("状态"), lambda row: _t("在用") if row.is_active else _t("停用"), width=10),
        ),
        _("停用的不能再选，已经选了的不变。"),
        InfrastructureType,
    ),
}


def register_export(register: Register) -> ListExport:
    """All rows of one register, in the page's order."""
    return ListExport(
        title=str(register.title),
        columns=register.columns,
        rows=register.model.objects.all().iterator(),
        count=register.count,
        rule=str(register.rule),
        place=_t("全市"),
    )
