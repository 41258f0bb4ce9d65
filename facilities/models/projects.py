"""Projects and their dated stages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from core.history import tracked
from core.models import SampleModel, VersionedModel
from core.periods import today
from facilities import querysets
from facilities.models.plan_rules import PLANS_BEGIN, PLANS_END, PLANS_RULE
from facilities.money import FUNDS, money_field, none_negative
from facilities.workflow import Stage


class FacilityKind(models.TextChoices):
    """What a project builds. The first is the core of the platform; the others are named by the city's report."""

    SERVICE_CENTRE = "service_centre", _("社区综合服务中心")
    RESETTLEMENT = "resettlement", _("居民还建房")
    ELDERLY_CARE = "elderly_care", _("养老服务站")
    CLINIC = "clinic", _("医疗卫生室")
    KINDERGARTEN = "kindergarten", _("幼儿园（学校）")
    INFRASTRUCTURE = "infrastructure", _("基础设施")
    OTHER = "other", _("其他公共服务设施")
    COMMERCIAL = "commercial", _("商业开发")


class Position(models.TextChoices):
    """Where it is built, as the rule 先地下后地上 asks."""

    UNDERGROUND = "underground", _("地下")
    ABOVE_GROUND = "above", _("地上")


class Priority(models.TextChoices):
    """The three focuses (三个重点)."""

    RESETTLEMENT = "resettlement", _("居民还建房")
    PUBLIC_SERVICE = "public_service", _("公共服务设施")
    INFRASTRUCTURE = "infrastructure", _("基础设施")


# Which of them a kind of project belongs to; commercial development belongs to none.
PRIORITY_OF = {
    FacilityKind.RESETTLEMENT: Priority.RESETTLEMENT,
    FacilityKind.SERVICE_CENTRE: Priority.PUBLIC_SERVICE,
    FacilityKind.ELDERLY_CARE: Priority.PUBLIC_SERVICE,
    FacilityKind.CLINIC: Priority.PUBLIC_SERVICE,
    FacilityKind.KINDERGARTEN: Priority.PUBLIC_SERVICE,
    FacilityKind.OTHER: Priority.PUBLIC_SERVICE,
    FacilityKind.INFRASTRUCTURE: Priority.INFRASTRUCTURE,
}


def kinds_of(priority: str) -> list[FacilityKind]:
    """The kinds of project that belong to one of the three focuses."""
    return [kind for kind, of in PRIORITY_OF.items() if of == priority]


# The city's hundred major projects (百个重大项目).
MOST_MAJOR = 100
NO_MAJOR = _("百个重大项目的编号是 1 到 100。")
# A plan outside these days is a slip of the pen; its picture would have thousands of quarters, or none at all.
PLAN_DAYS = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
OUTSIDE_PLAN_DAYS = _("计划日期应在 1990-01-01 到 2100-12-31 之间。")
WITHIN_PLAN_DAYS = [
    MinValueValidator(PLAN_DAYS[0], message=OUTSIDE_PLAN_DAYS),
    MaxValueValidator(PLAN_DAYS[1], message=OUTSIDE_PLAN_DAYS),
]


# Projects that build homes: they count units.
HOUSING = ["resettlement", "commercial"]


