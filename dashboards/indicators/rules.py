"""Indicators of how works stand against their plan and the city's rules: lights, and what went before its turn.

The rules and thresholds are data, so a statement that asks for them is only good as long as they are what they were:
`in_force` says what it depends on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from communities.models import PeriodState, Placement, ReportingMonth
from core.periods import Quarter
from dashboards.indicators.base import Rows
from dashboards.indicators.construction import ProjectIndicator
from facilities.lights import GREEN, NOT_DUE, RED, UNKNOWN, YELLOW, with_light
from facilities.models import LightThreshold, OrderingRule, Project, RedMark, StageEvent
from facilities.ordering import violating
from facilities.workflow import Stage


def judged_on(quarter: Quarter) -> dt.date:
    """The day on which lights are judged: the quarter's last, or of its newest opened month while later ones are not.

    No clock decides it, so a figure stays what its records say until somebody changes a record.
    """
    opened = _newest_opened()
    return min(quarter.last_day, opened.month.last_day) if opened else quarter.last_day


def in_force() -> Hashable:
    """What the statements of this module depend on beside the records: month, thresholds, ordering rules. 3 queries."""
    opened, thresholds = _newest_opened(), tuple(LightThreshold.objects.order_by("pk").values_list())
    rules = tuple(OrderingRule.objects.order_by("pk").values_list())
    return opened.month if opened else None, thresholds, rules


def _newest_opened() -> ReportingMonth | None:
    return ReportingMonth.objects.exclude(state=PeriodState.PLANNED).order_by("-year", "-number").first()


class LightIndicator(ProjectIndicator):
    """Projects with one light."""

    light: str
    evidence_label = _("计划建成")

    def population(self, quarter: Quarter) -> Rows:
        return with_light(super().population(quarter), judged_on(quarter))

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(light=self.light)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("planned_finish"), evidence=Value(""))


class YellowLights(LightIndicator):
    """Projects that lag behind."""

    code = "yellow_lights"
    label = _("黄灯项目")
    light = YELLOW
    rule = _(
        "规划新社区的项目中，到季度最后一天（月份还没有都开放的，到最新已开放月份的月底）按亮灯标准亮黄灯的，每个计 1。"
        "推定，待核定。"
    )


class RedLights(LightIndicator):
    """Projects that lag far behind."""

    code = "red_lights"
    label = _("红灯项目")
    light = RED
    rule = _(
        "规划新社区的项目中，到季度最后一天（月份还没有都开放的，到最新已开放月份的月底）按亮灯标准亮红灯的，每个计 1。"
        "推定，待核定。"
    )


class GreenLights(LightIndicator):
    """Projects that keep to their plan."""

    code = "green_lights"
    label = _("绿灯项目")
    light = GREEN
    rule = _(
        "规划新社区的项目中，到季度最后一天（月份还没有都开放的，到最新已开放月份的月底）按亮灯标准亮绿灯的，每个计 1。"
        "推定，待核定。"
    )


class NotDueLights(LightIndicator):
    """Projects whose planned start has not come yet."""

    code = "not_due_lights"
    label = _("未到期项目")
    light = NOT_DUE
    rule = _(
        "规划新社区的项目中，到季度最后一天（月份还没有都开放的，到最新已开放月份的月底）没有动工、"
        "也还没到计划开工日期的，每个计 1。推定，待核定。"
    )


class UnknownLights(LightIndicator):
    """Projects of which too little is known to judge them; with the other four lights they make up `projects`."""

    code = "unknown_lights"
    label = _("不判断项目")
    light = UNKNOWN
    rule = _(
        "规划新社区的项目中，到季度最后一天（月份还没有都开放的，到最新已开放月份的月底）没有亮灯标准、"
        "没有完整的计划或没有报过形象进度，因而不判断的，每个计 1。推定，待核定。"
    )


class OnceRed(ProjectIndicator):
    """Projects whose light was ever marked red."""

    code = "once_red"
    label = _("曾亮红灯项目")
    rule = _("规划新社区的项目中，到季度最后一天记过红灯的，每个计 1；恢复以后仍计。推定，待核定。")
    evidence_label = _("首次亮红灯")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Exists(self._marks(quarter))

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        first = self._marks(quarter).order_by("red_on", "pk")
        return rows.annotate(
            evidence_on=Subquery(first.values("red_on")[:1]), evidence=Subquery(first.values("sentence")[:1])
        )

    def _marks(self, quarter: Quarter) -> Any:
        return RedMark.objects.by(quarter.last_day).filter(project=OuterRef("pk"))


class OutOfOrder(ProjectIndicator):
    """Projects that went before what should have come first."""

    code = "out_of_order"
    label = _("违反建设顺序项目")
    rule = _(
        "规划新社区的项目中，到季度最后一天违反任何一条建设顺序规则（三先三后、三个优先）又没有豁免的，每个计 1。"
        "推定，待核定。"
    )
    evidence_label = _("开工日期")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return self._violates(quarter, None)

    def within(self, quarter: Quarter, unit: int) -> list[Rows]:
        """Judges the unit's projects alone: a community stands in one unit, and a rule looks at one community."""
        there = Placement.objects.on_day(quarter.last_day).filter(unit=unit).values("community")
        rows = self.population(quarter).annotate(
            counted=self._violates(quarter, Project.objects.filter(community__in=there))
        )
        return [self.counting(rows.filter(counted=True, fact_unit=unit))]

    def _violates(self, quarter: Quarter, rows: Any) -> Q:
        found = Q(pk__in=[])
        for rule in OrderingRule.objects.all():
            found |= Q(pk__in=violating(rule, quarter.last_day, rows).values("pk"))
        return found

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        first = StageEvent.objects.since(Stage.STARTED, quarter.last_day, OuterRef("pk"))
        return rows.annotate(evidence_on=Subquery(first.values("occurred_on")[:1]), evidence=Value(""))
