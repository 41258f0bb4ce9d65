"""Lights of projects: the thresholds with their dates, and the mark of a light that was red once.

Source of the first thresholds: public rules of other places (银川 2025: 10 to 30 percentage points behind schedule
yellow, more red; a start missed for three months red; 瓯海 2020: what was red keeps its mark). None is a rule of this
city, so they are presumed (推定) until the city office says otherwise.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import SampleModel, VersionedModel
from facilities import light_querysets
from facilities.models.projects import Project


@tracked()
class LightThreshold(VersionedModel):
    """From a day on, how far behind its plan a project must be for a yellow and for a red light."""

    valid_from = models.DateField(_("起始日期"), unique=True, help_text=_("从哪天起按这一套；到下一套起始为止。"))
    yellow_points = models.PositiveSmallIntegerField(
        _("黄灯：落后"), help_text=_("形象进度比序时进度少这么多个百分点起亮黄灯。")
    )
    red_points = models.PositiveSmallIntegerField(
        _("红灯：落后"), help_text=_("形象进度比序时进度少的超过这么多个百分点亮红灯。")
    )
    start_red_days = models.PositiveSmallIntegerField(
        _("红灯：未开工"), help_text=_("过了计划开工日这么多天还没动工亮红灯；不到的亮黄灯。")
    )
    finish_red_days = models.PositiveSmallIntegerField(
        _("红灯：未建成"), help_text=_("过了计划建成日这么多天还没建成亮红灯；不到的亮黄灯。")
    )
    source = models.CharField(_("出处"), max_length=200, help_text=_("这一套标准从哪来。"))
    presumed = models.BooleanField(_("推定"), default=True, help_text=_("没有本市文件依据，待市新社区办核定。"))

    objects = light_querysets.LightThresholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("亮灯标准")
        verbose_name_plural = _("亮灯标准")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(red_points__gt=F("yellow_points"), red_points__lte=100),
                name="light_red_after_yellow",
                violation_error_message=_("红灯的百分点要比黄灯大，不超过 100。"),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(day)s 起的亮灯标准")) % {"day": self.valid_from}

    def get_absolute_url(self) -> str:
        """Its place among the rules."""
        return f"{reverse('facilities:rules')}#lightthreshold"


@tracked()
class RedMark(SampleModel):
    """A project's light was red on a day. The mark stays when the light recovers."""

    append_only = True

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="red_marks", verbose_name=_("项目"), help_text=_("哪个项目。")
    )
    red_on = models.DateField(_("亮红灯日期"), help_text=_("从哪天起亮红灯。"))
    sentence = models.CharField(_("原因"), max_length=200, help_text=_("当时为什么亮红灯。"))
    recorded_at = models.DateTimeField(_("记录时间"), default=timezone.now, help_text=_("何时记下的。"))

    objects = light_querysets.RedMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("红灯记录")
        verbose_name_plural = _("红灯记录")
        ordering = ["-red_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "red_on"],
                name="red_mark_once_a_day",
                violation_error_message=_("这个项目这一天已经记过红灯。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.red_on}"
