"""Indicators of the quarterly inspection rounds."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from core.periods import Quarter
from dashboards.indicators.base import ONE, Rows, Sort, Weighed, with_place
from dashboards.indicators.programme import ProgrammeIndicator
from inspections.models import Inspection


class AverageScore(Weighed):
    """The mean of the totals of the submitted inspections of the quarter's round."""

    code = "average_score"
    label = _("检查平均分")
    measure = _("分")
    sort = Sort.MEAN
    places = 2
    amount_label = _("得分")
    rule = _("本季度检查轮次中已提交的检查，得分之和除以次数，每次检查同等；按社区在季度最后一天的归属。推定，待核定。")
    population_label = _("本季度的检查")
    subject = Inspection
    evidence_label = _("检查日期")

    def population(self, quarter: Quarter) -> Rows:
        return with_place(Inspection.objects.of_quarter(quarter), quarter.last_day, "community__")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(submitted_at__isnull=False)

    def amount(self, quarter: Quarter) -> Combinable:
        """The inspection's total."""
        return F("total")

    def base(self, quarter: Quarter) -> Combinable:
        """One inspection."""
        return ONE

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("inspected_on"), evidence=F("inspector__full_name"))


class InspectedShare(ProgrammeIndicator):
    """The share of programme communities with a submitted inspection in the quarter."""

    code = "inspected_share"
    label = _("检查覆盖率")
    measure = "%"
    sort = Sort.RATE
    rule = _("规划新社区中，本季度检查轮次有已提交检查的社区数，除以规划新社区数；先各自相加，最后相除。推定，待核定。")
    evidence_label = _("检查日期")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Exists(Inspection.objects.submitted().of_quarter(quarter).filter(community=OuterRef("pk")))

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        done = Inspection.objects.submitted().of_quarter(quarter).filter(community=OuterRef("pk"))
        return rows.annotate(evidence_on=Subquery(done.values("inspected_on")[:1]), evidence=Value(""))