@tracked()
class Project(VersionedModel, SampleModel):
    """Something that is built for a community. How far it has come is its latest stage row, not a field here."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="projects", verbose_name=_("社区"), help_text=_("为哪个社区建。")
    )
    kind = models.CharField(_("设施"), max_length=20, choices=FacilityKind, help_text=_("建的是什么。"))
    name = models.CharField(_("名称"), max_length=80, help_text=_("如“还建房一期”。"))
    planned_start = models.DateField(
        _("计划开工"), null=True, blank=True, validators=WITHIN_PLAN_DAYS, help_text=_("计划动工之日；未定的留空。")
    )
    planned_finish = models.DateField(
        _("计划建成"), null=True, blank=True, validators=WITHIN_PLAN_DAYS, help_text=_("计划基本建成之日；未定的留空。")
    )
    infrastructure = models.ForeignKey(
        "facilities.InfrastructureType",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("基础设施类别"),
        help_text=_("给水、道路等；不是基础设施的留空。"),
    )
    position = models.CharField(
        _("地下或地上"),
        max_length=12,
        choices=Position,
        blank=True,
        help_text=_("“先地下后地上”按它判断；不清楚的留空。"),
    )
    is_platform = models.BooleanField(
        _("服务平台"), default=False, help_text=_("“先建平台后建房”里的平台，如综合服务中心。")
    )
    major_number = models.PositiveSmallIntegerField(
        _("百个重大项目编号"),
        null=True,
        blank=True,
        unique=True,
        validators=[
            MinValueValidator(1, message=_("编号从 1 起。")),
            MaxValueValidator(MOST_MAJOR, message=NO_MAJOR),
        ],
        help_text=_("列入全市百个重大项目的编号；没有列入的留空。"),
    )
    housing_planned = models.PositiveIntegerField(
        _("计划套数"), null=True, blank=True, help_text=_("计划建多少套住房；不是住房的留空。")
    )
    fund_central = money_field(_("中央资金"), _("计划中央资金，万元；不清楚的留空，没有的填 0。"))
    fund_province = money_field(_("省级资金"), _("计划省级资金，万元。"))
    fund_city = money_field(_("市级资金"), _("计划市级资金，万元。"))
    fund_county = money_field(_("县级资金"), _("计划县级资金，万元。"))
    fund_social = money_field(_("社会资金"), _("计划社会资金，万元。"))
    invested_before = money_field(_("建档前投资"), _("开始填月报以前已完成的投资，万元。"))

    registered_on = models.DateField(
        _("建档日期"), default=today, editable=False, help_text=_("登记到系统之日；从这个月起要填月报。")
    )

    objects = querysets.ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目")
        verbose_name_plural = _("项目")
        ordering = ["community", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="project_name_once",
                violation_error_message=_("这个社区已经有同名项目。"),
            ),
            models.UniqueConstraint(
                fields=["community"],
                condition=Q(kind="service_centre"),
                name="project_one_centre",
                violation_error_message=_("这个社区已经有综合服务中心项目。"),
            ),
            models.CheckConstraint(
                condition=Q(planned_start__isnull=True)
                | Q(planned_finish__isnull=True)
                | Q(planned_finish__gte=F("planned_start")),
                name="project_plan_in_order",
                violation_error_message=_("计划建成不能早于计划开工。"),
            ),
            models.CheckConstraint(
                condition=(Q(planned_start__isnull=True) | Q(planned_start__range=PLAN_DAYS))
                & (Q(planned_finish__isnull=True) | Q(planned_finish__range=PLAN_DAYS)),
                name="project_plan_days",
                violation_error_message=OUTSIDE_PLAN_DAYS,
            ),
            models.CheckConstraint(
                condition=Q(major_number__isnull=True) | Q(major_number__range=(1, MOST_MAJOR)),
                name="project_major_number_range",
                violation_error_message=NO_MAJOR,
            ),
            models.CheckConstraint(
                condition=Q(infrastructure__isnull=True) | Q(kind="infrastructure"),
                name="project_type_of_infrastructure",
                violation_error_message=_("只有基础设施项目才选基础设施类别。"),
            ),
            models.CheckConstraint(
                condition=Q(housing_planned__isnull=True) | Q(kind__in=HOUSING),
                name="project_units_of_housing",
                violation_error_message=_("只有住房项目才填计划套数。"),
            ),
            models.CheckConstraint(
                condition=none_negative(*FUNDS, "invested_before"),
                name="project_money_not_negative",
                violation_error_message=_("金额不能小于 0。"),
            ),
        ]
        triggers = [PLANS_BEGIN, PLANS_RULE, PLANS_END]

    def __str__(self) -> str:
        return f"{self.community} · {self.name}"

    def get_absolute_url(self) -> str:
        """The project's own page."""
        return reverse("facilities:detail", args=[self.pk])

    @property
    def priority(self) -> str:
        """Which of the three focuses (三个重点) it belongs to; empty for commercial development."""
        return PRIORITY_OF.get(FacilityKind(self.kind), "")

    @property
    def priority_label(self) -> str:
        """The same in words."""
        return str(Priority(self.priority).label) if self.priority else ""

    @property
    def builds_homes(self) -> bool:
        """Whether its reports count units of housing."""
        return self.kind in HOUSING

    @property
    def fund_total(self) -> Decimal | None:
        """Planned money of all sources in 万元; None where none is known."""
        known = [getattr(self, name) for name in FUNDS if getattr(self, name) is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def stage_label(self) -> str:
        """The present stage in words. Only on rows read `with_stage()`; AttributeError otherwise."""
        return str(Stage(self.stage).label)  # type: ignore[attr-defined]  # annotated


@tracked()
class StageEvent(SampleModel):
    """A project reached a stage on a day. Rows are added, never changed; the latest is the present stage."""

    append_only = True

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="stages", verbose_name=_("项目"), help_text=_("哪个项目。")
    )
    stage = models.PositiveSmallIntegerField(_("阶段"), choices=Stage, help_text=_("到了哪一步。"))
    stage_before = models.PositiveSmallIntegerField(
        _("原阶段"), choices=Stage, null=True, blank=True, help_text=_("登记前所在阶段；首次登记为空。")
    )
    occurred_on = models.DateField(_("日期"), help_text=_("实际到达这一步的日期。"))
    basis = models.CharField(_("认定依据"), max_length=100, blank=True, help_text=_("如施工许可证、开工报告、验收单。"))
    reason = models.CharField(_("退回原因"), max_length=200, blank=True, help_text=_("阶段没有前进时必填。"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登记人"),
        help_text=_("谁登记的。"),
    )
    recorded_at = models.DateTimeField(_("登记时间"), default=timezone.now, help_text=_("何时登记的。"))

    objects = querysets.StageEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("阶段")
        verbose_name_plural = _("阶段")
        ordering = ["project", "occurred_on", "pk"]
        indexes = [
            # The latest row of a project by a day.
            models.Index(fields=["project", "-occurred_on", "-id"], name="stage_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "occurred_on", "stage"],
                name="stage_once_a_day",
                violation_error_message=_("这一步这一天已经登记过。"),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="stage_known",
                violation_error_message=_("没有这个阶段。"),
            ),
            models.CheckConstraint(
                condition=Q(stage_before__isnull=True) | Q(stage__gt=F("stage_before")) | ~Q(reason=""),
                name="stage_back_needs_reason",
                violation_error_message=_("阶段没有前进，请写明原因。"),
            ),
        ]
        triggers = [
            # Whoever writes the row, the stage before it is the one that the project had by that day: the check
            # above can then not be evaded by leaving it out, nor by dating a row before those that stand already. The
            # lock makes two writers see each other.
            pgtrigger.Trigger(
                name="stage_before_is_true",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("following", "facilities_stageevent%ROWTYPE")],
                func="""
                    PERFORM 1 FROM facilities_project WHERE id = NEW.project_id FOR NO KEY UPDATE;
                    NEW.stage_before := (
                        SELECT stage FROM facilities_stageevent
                        WHERE project_id = NEW.project_id AND occurred_on <= NEW.occurred_on
                        ORDER BY occurred_on DESC, id DESC LIMIT 1
                    );
                    SELECT * INTO following FROM facilities_stageevent
                        WHERE project_id = NEW.project_id AND occurred_on > NEW.occurred_on
                        ORDER BY occurred_on, id LIMIT 1;
                    IF following.stage <= NEW.stage AND following.reason = '' THEN
                        RAISE EXCEPTION 'what follows would be a step back without a reason'
                            USING ERRCODE = 'check_violation',
                            HINT = '后面登记的阶段会变成没有原因的后退。要改，请另登记一条并写明原因。';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_stage_display()} · {self.occurred_on}"
