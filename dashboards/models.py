"""Figures, the marks that say what is stale, and the register of published figures."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models import ReportingQuarter, ReportingUnit
from core.history import tracked
from dashboards import marks as marks
from dashboards import querysets


class CellType(models.TextChoices):
    """The community type of a cell; `none` where the subject stands in no community."""

    CITY = "city", _("城市")
    TOWN = "town", _("城镇")
    RURAL = "rural", _("农村")
    NONE = "none", _("不在社区")


class Figure(models.Model):
    """A stored sum of facts: one indicator, quarter, unit and type. Every “all” is summed when it is read."""

    indicator = models.CharField(_("指标"), max_length=30, help_text=_("指标代码。"))
    quarter = models.ForeignKey(
        ReportingQuarter, models.CASCADE, related_name="figures", verbose_name=_("季度"), help_text=_("哪个季度。")
    )
    unit = models.ForeignKey(
        ReportingUnit, models.CASCADE, related_name="figures", verbose_name=_("单位"), help_text=_("哪个单位。")
    )
    type = models.CharField(_("类型"), max_length=5, choices=CellType, help_text=_("哪个类型。"))
    numerator = models.DecimalField(_("分子"), max_digits=14, decimal_places=2, help_text=_("事实分子之和。"))
    denominator = models.DecimalField(
        _("分母"), max_digits=14, decimal_places=2, null=True, blank=True, help_text=_("率才有；事实分母之和。")
    )
    records = models.PositiveIntegerField(_("记录数"), help_text=_("由几条事实相加。"))
    computed_at = models.DateTimeField(_("计算时间"), help_text=_("何时算出。"))

    objects = querysets.FigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("数字")
        verbose_name_plural = _("数字")
        constraints = [
            # Also the index for the leadership page: one quarter's cells of every indicator.
            models.UniqueConstraint(
                fields=["quarter", "indicator", "unit", "type"],
                name="figure_one_cell",
                violation_error_message=_("同一格只有一个数字。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.quarter} {self.unit} {self.type}: {self.numerator}"


class Mark(models.Model):
    """A unit's records changed. Appended by triggers, without any unique key: an upsert would deadlock the users."""

    unit = models.ForeignKey(
        ReportingUnit,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("单位"),
        help_text=_("空表示所有单位。"),
    )
    source = models.CharField(_("来源表"), max_length=60, help_text=_("哪张表变了。"))
    created_at = models.DateTimeField(_("时间"), help_text=_("何时变的。"))

    objects = querysets.MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("待汇总标记")
        verbose_name_plural = _("待汇总标记")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.source}"


@tracked()
class PublishedFigure(models.Model):
    """A figure that was published, with its date and source. Shown beside the computed one, never mixed with it."""

    indicator = models.CharField(_("指标"), max_length=30, help_text=_("指标代码。"))
    year = models.PositiveSmallIntegerField(_("年"), help_text=_("对应的季度。"))
    number = models.PositiveSmallIntegerField(_("季度"), help_text=_("1 到 4。"))
    type = models.CharField(_("类型"), max_length=5, default="all", help_text=_("city、town、rural 或 all。"))
    value = models.DecimalField(_("公布数"), max_digits=14, decimal_places=2, help_text=_("公布的值；率为百分数。"))
    published_on = models.DateField(_("公布日期"), help_text=_("何时公布。"))
    wording = models.CharField(_("原文"), max_length=200, help_text=_("原文怎么说。"))
    source = models.CharField(_("来源"), max_length=300, help_text=_("出处。"))

    objects = querysets.PublishedFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("公布数")
        verbose_name_plural = _("公布数")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "number", "type", "published_on"],
                name="published_once",
                violation_error_message=_("这个公布数已经登记。"),
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 4)),
                name="published_quarter",
                violation_error_message=_("季度是 1 到 4。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}Q{self.number} {self.value}"

    def agrees_with(self, computed: Decimal | None) -> bool:
        """Whether a computed value rounds to the published one, at the one decimal that is published."""
        return computed is not None and round(computed, 1) == round(self.value, 1)


class LastLook(models.Model):
    """When a person last had their first page before them, so that it can say what changed since.

    It is theirs alone: nobody else reads it, no page lists it, and no history of it is kept.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("人员"),
        help_text=_("谁。"),
    )
    looked_at = models.DateTimeField(_("上次查看"), help_text=_("首页最近一次显示在本人面前的时间。"))
    previous = models.DateTimeField(
        _("再前一次"), null=True, blank=True, help_text=_("这次查看之前的那一次；第一次查看时为空。")
    )

    objects = querysets.LastLookQuerySet.as_manager()

    class Meta:
        verbose_name = _("上次查看")
        verbose_name_plural = _("上次查看")
        constraints = [
            models.CheckConstraint(
                condition=Q(previous__isnull=True) | Q(previous__lt=models.F("looked_at")),
                name="look_in_order",
                violation_error_message=_("再前一次应早于上次查看。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.looked_at}"


@tracked()
class Display(models.Model):
    """How figures are shown to everybody: one row, set by the city office. Without it everything is shown."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False, help_text=_("只有一行。"))
    ranking = models.BooleanField(
        _("排名"), default=True, help_text=_("不排名时，对所有人都按法定顺序列出得分，没有名次和名次变化。")
    )
    reason = models.CharField(_("原因"), max_length=200, help_text=_("为什么改成这样。"))

    objects = querysets.DisplayQuerySet.as_manager()

    class Meta:
        verbose_name = _("展示设置")
        verbose_name_plural = _("展示设置")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="display_one_row", violation_error_message=_("展示设置只有一行。")
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="display_has_reason", violation_error_message=_("请写明原因。")
            ),
        ]

    def __str__(self) -> str:
        return str(_("按名次") if self.ranking else _("不排名"))
