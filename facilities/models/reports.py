"""What a county reports of a project for a month."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communities.models import PeriodState, ReportingMonth
from communities.roles import Role
from core.history import tracked
from core.models import SampleModel, VersionedModel
from facilities import report_querysets
from facilities.models.projects import Project, StageEvent
from facilities.models.report_rules import REPORT_RULES
from facilities.money import ARRIVED, PAID, money_field, none_negative
from facilities.report_workflow import DECISIONS, OPEN, REPORTERS, REVIEWERS, ReportState, in_time
from facilities.workflow import Stage

_FILED = [state.value for state in ReportState if state not in OPEN]
_DECIDED = sorted(state.value for state in DECISIONS)
_CAPACITIES = [(role.value, role.label) for role in Role]


def _person(label: Any, help_text: Any, *, null: bool = True) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=null,
        blank=null,
        editable=False,
        related_name="+",
        verbose_name=label,
        help_text=help_text,
    )


@tracked()
class ProgressReport(VersionedModel, SampleModel):
    """One project's report for one month. It belongs to the unit, not to the person who fills it in.

    Revision 1 is the month's report, 2 and more correct an approved one. Once approved a row never changes; the
    rules that hold across rows are the database's (`report_rules`).
    """

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="reports", verbose_name=_("项目"), help_text=_("报哪个项目。")
    )
    month = models.ForeignKey(
        ReportingMonth, models.PROTECT, related_name="reports", verbose_name=_("月份"), help_text=_("报哪个月。")
    )
    revision = models.PositiveSmallIntegerField(
        _("版次"), default=1, editable=False, help_text=_("1 是月报，2 起是更正。")
    )
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=ReportState,
        default=ReportState.DRAFT,
        help_text=_("草稿、待审核、被退回、已通过。"),
    )

    stage = models.PositiveSmallIntegerField(_("阶段"), choices=Stage, help_text=_("到月底走到哪一步。"))
    stage_on = models.DateField(
        _("到达日期"), null=True, blank=True, help_text=_("实际到达这一步的日期；阶段没有变化的不用改。")
    )
    stage_basis = models.CharField(
        _("认定依据"), max_length=100, blank=True, help_text=_("如施工许可证、开工报告、验收单。")
    )
    stage_reason = models.CharField(
        _("阶段退回原因"), max_length=200, blank=True, help_text=_("阶段改了却没有前进时必填；前进的不用写。")
    )
    percent = models.PositiveSmallIntegerField(
        _("形象进度"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100, message=_("形象进度是 0 到 100 的整数。"))],
        help_text=_("到月底完成的工程量占整个项目的百分之几，按投资折算；0 到 100 的整数。推定，待核定。"),
    )
    invested = money_field(_("本月完成投资"), _("这个月完成的投资，万元；没有的填 0。累计由系统算。"))
    arrived_central = money_field(_("累计到位：中央"), _("到月底累计到位的中央资金，万元。"))
    arrived_province = money_field(_("累计到位：省级"), _("到月底累计到位的省级资金，万元。"))
    arrived_city = money_field(_("累计到位：市级"), _("到月底累计到位的市级资金，万元。"))
    arrived_county = money_field(_("累计到位：县级"), _("到月底累计到位的县级资金，万元。"))
    arrived_social = money_field(_("累计到位：社会"), _("到月底累计到位的社会资金，万元。"))
    paid_central = money_field(_("累计支付：中央"), _("到月底累计支付的中央资金，万元。"))
    paid_province = money_field(_("累计支付：省级"), _("到月底累计支付的省级资金，万元。"))
    paid_city = money_field(_("累计支付：市级"), _("到月底累计支付的市级资金，万元。"))
    paid_county = money_field(_("累计支付：县级"), _("到月底累计支付的县级资金，万元。"))
    paid_social = money_field(_("累计支付：社会"), _("到月底累计支付的社会资金，万元。"))
    housing_started = models.PositiveIntegerField(
        _("住房开工"), null=True, blank=True, help_text=_("到月底累计开工多少套；不是住房项目的不填。")
    )
    housing_topped_out = models.PositiveIntegerField(
        _("住房封顶"), null=True, blank=True, help_text=_("到月底累计主体封顶多少套。")
    )
    housing_handed_over = models.PositiveIntegerField(
        _("住房交付"), null=True, blank=True, help_text=_("到月底累计交付住户多少套。")
    )
    text = models.CharField(_("进展"), max_length=1000, blank=True, help_text=_("这个月做了什么，一两句话。"))
    problem = models.CharField(_("问题"), max_length=500, blank=True, help_text=_("卡在哪里；没有就不填。"))
    help_wanted = models.CharField(
        _("需协调事项"), max_length=500, blank=True, help_text=_("请谁协调什么事；没有就不填。")
    )
    explanation = models.CharField(
        _("说明"), max_length=300, blank=True, help_text=_("进度和阶段对不上时，属实请写一句，审核人会看到。")
    )

    authors = ArrayField(
        models.BigIntegerField(),
        default=list,
        editable=False,
        verbose_name=_("填过的人"),
        help_text=_("由数据库记下。"),
    )
    entered_by = _person(_("填报人"), _("最后填写内容的人。"), null=False)
    entered_as = models.CharField(
        _("填报身份"),
        max_length=20,
        choices=_CAPACITIES,
        editable=False,
        help_text=_("以什么岗位填的；不是本单位填报岗位的是代填。"),
    )
    submitted_by = _person(_("提交人"), _("最近一次提交的人。"))
    submitted_at = models.DateTimeField(
        _("提交时间"), null=True, blank=True, editable=False, help_text=_("最近一次提交的时间。")
    )
    first_submitted_at = models.DateTimeField(
        _("首次提交时间"), null=True, blank=True, editable=False, help_text=_("迟不迟报看这一次。")
    )
    is_late = models.BooleanField(
        _("迟报"), default=False, editable=False, help_text=_("首次提交晚于截止日期；记下后不再变。")
    )
    reviewed_by = _person(_("审核人"), _("最近一次通过或退回的人。"))
    reviewed_as = models.CharField(
        _("审核身份"),
        max_length=20,
        choices=_CAPACITIES,
        blank=True,
        editable=False,
        help_text=_("以什么岗位审的；市新社区办是代审。"),
    )
    reviewed_at = models.DateTimeField(
        _("审核时间"), null=True, blank=True, editable=False, help_text=_("最近一次通过或退回的时间。")
    )
    return_reason = models.CharField(_("退回理由"), max_length=300, blank=True, help_text=_("为什么退回，要改什么。"))
    away_reason = models.CharField(
        _("代审原因"), max_length=200, blank=True, help_text=_("县审核人不在岗，市新社区办代审的原因。")
    )
    correction_reason = models.CharField(
        _("更正原因"), max_length=200, blank=True, help_text=_("更正已通过的月报必须写明原因。")
    )
    stage_event = models.OneToOneField(
        StageEvent,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="report",
        verbose_name=_("登记的阶段"),
        help_text=_("通过时登记的阶段；阶段没有变化的没有。"),
    )

    is_blank = models.BooleanField(
        _("空白"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("导入撤回后留下的，等于没有填；有人填了就不是。"),
    )

    objects = report_querysets.ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("月报")
        verbose_name_plural = _("月报")
        ordering = ["-month__year", "-month__number", "project", "-revision"]
        indexes = [
            # One month's reports by state: the inbox, completeness per unit.
            models.Index(fields=["month", "state"], name="report_by_month"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "month", "revision"],
                name="report_once",
                violation_error_message=_("这个项目这个月的月报已经有了。刷新后再看。"),
            ),
            models.UniqueConstraint(
                fields=["project", "month"],
                condition=~Q(state=ReportState.APPROVED),
                name="report_one_open",
                violation_error_message=_("这个项目这个月还有没审完的月报。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReportState.values),
                name="report_state_known",
                violation_error_message=_("没有这个状态。"),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="report_stage_known",
                violation_error_message=_("没有这个阶段。"),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__range=(0, 100)),
                name="report_percent_range",
                violation_error_message=_("形象进度是 0 到 100 的整数。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_FILED) | Q(percent__isnull=False),
                name="report_percent_given",
                violation_error_message=_("请填形象进度，再提交。"),
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.DRAFT) | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="report_says_who_filed",
                violation_error_message=_("提交的月报要有提交人和时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_DECIDED)
                | Q(
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                    reviewed_as__in=[role.value for role in REVIEWERS],
                ),
                name="report_says_who_decided",
                violation_error_message=_("审过的月报要有审核人、身份和时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RETURNED) | ~Q(return_reason=""),
                name="report_return_has_reason",
                violation_error_message=_("退回请写明理由。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.APPROVED, reviewed_as=Role.CITY_OFFICE) | ~Q(away_reason=""),
                name="report_away_has_reason",
                violation_error_message=_("市新社区办代审，请写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(revision=1, correction_reason="") | (Q(revision__gt=1) & ~Q(correction_reason="")),
                name="report_correction_has_reason",
                violation_error_message=_("更正请写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(entered_as__in=[role.value for role in REPORTERS]),
                name="report_entered_as_known",
                violation_error_message=_("月报由县专班或市新社区办填报。"),
            ),
            models.CheckConstraint(
                condition=none_negative("invested", *ARRIVED, *PAID),
                name="report_money_not_negative",
                violation_error_message=_("金额不能小于 0。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_FILED)
                | Q(housing_topped_out__isnull=True)
                | Q(housing_topped_out__lte=Coalesce(F("housing_started"), 0)),
                name="report_topped_out_of_started",
                violation_error_message=_("封顶的套数不能比开工的多。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_FILED)
                | Q(housing_handed_over__isnull=True)
                | Q(housing_handed_over__lte=Coalesce(F("housing_topped_out"), 0)),
                name="report_handed_out_of_topped",
                violation_error_message=_("交付的套数不能比封顶的多。"),
            ),
        ]
        triggers = [REPORT_RULES]

    def __str__(self) -> str:
        return f"{self.project} · {self.month}"

    @property
    def state_label(self) -> str:
        """The state in words; a draft that only an import taken back left behind is as good as not begun."""
        return _t("未填") if self.is_blank else str(ReportState(self.state).label)

    def get_absolute_url(self) -> str:
        """The report's own page."""
        return reverse("facilities:report", args=[self.pk])

    @property
    def is_correction(self) -> bool:
        """Whether it corrects an approved report."""
        return self.revision > 1

    @property
    def is_in_time(self) -> bool:
        """Whether whoever enters it may work on it now, as far as its month goes."""
        open_now = self.month.state == PeriodState.OPEN
        return in_time(self.state, corrects=self.is_correction, month_open=open_now)

    @property
    def on_behalf(self) -> bool:
        """Whether somebody else than the unit's own entry filled it in (代填)."""
        return self.entered_as != Role.COUNTY_ENTRY

    @property
    def reviewed_for_unit(self) -> bool:
        """Whether the city office decided for a reviewer who was away (代审)."""
        return self.reviewed_as == Role.CITY_OFFICE
