"""What the lists of communities and periods write as Excel."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.models import BuildCategory, CommunityType, Population, ReportingMonth, ReportingQuarter
from core.exports import ListExport
from core.periods import today
from core.xlsx import ExportColumn, Kind


def type_of(row: Any) -> str:
    """A community's present type in words; of a record that stands in one, likewise. Empty where it counts nowhere."""
    code = getattr(row, "place_type", None) or getattr(row, "type", None)
    return str(CommunityType(code).label) if code else ""


def population_of(row: Any) -> str:
    """The population a community is counted in, in words."""
    return str(Population(row.population).label) if row.population else _t("已撤并")


COMMUNITY_RULE = _("规划新社区和现有社区分开计算，不相加。归属、类型和口径取导出当天的。")
COMMUNITIES = (
    ExportColumn(_("社区"), "name", width=24),
    ExportColumn(_("编号"), "code", width=13),
    ExportColumn(_("单位"), "unit_name", width=12),
    ExportColumn(_("类型"), type_of, width=12),
    ExportColumn(_("口径"), population_of, width=14),
    ExportColumn(_("建设类别"), lambda row: dict(BuildCategory.choices).get(row.category), width=12),
    ExportColumn(_("试点"), lambda row: _t("试点") if row.is_pilot_on(today()) else "", width=8),
    ExportColumn(_("户数"), "households", Kind.COUNT, total=True),
    ExportColumn(_("人口"), "residents", Kind.COUNT, total=True),
)

PERIODS = (
    ExportColumn(_("期间"), str, width=12),
    ExportColumn(_("状态"), "get_state_display", width=12),
    ExportColumn(_("开放"), "opens_on", Kind.DAY),
    ExportColumn(_("截止"), "due_on", Kind.DAY),
    ExportColumn(_("改期原因"), "due_reason", width=40),
)


def periods_export(user: Any) -> ListExport:
    """Every month, then every quarter, newest first."""
    months, quarters = ReportingMonth.objects.visible_to(user), ReportingQuarter.objects.visible_to(user)
    return ListExport(
        title=_t("月份与季度"),
        columns=PERIODS,
        rows=chain(months, quarters),
        count=months.count() + quarters.count(),
        rule=_t("由市新社区办开放，月份由其关闭；晚于截止日期算迟报。"),
        place=months.place_words(user),
    )
