"""Indicators of the monthly reports: late ones, completeness and timeliness, computed from their content.

A month counts as `facilities.report_reads.unit_progress` counts it; a test holds the two together. The one difference:
a project stands in the unit of the quarter's last day, as in every other indicator, and not of each month's.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Exists, F, IntegerField, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from communities.models import PeriodState, Placement, ReportingMonth
from core.periods import Month, Quarter
from dashboards.indicators.base import Rows, Sort, Weighed, months_of, with_place
from dashboards.indicators.construction import ProjectIndicator
from dashboards.indicators.money import month_words
from facilities.models import ProgressReport, Project, StageEvent
from facilities.percent_ranges import PERCENT_OF_STAGE
from facilities.report_workflow import ReportState

NONE, ONE, TWO, THREE = (Value(number, output_field=IntegerField()) for number in range(4))


def one_if(condition: Any) -> Case:
    """As an expression: 1 where the condition holds, else 0."""
    return Case(When(condition, then=ONE), default=NONE)


def expected_in(month: Month) -> Any:
    """A condition on a project: the month was opened, and by its last day the project was registered, in a community
    that stood somewhere then.
    """
    opened = ReportingMonth.objects.exclude(state=PeriodState.PLANNED).filter(year=month.year, number=month.number)
    there = Placement.objects.on_day(month.last_day).filter(community=OuterRef("community"))
    return Q(Exists(opened), Exists(there), registered_on__lte=month.last_day)


def standing_of(month: Month) -> Any:
    """The outer project's standing report of a month, where one was handed in: one row at most."""
    rows = ProgressReport.objects.standing().exclude(state=ReportState.DRAFT)
    return rows.filter(project=OuterRef("pk"), month__year=month.year, month__number=month.number)


def each_month(quarter: Quarter, amount: Any) -> Combinable:
    """As an expression: the sum of `amount(month)` over the months for which a report is expected."""
    found: Combinable = NONE
    for month in months_of(quarter):
        found += Case(When(expected_in(month), then=amount(month)), default=NONE)
    return found


class ReportIndicator(Weighed, ProjectIndicator):
    """Projects of which a report was expected in the quarter, of whichever population."""

    population_label = _("应报月报的项目")
    evidence_label = _("最近提交日期")

    def population(self, quarter: Quarter) -> Rows:
        rows = with_place(Project.objects.all(), quarter.last_day, "community__")
        expected = Q()
        for month in months_of(quarter):
            expected |= Q(expected_in(month))
        return rows.filter(expected)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        submitted = self.shown_reports(quarter).annotate(on=Max(TruncDate("first_submitted_at")))
        return rows.annotate(evidence_on=Subquery(submitted.values("on")), evidence=Value(""))

    def shown_reports(self, quarter: Quarter) -> Any:
        """The outer project's reports of the quarter, as one group."""
        months = [month.number for month in months_of(quarter)]
        rows = ProgressReport.objects.standing().exclude(state=ReportState.DRAFT).filter(project=OuterRef("pk"))
        return rows.filter(month__year=quarter.year, month__number__in=months).order_by().values("project")


class LateReports(ReportIndicator):
    """Reports that carry the mark of being late."""

    code = "late_reports"
    label = _("迟报月报")
    measure = _("份")
    amount_label = _("迟报份数")
    rule = _(
        "季度最后一天在各单位的社区的项目，本季度已开放各月的月报中记了迟报的，每份计 1；每个项目每月一份，"
        "更正不另算；迟报记下后不再变。"
    )
    presumed = False

    def population(self, quarter: Quarter) -> Rows:
        late = each_month(quarter, lambda month: one_if(Exists(standing_of(month).late())))
        return super().population(quarter).annotate(late=late)

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(late__gt=0)

    def amount(self, quarter: Quarter) -> Combinable:
        """How many months."""
        return F("late")

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        late = self.shown_reports(quarter).late()
        submitted = late.annotate(on=Max(TruncDate("first_submitted_at")))
        named = late.annotate(named=StringAgg(month_words(), Value("、"), order_by="month__number"))
        return rows.annotate(evidence_on=Subquery(submitted.values("on")), evidence=Subquery(named.values("named")))


class Timeliness(ReportIndicator):
    """The share of expected reports that were handed in by the due date."""

    code = "report_timeliness"
    label = _("月报及时率")
    measure = "%"
    sort = Sort.RATE
    amount_label = _("及时份数")
    base_label = _("应报份数")
    rule = _(
        "本季度已开放各月，截止日前提交的月报份数除以应报份数（月底有归属的社区的项目每月一份）；按社区在季度最后一天的"
        "归属；先各自相加，最后相除。"
    )
    presumed = False

    def amount(self, quarter: Quarter) -> Combinable:
        """Months handed in and not late."""
        return each_month(quarter, lambda month: one_if(Exists(standing_of(month).filter(is_late=False))))

    def base(self, quarter: Quarter) -> Combinable:
        """Months expected."""
        return each_month(quarter, lambda month: ONE)


def _content(month: Month) -> Any:
    """The standing report with `filled` and `asked`: content that was given, and that its own content asks for."""
    outside = Q(pk__in=[])
    for stage, (low, high) in PERCENT_OF_STAGE.items():
        outside |= Q(stage=stage) & (Q(percent__lt=low) | Q(percent__gt=high))
    recorded = StageEvent.objects.stage_by(month.last_day, OuterRef("project"))
    moved = Q(stage_event__isnull=False) | ~Q(stage=F("recorded"))
    rows: Any = standing_of(month).annotate(recorded=recorded)
    filled: Combinable = ONE
    for given in (
        Q(percent__isnull=False),
        ~Q(text=""),
        moved & Q(stage_on__isnull=False),
        moved & ~Q(stage_basis=""),
        outside & ~Q(explanation=""),
    ):
        filled += one_if(given)
    asked = Case(When(moved, then=TWO), default=NONE) + one_if(outside)
    return rows.annotate(filled=filled, asked=asked)


def _of_report(month: Month, name: str) -> Combinable:
    return Coalesce(Subquery(_content(month).values(name)[:1]), NONE)


class Completeness(ReportIndicator):
    """The share of required content that was filled in."""

    code = "report_completeness"
    label = _("月报完整率")
    measure = "%"
    sort = Sort.RATE
    amount_label = _("已填项数")
    base_label = _("应填项数")
    rule = _(
        "本季度已开放各月，已交月报里填了的必填内容项数除以应填项数（阶段、形象进度、进展；阶段变了的还有日期和依据，"
        "进度对不上阶段的还有说明）；没有交的算没有填；按社区在季度最后一天的归属；先各自相加，最后相除。"
    )
    presumed = False

    def amount(self, quarter: Quarter) -> Combinable:
        """What was filled in."""
        return each_month(quarter, lambda month: _of_report(month, "filled"))

    def base(self, quarter: Quarter) -> Combinable:
        """What is required."""
        return each_month(quarter, lambda month: THREE + _of_report(month, "asked"))
