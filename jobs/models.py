"""The ledger: one row for each piece of work that must be done."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from jobs import registry
from jobs.querysets import JobQuerySet
from jobs.workflow import MOST_ATTEMPTS, JobState

_STATE_NAMES_THE_CLAIM = Q(state=JobState.RUNNING, token__isnull=False, lease_until__isnull=False) | (
    ~Q(state=JobState.RUNNING) & Q(token__isnull=True, lease_until__isnull=True)
)
_STATE_NAMES_THE_END = Q(state__in=[JobState.DONE, JobState.PARKED], finished_at__isnull=False) | Q(
    state__in=[JobState.WAITING, JobState.RUNNING], finished_at__isnull=True
)

TONES = {JobState.WAITING: "", JobState.RUNNING: "info", JobState.DONE: "ok", JobState.PARKED: "bad"}


class Job(models.Model):
    """A piece of background work, written in the transaction that makes it necessary.

    Kind and key say what is to be done, so two waiting rows for the same work are one. Its history is the
    row itself: attempts, the error of the last one, when it began and ended.
    """

    kind = models.CharField(_("作业"), max_length=50, help_text=_("做什么，由各模块登记。"))
    key = models.CharField(_("对象"), max_length=200, help_text=_("对哪个单位或哪条记录做。"))
    period = models.CharField(
        _("周期"), max_length=40, blank=True, help_text=_("定时作业的周期，同一周期只做一次；其他作业为空。")
    )
    payload = models.JSONField(_("输入"), default=dict, blank=True, help_text=_("只有编号，没有内容。"))
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=JobState,
        default=JobState.WAITING,
        help_text=_("三次没有成功就停放，等人处理。"),
    )
    attempts = models.PositiveSmallIntegerField(_("已试次数"), default=0, help_text=_("动手之前先记一次。"))
    # The database's clock, as in every comparison with it.
    run_after = models.DateTimeField(_("最早开始"), db_default=Now(), help_text=_("到这个时间才可以做。"))
    token = models.UUIDField(_("领取凭据"), null=True, blank=True, help_text=_("执行中才有；换了人，旧的就作废。"))
    lease_until = models.DateTimeField(
        _("领取有效期"), null=True, blank=True, help_text=_("过期没有动静的，收回重做。")
    )
    created_at = models.DateTimeField(_("登记时间"), db_default=Now(), help_text=_("记入台账的时间。"))
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True, help_text=_("最近一次领取的时间。"))
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True, help_text=_("完成或停放的时间。"))
    error = models.TextField(_("错误"), blank=True, help_text=_("最近一次失败的原因。"))
    result = models.JSONField(_("结果"), default=dict, blank=True, help_text=_("几个数字，供查看。"))

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台作业")
        verbose_name_plural = _("后台作业")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state=JobState.WAITING, period=""),
                name="job_waits_once",
                violation_error_message=_("同样的作业已在等待。"),
            ),
            models.UniqueConstraint(
                fields=["kind", "key", "period"],
                condition=~Q(period=""),
                name="job_once_a_period",
                violation_error_message=_("这个周期的作业已经登记过。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=JobState.values),
                name="job_state_known",
                violation_error_message=_("没有这种作业状态。"),
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=MOST_ATTEMPTS),
                name="job_attempts_bounded",
                violation_error_message=_("一个作业最多试三次。"),
            ),
            models.CheckConstraint(
                condition=_STATE_NAMES_THE_CLAIM,
                name="job_claim_while_running",
                violation_error_message=_("执行中的作业要有领取凭据和有效期，其他状态不能有。"),
            ),
            models.CheckConstraint(
                condition=_STATE_NAMES_THE_END,
                name="job_end_when_ended",
                violation_error_message=_("完成或停放的作业要有结束时间，其他状态不能有。"),
            ),
        ]
        indexes = [
            # The claim: the job that has waited longest.
            models.Index(fields=["run_after", "id"], condition=Q(state=JobState.WAITING), name="job_claim"),
            # "M changes pending" on every page with figures.
            models.Index(
                fields=["kind"], condition=Q(state__in=[JobState.WAITING, JobState.RUNNING]), name="job_pending"
            ),
            # The page: one state, newest first. The sweep: what is running, which is never much.
            models.Index(F("state"), F("id").desc(), name="job_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_label} {self.key} {self.period}".rstrip()

    @property
    def tone(self) -> str:
        """How the state's pill looks."""
        return TONES[JobState(self.state)]

    @property
    def is_parked(self) -> bool:
        """Whether it waits for a person."""
        return self.state == JobState.PARKED

    @property
    def kind_label(self) -> str:
        """The kind in words; its code where this process does not know it."""
        kind = registry.find(self.kind)
        return str(kind.label) if kind else self.kind
