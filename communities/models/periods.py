"""Reporting months and quarters: rows that the city office opens, never the clock."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communities import querysets
from communities.models.period_rules import period_rules
from core.history import tracked
from core.models import VersionedModel
from core.periods import Month, Quarter


class PeriodState(models.TextChoices):
    """States of a reporting period."""

    PLANNED = "planned", _("未开放")
    OPEN = "open", _("填报中")
    CLOSED = "closed", _("已关闭")


class ReportingPeriod(VersionedModel):
    """A period is a row: the city office opens it and may move its due date; the clock decides nothing."""

    year = models.PositiveSmallIntegerField(_("年"), help_text=_("四位年份。"))
    opens_on = models.DateField(_("开放日期"), help_text=_("从这一天起可以填报。"))
    due_on = models.DateField(_("截止日期"), help_text=_("晚于这一天算迟报。"))
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=PeriodState,
        default=PeriodState.PLANNED,
        help_text=_("未开放、填报中、已关闭。"),
    )
    due_reason = models.CharField(_("改期原因"), max_length=200, blank=True, help_text=_("改动截止日期时必填。"))

    class Meta:
        abstract = True


@tracked()
class ReportingMonth(ReportingPeriod):
    """A month for which county teams report."""

    number = models.PositiveSmallIntegerField(_("月"), help_text=_("1 到 12。"))

    objects = querysets.ReportingMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报月")
        verbose_name_plural = _("填报月")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="month_once", violation_error_message=_("这个月已经建过。")
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 12)), name="month_number", violation_error_message=_("月份是 1 到 12。")
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="month_due_after_opening",
                violation_error_message=_("截止日期不能早于开放日期。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PeriodState.values),
                name="month_state_known",
                violation_error_message=_("没有这个状态。"),
            ),
        ]
        triggers = [period_rules("make_date(NEW.year, NEW.number, 1)", closes=True)]

    def __str__(self) -> str:
        return str(self.month)

    @property
    def month(self) -> Month:
        """The calendar month."""
        return Month(self.year, self.number)


@tracked()
class ReportingQuarter(ReportingPeriod):
    """A quarter that is inspected, computed and published."""

    number = models.PositiveSmallIntegerField(_("季度"), help_text=_("1 到 4。"))
    published_on = models.DateField(
        _("公布日期"), null=True, blank=True, help_text=_("公布后，各单位可看到其他单位的数字和排名。")
    )

    objects = querysets.ReportingQuarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报季度")
        verbose_name_plural = _("填报季度")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="quarter_once", violation_error_message=_("这个季度已经建过。")
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 4)), name="quarter_number", violation_error_message=_("季度是 1 到 4。")
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="quarter_due_after_opening",
                violation_error_message=_("截止日期不能早于开放日期。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PeriodState.values),
                name="quarter_state_known",
                violation_error_message=_("没有这个状态。"),
            ),
        ]
        triggers = [period_rules("make_date(NEW.year, NEW.number * 3 - 2, 1)", closes=False, published=True)]

    def __str__(self) -> str:
        return str(self.quarter)

    @property
    def quarter(self) -> Quarter:
        """The calendar quarter."""
        return Quarter(self.year, self.number)

    @property
    def last_day(self) -> dt.date:
        """The day on which stocks are counted."""
        return self.quarter.last_day
