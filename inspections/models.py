"""Rounds, scoring sheets, inspections and their item scores."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communities.models import Community, ReportingQuarter
from core.history import tracked
from core.models import SampleModel, VersionedModel
from inspections import querysets


@tracked()
class ScoringSheet(models.Model):
    """One version of the table that inspectors score by. One that has been used is never changed: a new one is made."""

    code = models.CharField(_("编号"), max_length=20, help_text=_("同一张表各版本编号相同。"))
    edition = models.PositiveSmallIntegerField(_("版次"), default=1, help_text=_("第几版。"))
    title = models.CharField(_("标题"), max_length=100, help_text=_("评分表名称。"))
    full_marks = models.DecimalField(_("满分"), max_digits=6, decimal_places=2, help_text=_("各项满分之和。"))
    is_proposal = models.BooleanField(
        _("建议稿"), default=True, help_text=_("未经市新社区办核定的评分表，标“推定，待核定”。")
    )
    effective_from = models.DateField(_("起用日期"), help_text=_("从哪天的检查开始使用。"))
    source = models.CharField(_("来源"), max_length=300, blank=True, help_text=_("依据。"))

    objects = querysets.ScoringSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")
        ordering = ["code", "-edition"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "edition"], name="sheet_edition_once", violation_error_message=_("这一版已经有了。")
            )
        ]

    def __str__(self) -> str:
        return gettext("%(title)s · 第 %(edition)d 版") % {"title": self.title, "edition": self.edition}


@tracked()
class SheetItem(models.Model):
    """One line of a scoring sheet."""

    sheet = models.ForeignKey(
        ScoringSheet, models.CASCADE, related_name="items", verbose_name=_("评分表"), help_text=_("属于哪张表。")
    )
    order = models.PositiveSmallIntegerField(_("顺序"), help_text=_("表内顺序。"))
    section = models.CharField(_("部分"), max_length=40, help_text=_("如“项目进度”。"))
    title = models.CharField(_("项目"), max_length=100, help_text=_("查什么。"))
    full_marks = models.DecimalField(_("满分"), max_digits=5, decimal_places=2, help_text=_("这一项的满分。"))
    guidance = models.CharField(_("评分指导"), max_length=300, blank=True, help_text=_("怎么扣分，看什么材料。"))

    objects = querysets.SheetItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("评分项")
        verbose_name_plural = _("评分项")
        ordering = ["sheet", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "order"], name="item_order_once", violation_error_message=_("顺序重复。")
            ),
            models.CheckConstraint(
                condition=Q(full_marks__gt=0), name="item_marks_positive", violation_error_message=_("满分应大于 0。")
            ),
        ]
        triggers = [
            # Marks that have been given must stay recomputable: a sheet that scores stand on is frozen.
            pgtrigger.Trigger(
                name="used_sheet_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
                    IF EXISTS (
                        SELECT 1 FROM inspections_round r JOIN inspections_inspection i ON i.round_id = r.id
                        WHERE r.sheet_id IN (NEW.sheet_id, OLD.sheet_id)
                    ) THEN
                        RAISE EXCEPTION 'this sheet has been used' USING ERRCODE = 'check_violation',
                            HINT = '这一版评分表已经用过，不能再改。另出一版。';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.title


class RoundState(models.TextChoices):
    """States of a round."""

    PLANNED = "planned", _("未开始")
    OPEN = "open", _("检查中")
    CLOSED = "closed", _("已结束")


@tracked()
class Round(VersionedModel, SampleModel):
    """A quarter's inspection round (拉练式检查督办). It cites the yearly inspection plan that was filed (备案)."""

    quarter = models.OneToOneField(
        ReportingQuarter, models.PROTECT, related_name="round", verbose_name=_("季度"), help_text=_("哪个季度的检查。")
    )
    name = models.CharField(_("名称"), max_length=80, help_text=_("如“2013 年第四季度拉练检查”。"))
    plan_number = models.CharField(
        _("计划备案号"), max_length=60, help_text=_("年度督查检查考核计划的备案号；没有备案不能开展检查。")
    )
    sheet = models.ForeignKey(
        ScoringSheet, models.PROTECT, related_name="rounds", verbose_name=_("评分表"), help_text=_("用哪一版评分表。")
    )
    starts_on = models.DateField(_("开始日期"), help_text=_("检查开始之日。"))
    ends_on = models.DateField(_("结束日期"), help_text=_("检查结束之日。"))
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=RoundState,
        default=RoundState.PLANNED,
        help_text=_("未开始、检查中、已结束。"),
    )

    objects = querysets.RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查轮次")
        verbose_name_plural = _("检查轮次")
        ordering = ["-quarter__year", "-quarter__number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="round_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=~Q(plan_number=""),
                name="round_cites_plan",
                violation_error_message=_("请填年度检查计划的备案号。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The round's own page."""
        return reverse("inspections:round", args=[self.pk])


@tracked()
class Inspection(VersionedModel, SampleModel):
    """One community inspected in one round. Once submitted it is locked, and its total is stored."""

    round = models.ForeignKey(
        Round, models.PROTECT, related_name="inspections", verbose_name=_("轮次"), help_text=_("哪一轮检查。")
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="inspections", verbose_name=_("社区"), help_text=_("检查哪个社区。")
    )
    inspected_on = models.DateField(_("检查日期"), help_text=_("到现场的日期。"))
    inspector = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("检查人"),
        help_text=_("谁检查、谁打分。"),
    )
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True, help_text=_("提交后锁定。"))
    total = models.DecimalField(
        _("得分"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("提交时算出并存下；可由各项重算。"),
    )

    objects = querysets.InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查")
        verbose_name_plural = _("检查")
        ordering = ["-inspected_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "community"],
                name="inspection_once_a_round",
                violation_error_message=_("这一轮已经检查过这个社区。"),
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, total__isnull=True)
                | Q(submitted_at__isnull=False, total__isnull=False),
                name="inspection_total_with_submission",
                violation_error_message=_("得分在提交时产生。"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="submitted_is_locked",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__submitted_at__isnull=False),
                level=pgtrigger.Row,
            )
        ]

    def __str__(self) -> str:
        return f"{self.community} · {self.inspected_on}"

    def get_absolute_url(self) -> str:
        """The inspection's own page."""
        return reverse("inspections:detail", args=[self.pk])


