"""Notices and their deliveries."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import SampleModel
from notices import channels, registry
from notices.delivery_rules import STAYS
from notices.querysets import DeliveryQuerySet, NoticeQuerySet
from notices.workflow import PORTAL, DeliveryState, Tone


@tracked()
class Notice(SampleModel):
    """Something that people are told, once: kind, subject and step together are sent a single time.

    Nobody changes it afterwards; the portal's database role cannot.
    """

    append_only = True

    kind = models.CharField(_("种类"), max_length=50, help_text=_("哪一种通知，由各模块登记。"))
    about = models.CharField(_("事由编码"), max_length=100, help_text=_("说的是哪件事，如哪个月、哪个单位的月报。"))
    step = models.CharField(_("步骤编码"), max_length=60, help_text=_("同一件事的第几次提醒；同一步只发一次。"))
    title = models.CharField(_("标题"), max_length=200, help_text=_("一句话说清什么事。"))
    body = models.TextField(_("内容"), blank=True, help_text=_("缺什么、到什么时候、怎么办。"))
    link = models.CharField(_("办理页面"), max_length=300, blank=True, help_text=_("本平台内的页面，打开就能办。"))
    tone = models.CharField(_("缓急"), max_length=10, choices=Tone, default=Tone.INFO, help_text=_("有多急。"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices_sent",
        verbose_name=_("发送人"),
        help_text=_("谁发的；到期自动发的为空。"),
    )
    created_at = models.DateTimeField(_("发出时间"), default=timezone.now, help_text=_("什么时候发的。"))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-pk"]
        indexes = [
            # What somebody sent, newest first.
            models.Index(fields=["sender", "-id"], name="notice_by_sender"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "step"],
                name="notice_once",
                violation_error_message=_("同一件事的这一步已经通知过。"),
            ),
            models.CheckConstraint(
                condition=Q(tone__in=Tone.values),
                name="notice_tone_known",
                violation_error_message=_("没有这种缓急。"),
            ),
            # A path of the portal: neither another site (`//…`) nor a script.
            models.CheckConstraint(
                condition=Q(link="") | Q(link__regex=r"^/([^/\\].*)?$"),
                name="notice_link_inside",
                violation_error_message=_("办理页面只能是本平台内的地址。"),
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(about="") & ~Q(step=""),
                name="notice_says_what",
                violation_error_message=_("通知要有标题和事由。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The notice's own page."""
        return reverse("notices:detail", args=[self.pk])

    @property
    def kind_label(self) -> str:
        """The kind in words; its code where this process does not know it."""
        kind = registry.find(self.kind)
        return str(kind.label) if kind else self.kind

    @property
    def unsigned_names(self) -> str:
        """Who has not signed, where the rows were read with `unsigned`."""
        return "、".join(str(row.recipient) for row in getattr(self, "unsigned", []))

    @property
    def sender_label(self) -> str:
        """Who sent it, in words."""
        return str(self.sender) if self.sender is not None else str(_("自动提醒"))


@tracked()
class Delivery(models.Model):
    """One notice for one person by one channel; the one in the portal is signed for by that person alone."""

    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="deliveries", verbose_name=_("通知"), help_text=_("哪条通知。")
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="notices_received",
        verbose_name=_("收件人"),
        help_text=_("发给谁；只有本人可以签收。"),
    )
    channel = models.CharField(
        _("渠道"), max_length=20, default=PORTAL, help_text=_("平台内，或配置的短信、企业微信等渠道。")
    )
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=DeliveryState,
        default=DeliveryState.WAITING,
        help_text=_("平台内的随通知送达；外部渠道由后台发送。"),
    )
    sent_at = models.DateTimeField(_("送达时间"), null=True, blank=True, help_text=_("送到的时间。"))
    error = models.CharField(_("失败原因"), max_length=300, blank=True, help_text=_("没有送到的原因。"))
    seen_at = models.DateTimeField(_("看到时间"), null=True, blank=True, help_text=_("本人第一次打开看到的时间。"))
    signed_at = models.DateTimeField(_("签收时间"), null=True, blank=True, help_text=_("本人签收的时间，签后不能撤。"))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("送达")
        verbose_name_plural = _("送达")
        ordering = ["-pk"]
        triggers = [STAYS]
        indexes = [
            # The bell on every page: how many are not signed for yet.
            models.Index(
                fields=["recipient"], condition=Q(channel=PORTAL, signed_at__isnull=True), name="delivery_unsigned"
            ),
            # Somebody's own notices, newest first.
            models.Index(fields=["recipient", "-id"], name="delivery_by_recipient"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "recipient", "channel"],
                name="delivery_once",
                violation_error_message=_("这条通知已经发给过这个人。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values),
                name="delivery_state_known",
                violation_error_message=_("没有这种送达状态。"),
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_has_time",
                violation_error_message=_("送达的要有送达时间，没送达的不能有。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.FAILED) | ~Q(error=""),
                name="delivery_failed_has_reason",
                violation_error_message=_("发送失败要写原因。"),
            ),
            models.CheckConstraint(
                condition=Q(channel=PORTAL) | Q(seen_at__isnull=True, signed_at__isnull=True),
                name="delivery_signed_in_portal",
                violation_error_message=_("只能在平台内签收。"),
            ),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(sent_at__isnull=False, seen_at__gte=F("sent_at")),
                name="delivery_seen_after_sent",
                violation_error_message=_("看到的时间不能早于送达。"),
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(seen_at__isnull=False, signed_at__gte=F("seen_at")),
                name="delivery_signed_after_seen",
                violation_error_message=_("签收的时间不能早于看到。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} · {self.channel_label}"

    def get_absolute_url(self) -> str:
        """The notice's page."""
        return reverse("notices:detail", args=[self.notice_id])

    @property
    def channel_label(self) -> str:
        """The channel in words; its code where it is not set up (any more)."""
        return channels.label_of(self.channel)

    @property
    def tone(self) -> str:
        """How the state's pill looks."""
        if self.signed_at is not None:
            return "ok"
        return "bad" if self.state == DeliveryState.FAILED else "warn" if self.channel == PORTAL else ""

    @property
    def words(self) -> str:
        """How far it is, in words."""
        if self.channel != PORTAL:
            return str(self.get_state_display())
        if self.signed_at is not None:
            return str(_("已签收"))
        return str(_("已看，未签收")) if self.seen_at is not None else str(_("未签收"))
