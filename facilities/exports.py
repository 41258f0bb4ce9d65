"""What the lists of construction write as Excel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.exports import type_of
from core.xlsx import ExportColumn, Kind
from facilities.models import OrderingExemption, OrderingRule, ProgressReport
from facilities.money import ARRIVED, PAID, Source
from facilities.ordering import Violation
from facilities.report_workflow import CONTENT, HOUSING_COUNTS

UNKNOWN = _("不清楚")
MONEY = ("invested", *ARRIVED, *PAID)

PROJECT_RULE = _("目前阶段取最近一次登记。单位和类型取社区现在的归属。到位和支付取最近一次通过的月报。")
PROJECTS = (
    ExportColumn(_("社区"), "community", width=22),
    ExportColumn(_("编号"), "community.code", width=13),
    ExportColumn(_("项目"), "name", width=26),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("类型"), type_of, width=12),
    ExportColumn(_("设施"), "get_kind_display", width=16),
    ExportColumn(_("三个重点"), "priority_label", width=14),
    ExportColumn(_("目前阶段"), "stage_label", width=12),
    ExportColumn(_("到达日期"), "stage_on", Kind.DAY),
    ExportColumn(_("计划建成"), "planned_finish", Kind.DAY, missing=UNKNOWN),
    ExportColumn(_("亮灯"), "judged.word", width=9),
    ExportColumn(_("亮灯原因"), "judged.sentence", width=44),
    ExportColumn(_("曾亮红灯"), lambda row: _("是") if row.was_red else "", width=10),
    *(
        ExportColumn(
            format_lazy(_("计划{source}资金（万元）"), source=source.label), f"fund_{source}", Kind.DECIMAL, total=True
        )
        for source in Source
    ),
    ExportColumn(_("计划资金（万元）"), "fund_total", Kind.DECIMAL, width=15, total=True),
    ExportColumn(_("累计到位（万元）"), "arrived_total", Kind.DECIMAL, width=15, total=True),
    ExportColumn(_("累计支付（万元）"), "paid_total", Kind.DECIMAL, width=15, total=True),
    ExportColumn(_("计划套数"), "housing_planned", Kind.COUNT, missing="—", total=True),
    ExportColumn(_("重大项目编号"), "major_number", Kind.COUNT, missing="—"),
)


@dataclass(frozen=True)
class OrderingRow:
    """A project that violates an ordering rule, or one that is exempt from it."""

    rule: OrderingRule
    project: Any
    violation: Violation | None = None
    exemption: OrderingExemption | None = None

    @property
    def is_sample(self) -> bool:
        """Whether the project is sample data."""
        return bool(self.project.is_sample)

    @property
    def state(self) -> str:
        """What is the matter with it."""
        if self.violation is None:
            return _t("已豁免")
        return _t("不符") if self.violation.first_on else _t("不符，应当在先的还没有")


def _of(part: str, name: str) -> Callable[[Any], Any]:
    """A value of a row's violation or exemption; None where the row is the other."""
    read = attrgetter(name)
    return lambda row: None if getattr(row, part) is None else read(getattr(row, part))


ORDERING = (
    ExportColumn(_("规则"), "rule.name", width=16),
    ExportColumn(_("情况"), "state", width=22),
    ExportColumn(_("社区"), "project.community", width=22),
    ExportColumn(_("编号"), "project.community.code", width=13),
    ExportColumn(_("单位"), "project.place_unit", width=12),
    ExportColumn(_("先动的项目"), "project.name", width=24),
    ExportColumn(_("它的日期"), _of("violation", "then_on"), Kind.DAY),
    ExportColumn(_("应当在先的项目"), _of("violation", "first.name"), width=24),
    ExportColumn(_("它的日期"), _of("violation", "first_on"), Kind.DAY),
    ExportColumn(_("晚几天"), _of("violation", "days"), Kind.COUNT, missing="—"),
    ExportColumn(_("比什么"), "rule.get_measure_display", width=14),
    ExportColumn(_("豁免原因"), _of("exemption", "reason"), width=36),
    ExportColumn(_("同意人"), _of("exemption", "granted_by"), width=14),
    ExportColumn(_("同意时间"), _of("exemption", "granted_at"), Kind.MOMENT),
)


def _said(name: str) -> ExportColumn:
    """A column of what a report says, by the field's own label; money and homes with their unit in the head.

    None has a total: the list holds several months, and revisions, of one project.
    """
    field: Any = ProgressReport._meta.get_field(name)
    label = field.verbose_name
    if name == "percent":
        return ExportColumn(_("形象进度（%）"), name, Kind.COUNT, missing=UNKNOWN)
    if name in HOUSING_COUNTS:
        head = format_lazy(_("{label}（套）"), label=label)
        return ExportColumn(head, name, Kind.COUNT, missing="—")
    if name in MONEY:
        head = format_lazy(_("{label}（万元）"), label=label)
        return ExportColumn(head, name, Kind.DECIMAL, width=20, missing=UNKNOWN)
    if name == "stage_on":
        return ExportColumn(label, name, Kind.DAY)
    return ExportColumn(label, name, width=40 if name == "text" else 30)


REPORT_RULE = _(
    "每个项目每月一份，更正另算一版。通过之前只有本单位和市新社区办看得到。到位、支付和住房是累计数，各月不能相加，所以不合计。"
)
REPORTS = (
    ExportColumn(_("社区"), "project.community", width=22),
    ExportColumn(_("编号"), "project.community.code", width=13),
    ExportColumn(_("项目"), "project.name", width=26),
    ExportColumn(_("单位"), "place_unit", width=12),
    ExportColumn(_("月份"), "month", width=10),
    ExportColumn(_("版次"), "revision", Kind.COUNT),
    ExportColumn(_("状态"), "state_label", width=10),
    ExportColumn(_("迟报"), lambda row: _("迟报") if row.is_late else "", width=8),
    ExportColumn(_("阶段"), "get_stage_display", width=12),
    *(_said(name) for name in CONTENT if name != "stage"),
    ExportColumn(_("填报人"), "entered_by", width=14),
    ExportColumn(_("填报身份"), "get_entered_as_display", width=12),
    ExportColumn(_("最近提交"), "submitted_at", Kind.MOMENT),
)
