"""Days on which somebody is away, so that another may decide for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communities import querysets
from core.history import tracked
from core.models import SampleModel


@tracked()
class Absence(SampleModel):
    """From when to when a person of a unit is away. Their rights stay; the city office may stand in for reviewers."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="absences",
        verbose_name=_("人员"),
        help_text=_("谁不在岗。"),
    )
    first_day = models.DateField(_("第一天"), help_text=_("从这一天起不在岗。"))
    last_day = models.DateField(_("最后一天"), help_text=_("到这一天为止（含）不在岗。"))
    reason = models.CharField(_("事由"), max_length=200, help_text=_("如出差、学习、休假。"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("登记人"),
        help_text=_("谁登记的。"),
    )
    ended_on = models.DateField(
        _("返岗日期"), null=True, blank=True, help_text=_("提前返岗之日，从这一天起不再算不在岗；按期返岗的留空。")
    )

    objects = querysets.AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("不在岗")
        verbose_name_plural = _("不在岗")
        ordering = ["-first_day", "-pk"]
        indexes = [
            # Whether a person is away on a day: asked for every reviewer of a unit.
            models.Index(fields=["user", "first_day"], name="absence_by_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="absence_in_order",
                violation_error_message=_("最后一天不能早于第一天。"),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="absence_has_reason",
                violation_error_message=_("请写明事由。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.first_day} — {self.last_day}"
