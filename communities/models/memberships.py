"""Who may act where, as what, from when to when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities import querysets
from communities.models.divisions import ReportingUnit
from communities.models.places import Community
from communities.models.terms import term_in_order
from communities.roles import CITY_ROLES, COMMUNITY_ROLES, UNIT_ROLES, Role
from core.history import tracked
from core.models import SampleModel


@tracked()
class Membership(SampleModel):
    """Who may act where, as what, from when to when. Access ends on the day the term does."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("人员"),
        help_text=_("谁。"),
    )
    role = models.CharField(_("岗位"), max_length=20, choices=Role, help_text=_("以什么身份。"))
    unit = models.ForeignKey(
        ReportingUnit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("单位"),
        help_text=_("县专班岗位须填。"),
    )
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("社区"),
        help_text=_("检查组、工作队、代表委员须填。"),
    )
    valid_from = models.DateField(_("起始日期"), help_text=_("从这一天起有效。"))
    valid_until = models.DateField(_("截止日期"), null=True, blank=True, help_text=_("到这一天为止（不含）。"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("授权人"),
        help_text=_("谁授的权。"),
    )
    reason = models.CharField(_("事由"), max_length=200, blank=True, help_text=_("为什么授权，如文件、抽调通知。"))

    objects = querysets.MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["user", "valid_from"]
        indexes = [
            # Every request asks for one person's memberships.
            models.Index(fields=["user", "valid_from"], name="membership_by_user"),
        ]
        constraints = [
            term_in_order("membership_term_in_order"),
            models.CheckConstraint(
                condition=Q(role__in=sorted(CITY_ROLES), unit__isnull=True, community__isnull=True)
                | Q(role__in=sorted(UNIT_ROLES), unit__isnull=False, community__isnull=True)
                | Q(role__in=sorted(COMMUNITY_ROLES), unit__isnull=True, community__isnull=False),
                name="membership_place_fits_role",
                violation_error_message=_("市级岗位不填地点，县专班填单位，检查组、工作队、代表委员填社区。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
