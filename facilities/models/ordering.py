"""Which works come first: 三先三后 and 三个优先, as rules with dates, and the exemptions from them.

Source of the rules' names: the city's report of 2014-02-26. It gives no measurable reading; the readings seeded here
are presumed (推定) and the city office can change them. Violations are computed (`facilities.ordering`), never stored.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import SampleModel, VersionedModel
from facilities import ordering_querysets
from facilities.models.projects import Project
from facilities.ordering_words import Family, Measure, Trait


@tracked()
class OrderingRule(VersionedModel):
    """In one community, works of one trait come no later than works of another, measured by one date of each."""

    code = models.SlugField(_("代码"), max_length=30, unique=True, help_text=_("小写字母，登记后不变。"))
    family = models.CharField(_("规则"), max_length=10, choices=Family, help_text=_("三先三后，或三个优先。"))
    name = models.CharField(_("名称"), max_length=30, help_text=_("如“先地下后地上”。"))
    first = models.CharField(_("在先的"), max_length=20, choices=Trait, help_text=_("哪一类项目应当在先。"))
    then = models.CharField(_("在后的"), max_length=20, choices=Trait, help_text=_("哪一类项目应当在后。"))
    measure = models.CharField(_("比什么日期"), max_length=10, choices=Measure, help_text=_("两边都比这个日期。"))
    statement = models.CharField(_("口径"), max_length=300, help_text=_("用一句话说清怎么判断。"))
    source = models.CharField(_("出处"), max_length=200, blank=True, help_text=_("哪个文件定的。"))
    presumed = models.BooleanField(_("推定"), default=True, help_text=_("口径没有文件依据，待市新社区办核定。"))
    valid_from = models.DateField(_("起始日期"), help_text=_("在后的项目日期从这一天起的才判断。"))
    valid_until = models.DateField(
        _("截止日期"), null=True, blank=True, help_text=_("这一天起不再判断；长期有效的留空。")
    )

    objects = ordering_querysets.OrderingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设顺序规则")
        verbose_name_plural = _("建设顺序规则")
        ordering = ["-family", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("then")),
                name="ordering_two_traits",
                violation_error_message=_("在先的和在后的不能是同一类。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="ordering_term_in_order",
                violation_error_message=_("截止日期应在起始日期之后。"),
            ),
            models.CheckConstraint(
                condition=Q(family__in=Family.values, first__in=Trait.values, then__in=Trait.values)
                & Q(measure__in=Measure.values),
                name="ordering_words_known",
                violation_error_message=_("规则里有不认识的选项。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its place among the rules."""
        return f"{reverse('facilities:rules')}#orderingrule"


# What was granted stays as it was; it may be taken back once, and that stays, too.
EXEMPTION_RULES = pgtrigger.Trigger(
    name="exemption_rules",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'an exemption is never deleted' USING ERRCODE = 'check_violation',
                HINT = '豁免不能删除，只能撤回。';
        END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        IF (NEW.rule_id, NEW.project_id, NEW.reason, NEW.granted_by_id, NEW.granted_at, NEW.is_sample)
            IS DISTINCT FROM (OLD.rule_id, OLD.project_id, OLD.reason, OLD.granted_by_id, OLD.granted_at, OLD.is_sample)
        THEN
            RAISE EXCEPTION 'an exemption is not changed' USING ERRCODE = 'check_violation',
                HINT = '豁免登记以后不能改，要改请撤回再办。';
        END IF;
        IF OLD.withdrawn_at IS NOT NULL THEN
            RAISE EXCEPTION 'a withdrawal is final' USING ERRCODE = 'check_violation',
                HINT = '这条豁免已经撤回。';
        END IF;
        RETURN NEW;
    """,
)


@tracked()
class OrderingExemption(SampleModel):
    """The city office lets one project of a community go before what should be first, and says why.

    Never changed and never deleted; it can be withdrawn once, with a reason. What was withdrawn exempts from nothing.
    """

    rule = models.ForeignKey(
        OrderingRule, models.PROTECT, related_name="exemptions", verbose_name=_("规则"), help_text=_("免哪一条规则。")
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="ordering_exemptions",
        verbose_name=_("项目"),
        help_text=_("先动了的那个项目。"),
    )
    reason = models.CharField(_("原因"), max_length=200, help_text=_("为什么可以先动，依据是什么。"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("同意人"), help_text=_("谁同意的。")
    )
    granted_at = models.DateTimeField(_("同意时间"), default=timezone.now, help_text=_("何时同意的。"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("撤回人"),
        help_text=_("谁撤回的。"),
    )
    withdrawn_at = models.DateTimeField(
        _("撤回时间"), null=True, blank=True, editable=False, help_text=_("何时撤回的；仍有效的为空。")
    )
    withdrawn_reason = models.CharField(
        _("撤回原因"), max_length=200, blank=True, help_text=_("为什么不再豁免；仍有效的为空。")
    )

    objects = ordering_querysets.OrderingExemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设顺序豁免")
        verbose_name_plural = _("建设顺序豁免")
        ordering = ["-granted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "project"],
                condition=Q(withdrawn_at__isnull=True),
                name="ordering_exempt_once",
                violation_error_message=_("这个项目已经免了这条规则。"),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="ordering_exempt_reason",
                violation_error_message=_("请写明豁免原因。"),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="ordering_exempt_withdrawal_whole",
                violation_error_message=_("撤回豁免请写明原因。"),
            ),
        ]
        triggers = [EXEMPTION_RULES]

    def __str__(self) -> str:
        return f"{self.rule} · {self.project}"
