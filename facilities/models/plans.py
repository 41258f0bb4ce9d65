"""When each step of a project is planned: every plan is kept, the latest is in force, the first one stays visible."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import SampleModel
from facilities import plan_querysets
from facilities.models.plan_rules import PLAN_COLUMNS
from facilities.models.projects import OUTSIDE_PLAN_DAYS, PLAN_DAYS, WITHIN_PLAN_DAYS, Project
from facilities.workflow import Stage

_PLANS = "facilities_plannedstage WHERE project_id = NEW.project_id AND stage = NEW.stage"


def _copy(stage: Stage, column: str) -> str:
    return f"""
        UPDATE facilities_project SET {column} = NEW.planned_on
            WHERE id = NEW.project_id AND NEW.stage = {stage.value} AND {column} IS DISTINCT FROM NEW.planned_on;
    """  # noqa: S608  constants of this module


@tracked()
class PlannedStage(SampleModel):
    """A step of a project is planned for a day. Rows are added, never changed; a later row re-plans, with a reason."""

    append_only = True

    # The database refuses to lose a plan; those that a registration began with go with it (`plan_rules.PLANS_END`).
    project = models.ForeignKey(
        Project, models.DO_NOTHING, related_name="plans", verbose_name=_("项目"), help_text=_("哪个项目。")
    )
    stage = models.PositiveSmallIntegerField(_("阶段"), choices=Stage, help_text=_("计划哪一步。"))
    planned_on = models.DateField(
        _("计划日期"),
        null=True,
        blank=True,
        validators=WITHIN_PLAN_DAYS,
        help_text=_("计划哪天到这一步；空的表示取消原计划。"),
    )
    planned_before = models.DateField(
        _("原计划"), null=True, blank=True, editable=False, help_text=_("这次之前的计划；由数据库记下。")
    )
    # Null for a step's first plan: it counts as known from the beginning.
    holds_from = models.DateField(
        _("生效日期"), null=True, blank=True, editable=False, help_text=_("改计划之日；首次计划为空。")
    )
    reason = models.CharField(_("调整原因"), max_length=200, blank=True, help_text=_("改原计划必须写明原因。"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登记人"),
        help_text=_("谁登记的；登记项目时一并写的为空。"),
    )
    recorded_at = models.DateTimeField(_("登记时间"), default=timezone.now, help_text=_("何时登记的。"))

    objects = plan_querysets.PlannedStageQuerySet.as_manager()

    class Meta:
        verbose_name = _("计划")
        verbose_name_plural = _("计划")
        ordering = ["project", "stage", "pk"]
        indexes = [
            # The plan in force of a project's step, and the first one.
            models.Index(fields=["project", "stage", "-id"], name="plan_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="plan_stage_known",
                violation_error_message=_("没有这个阶段。"),
            ),
            models.CheckConstraint(
                condition=Q(planned_on__isnull=True) | Q(planned_on__range=PLAN_DAYS),
                name="plan_days",
                violation_error_message=OUTSIDE_PLAN_DAYS,
            ),
            models.CheckConstraint(
                condition=Q(holds_from__isnull=True) | ~Q(reason=""),
                name="plan_change_needs_reason",
                violation_error_message=_("改原计划请写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(holds_from__isnull=True, planned_on__isnull=False)
                | Q(holds_from__isnull=False, planned_on__isnull=True, planned_before__isnull=False)
                | Q(holds_from__isnull=False, planned_before__isnull=True, planned_on__isnull=False)
                | Q(holds_from__isnull=False, planned_on__isnull=False) & ~Q(planned_on=F("planned_before")),
                name="plan_changes_something",
                violation_error_message=_("和原计划一样，没有变化。"),
            ),
        ]
        triggers = [
            # Whoever writes the row, what it changes is what stood: calling it a first plan evades no reason.
            pgtrigger.Trigger(
                name="plan_before_is_true",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM 1 FROM facilities_project WHERE id = NEW.project_id FOR NO KEY UPDATE;
                    NEW.planned_before := NULL;
                    IF EXISTS (SELECT 1 FROM {_PLANS}) THEN
                        NEW.planned_before := (SELECT planned_on FROM {_PLANS} ORDER BY id DESC LIMIT 1);
                        NEW.holds_from := COALESCE(NEW.holds_from, (now() AT TIME ZONE 'Asia/Shanghai')::date);
                    ELSE
                        NEW.holds_from := NULL;
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608  constants of this module
            ),
            # The two days that lists sort by follow the plan in force.
            pgtrigger.Trigger(
                name="plan_in_force",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="".join(_copy(stage, column) for stage, column in PLAN_COLUMNS.items()) + "RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_stage_display()} · {self.planned_on or '—'}"
