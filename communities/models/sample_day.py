"""The day that stands for today in a sample city."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SampleDay(models.Model):
    """The day that stands for today in a sample city, so that its due dates lie around it. A real city has none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    day = models.DateField(_("示例日期"), help_text=_("示例城市的“今天”：只用于判断快到期、已逾期和预填日期。"))

    class Meta:
        verbose_name = _("示例日期")
        verbose_name_plural = _("示例日期")
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="sample_day_once", violation_error_message=_("示例日期只有一个。")
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"
