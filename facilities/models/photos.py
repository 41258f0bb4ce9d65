"""Photos as evidence of a stage."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import ReportingMonth
from communities.roles import Role
from core.attachments import StoredFileField
from core.history import tracked
from core.models import SampleModel
from facilities import photo_querysets
from facilities.models.photo_rules import PHOTO_RULES
from facilities.models.projects import Project
from facilities.report_workflow import REPORTERS
from facilities.workflow import Stage

FOLDER = "photos"
_CAPACITIES = [(role.value, role.label) for role in Role if role in REPORTERS]


# Where somebody stood is personal: it stays in the row, for those who may read it, and goes into no history.
@tracked(exclude=["taken_lat", "taken_lon"])
class Photo(SampleModel):
    """A photo that shows a project at a stage. Never changed and never deleted; it can be withdrawn until approval."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="photos", verbose_name=_("项目"), help_text=_("拍的哪个项目。")
    )
    month = models.ForeignKey(
        ReportingMonth,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="photos",
        verbose_name=_("月份"),
        help_text=_("随哪个月的月报；补登阶段的照片没有。"),
    )
    stage = models.PositiveSmallIntegerField(_("阶段"), choices=Stage, help_text=_("证明走到了哪一步。"))
    spot = models.CharField(
        _("位置"), max_length=30, blank=True, help_text=_("从哪里拍的，如“东门”；同一位置的前后照片会放在一起比。")
    )
    caption = models.CharField(_("图说"), max_length=100, blank=True, help_text=_("拍的是什么，可不填。"))

    original = StoredFileField(_("原件"), upload_to=FOLDER, max_length=200, editable=False, help_text=_("原样保存。"))
    display = StoredFileField(
        _("显示件"), upload_to=FOLDER, max_length=200, editable=False, help_text=_("重新压缩的，不带拍摄信息。")
    )
    thumb = StoredFileField(
        _("缩略图"), upload_to=FOLDER, max_length=200, editable=False, help_text=_("小图，不带拍摄信息。")
    )
    sha256 = models.CharField(_("原件散列"), max_length=64, editable=False, help_text=_("原件的 SHA-256。"))
    size = models.PositiveIntegerField(_("字节数"), editable=False, help_text=_("原件大小。"))
    width = models.PositiveIntegerField(_("宽"), editable=False, help_text=_("原件像素。"))
    height = models.PositiveIntegerField(_("高"), editable=False, help_text=_("原件像素。"))
    phash = models.BigIntegerField(_("图像指纹"), editable=False, help_text=_("看起来相像的图片，指纹只差几位。"))
    taken_at = models.DateTimeField(
        _("拍摄时间"), null=True, blank=True, editable=False, help_text=_("相机记下的时间；没有记的为空。")
    )
    taken_lat = models.DecimalField(
        _("拍摄纬度"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        editable=False,
        help_text=_("相机记下的；只有本单位和市新社区办看得到。"),
    )
    taken_lon = models.DecimalField(
        _("拍摄经度"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        editable=False,
        help_text=_("相机记下的；只有本单位和市新社区办看得到。"),
    )

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("上传人"),
        help_text=_("谁传的。"),
    )
    uploaded_as = models.CharField(
        _("上传身份"), max_length=20, choices=_CAPACITIES, editable=False, help_text=_("以什么岗位传的。")
    )
    uploaded_at = models.DateTimeField(_("上传时间"), default=timezone.now, editable=False, help_text=_("何时传的。"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("撤下人"),
        help_text=_("谁撤下的。"),
    )
    withdrawn_at = models.DateTimeField(
        _("撤下时间"), null=True, blank=True, editable=False, help_text=_("何时撤下的；没有撤下的为空。")
    )
    withdrawn_reason = models.CharField(
        _("撤下原因"), max_length=200, blank=True, help_text=_("为什么不用这张，如“传错项目”。")
    )

    objects = photo_querysets.PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        ordering = ["project", "uploaded_at", "pk"]
        indexes = [
            # The same file again.
            models.Index(fields=["sha256"], name="photo_same_file"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "month", "sha256"],
                condition=Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="photo_once_a_month",
                violation_error_message=_("这张照片已经传过了，不用再传。"),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="photo_stage_known",
                violation_error_message=_("没有这个阶段。"),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="photo_withdrawal_whole",
                violation_error_message=_("撤下照片请写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(taken_lat__isnull=True, taken_lon__isnull=True)
                | Q(taken_lat__range=(-90, 90), taken_lon__range=(-180, 180)),
                name="photo_place_whole",
                violation_error_message=_("拍摄地点要有经度和纬度。"),
            ),
            models.CheckConstraint(
                condition=Q(uploaded_as__in=[role.value for role in REPORTERS]),
                name="photo_uploaded_as_known",
                violation_error_message=_("照片由县专班或市新社区办上传。"),
            ),
        ]
        triggers = [PHOTO_RULES]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_stage_display()} · {self.pk}"

    def get_absolute_url(self) -> str:
        """The photo's own page."""
        return reverse("facilities:photo", args=[self.pk])

    @property
    def words(self) -> str:
        """What it shows, for who does not see it."""
        return " · ".join(filter(None, [str(self.project), self.get_stage_display(), self.spot, self.caption]))

    @property
    def shown_at(self) -> dt.datetime:
        """When it was taken; where the camera noted nothing, when it was uploaded."""
        return self.taken_at or self.uploaded_at
