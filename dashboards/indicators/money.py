"""Indicators of construction money, in 万元: planned, invested, arrived, paid, and the two rates of money.

What was true on the quarter's day is what the approved reports of its last month and before say. An amount that
nobody knows is left out and listed as not counted; it is never 0.
"""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar, Self

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, LPad, TruncDate
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.periods import Quarter
from dashboards.indicators.base import NUMBER, ZERO, Rows, Sort, Weighed, months_of
from dashboards.indicators.construction import ProjectIndicator
from facilities.models import ProgressReport
from facilities.money import ARRIVED, FUNDS, PAID, Source, total_of


def any_known(names: tuple[str, ...]) -> Q:
    """A condition: at least one of the amounts is known."""
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__isnull": False})
    return found


def known_sum(names: tuple[str, ...]) -> Combinable:
    """As an expression: the sum of what is known; NULL where nothing is."""
    return Case(When(any_known(names), then=total_of(*names)), output_field=NUMBER)


def approved_by(quarter: Quarter) -> Any:
    """Approved reports of the outer project, of the quarter's last month and before."""
    last = months_of(quarter)[-1]
    until = Q(month__year__lt=last.year) | Q(month__year=last.year, month__number__lte=last.number)
    return ProgressReport.objects.approved().filter(until, project=OuterRef("pk"))


def newest_report(quarter: Quarter) -> Any:
    """What was approved last of the outer project."""
    return approved_by(quarter).newest_first()


def cumulative(names: tuple[str, ...], quarter: Quarter) -> Combinable:
    """As an expression: a cumulative amount of the newest approved report; NULL where it is not known."""
    return Subquery(newest_report(quarter).annotate(total=known_sum(names)).values("total")[:1], output_field=NUMBER)


def invested_in_reports(quarter: Quarter) -> Combinable:
    """As an expression: what the standing reports add up to; NULL where none says anything."""
    sums = approved_by(quarter).newest_approved().order_by().values("project").annotate(total=Sum("invested"))
    return Subquery(sums.values("total"), output_field=NUMBER)


def month_words(prefix: str = "month__") -> Combinable:
    """As an expression: `2013-12`."""
    number = LPad(Cast(f"{prefix}number", CharField()), 2, Value("0"))
    return Concat(Cast(f"{prefix}year", CharField()), Value("-"), number, output_field=CharField())


class MoneyIndicator(Weighed, ProjectIndicator):
    """Adds up amounts of projects. The evidence is the report that says so."""

    measure: ClassVar[str | Promise] = _("万元")
    places = 2
    evidence_label = _("月报通过日期")

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        newest = newest_report(quarter).annotate(on=TruncDate("reviewed_at"), named=month_words())
        return rows.annotate(
            evidence_on=Subquery(newest.values("on")[:1]), evidence=Subquery(newest.values("named")[:1])
        )


class FundsIndicator(MoneyIndicator):
    """Adds up what the sources give, all five unless `of_source` picks one."""

    # The amounts by source, in the order of `Source`.
    names: tuple[str, ...]

    def of_source(self, source: Source) -> Self:
        """The same indicator for one source, under a code of its own."""
        one = copy(self)
        one.names, one.code = (self.names[list(Source).index(source)],), f"{self.code}_{source.value}"
        one.label = format_lazy("{label} · {source}", label=self.label, source=source.label)
        one.rule = format_lazy(_("五个来源里只取“{source}”。{rule}"), source=source.label, rule=self.rule)
        return one


class PlannedFunds(FundsIndicator):
    """Planned money of all sources."""

    code = "funds_planned"
    label = _("计划资金")
    amount_label = _("计划资金（万元）")
    names = FUNDS
    rule = _("规划新社区的项目登记的计划资金，中央、省、市、县、社会五项之和，万元；五项都不清楚的项目不计入。")
    presumed = False
    evidence_label = _("计划建成")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return any_known(self.names)

    def amount(self, quarter: Quarter) -> Combinable:
        """What is known of the sources."""
        return total_of(*self.names)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("planned_finish"), evidence=Value(""))


class Invested(MoneyIndicator):
    """What was invested so far."""

    code = "invested"
    label = _("累计完成投资")
    amount_label = _("完成投资（万元）")
    rule = _(
        "规划新社区的项目，建档前投资加季度最后一月及以前各月已通过月报的本月完成投资，万元；更正过的月份按更正后的数；"
        "都没有填过的项目不计入。"
    )
    presumed = False

    def population(self, quarter: Quarter) -> Rows:
        return super().population(quarter).annotate(reported=invested_in_reports(quarter))

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(invested_before__isnull=False) | Q(reported__isnull=False)

    def amount(self, quarter: Quarter) -> Combinable:
        """What stood before the first report, and what the reports add."""
        return Coalesce(F("invested_before"), ZERO) + Coalesce(F("reported"), ZERO)


class CumulativeFunds(FundsIndicator):
    """A cumulative amount of the newest approved report."""

    def population(self, quarter: Quarter) -> Rows:
        return super().population(quarter).annotate(reported=cumulative(self.names, quarter))

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(reported__isnull=False)

    def amount(self, quarter: Quarter) -> Combinable:
        """As the report says."""
        return F("reported")


class ArrivedFunds(CumulativeFunds):
    """What has arrived so far."""

    code = "funds_arrived"
    label = _("到位资金")
    amount_label = _("累计到位（万元）")
    names = ARRIVED
    rule = _(
        "规划新社区的项目，季度最后一月及以前最新一份已通过月报的累计到位，五个来源之和，万元；没有填过的项目不计入。"
    )
    presumed = False


class PaidFunds(CumulativeFunds):
    """What was paid so far."""

    code = "funds_paid"
    label = _("支付资金")
    amount_label = _("累计支付（万元）")
    names = PAID
    rule = _(
        "规划新社区的项目，季度最后一月及以前最新一份已通过月报的累计支付，五个来源之和，万元；没有填过的项目不计入。"
    )
    presumed = False


class OfPlannedFunds(MoneyIndicator):
    """A share of the planned money, of those projects whose plan is known."""

    measure = "%"
    sort = Sort.RATE
    base_label = _("计划资金（万元）")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return any_known(FUNDS)

    def base(self, quarter: Quarter) -> Combinable:
        """The planned money."""
        return total_of(*FUNDS)


class InvestedRate(OfPlannedFunds):
    """What was invested of what is planned."""

    code = "invested_rate"
    label = _("投资完成率")
    amount_label = _("完成投资（万元）")
    rule = _(
        "规划新社区中计划资金清楚的项目，累计完成投资之和除以计划资金之和；没有填过投资的按没有完成算；"
        "先各自相加，最后相除。推定，待核定。"
    )

    def amount(self, quarter: Quarter) -> Combinable:
        """What was invested; what nobody told adds nothing."""
        return Coalesce(F("invested_before"), ZERO) + Coalesce(invested_in_reports(quarter), ZERO)


class ArrivedRate(OfPlannedFunds):
    """What has arrived of what is planned."""

    code = "arrived_rate"
    label = _("资金到位率")
    amount_label = _("累计到位（万元）")
    rule = _(
        "规划新社区中计划资金清楚的项目，累计到位之和除以计划资金之和；没有填过到位的按没有到位算；"
        "先各自相加，最后相除。推定，待核定。"
    )

    def amount(self, quarter: Quarter) -> Combinable:
        """What has arrived; what nobody told adds nothing."""
        return Coalesce(cumulative(ARRIVED, quarter), ZERO)