@tracked()
class ItemScore(models.Model):
    """What one item lost in one inspection, and why. Every deduction has a reason."""

    inspection = models.ForeignKey(
        Inspection, models.CASCADE, related_name="scores", verbose_name=_("检查"), help_text=_("哪次检查。")
    )
    item = models.ForeignKey(
        SheetItem, models.PROTECT, related_name="+", verbose_name=_("评分项"), help_text=_("哪一项。")
    )
    deduction = models.DecimalField(
        _("扣分"), max_digits=5, decimal_places=2, default=0, help_text=_("扣多少分；满分填 0。")
    )
    reason = models.CharField(_("扣分原因"), max_length=300, blank=True, help_text=_("扣了分必须写原因。"))

    objects = querysets.ItemScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("单项得分")
        verbose_name_plural = _("单项得分")
        ordering = ["inspection", "item__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "item"], name="score_item_once", violation_error_message=_("这一项已经评过。")
            ),
            models.CheckConstraint(
                condition=Q(deduction__gte=0), name="score_not_negative", violation_error_message=_("扣分不能是负数。")
            ),
            models.CheckConstraint(
                condition=Q(deduction=0) | ~Q(reason=""),
                name="score_deduction_with_reason",
                violation_error_message=_("扣了分，请写原因。"),
            ),
        ]
        triggers = [
            # The rules about other tables' rows that a check constraint cannot hold.
            pgtrigger.Trigger(
                name="score_within_its_sheet",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("most", "NUMERIC")],
                func="""
                    PERFORM 1 FROM inspections_inspection WHERE id IN (NEW.inspection_id, OLD.inspection_id) FOR SHARE;
                    IF EXISTS (
                        SELECT 1 FROM inspections_inspection
                        WHERE id IN (NEW.inspection_id, OLD.inspection_id) AND submitted_at IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'inspection is submitted and locked' USING ERRCODE = 'check_violation',
                            HINT = '这张评分已经提交，不能再改。';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    SELECT item.full_marks INTO most FROM inspections_sheetitem item
                        JOIN inspections_round r ON r.sheet_id = item.sheet_id
                        JOIN inspections_inspection i ON i.round_id = r.id
                        WHERE item.id = NEW.item_id AND i.id = NEW.inspection_id;
                    IF most IS NULL OR NEW.deduction > most THEN
                        RAISE EXCEPTION 'not an item of the sheet, or more than its full marks'
                            USING ERRCODE = 'check_violation', HINT = '扣分不能超过这一项的满分。';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} −{self.deduction}"
