"""Who may act where, as what, from when to when."""

from __future__ import annotations

import datetime as dt

import pgtrigger
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

# The three administrators have no part in the business. The other half, a trigger on the administrators' own table,
# stands in migration 0005: that table belongs to an app that knows no membership. Both lock the person's row first,
# so that of a grant and an appointment at the same moment the second sees the first.
NO_ADMINISTRATOR = pgtrigger.Trigger(
    name="membership_of_no_administrator",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
        PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
        IF (NEW.valid_until IS NULL OR NEW.valid_until > (NOW() AT TIME ZONE 'Asia/Shanghai')::date)
            AND EXISTS (SELECT FROM accounts_administrator WHERE user_id = NEW.user_id)
        THEN
            RAISE EXCEPTION 'administrators hold no role of the business'
                USING ERRCODE = 'check_violation', HINT = '三员不能再任业务岗位。';
        END IF;
        RETURN NEW;
    """,
)


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
    predecessor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="successors",
        verbose_name=_("接替"),
        help_text=_("接替谁的任职；前任到后任起始之日为止。"),
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
        triggers = [NO_ADMINISTRATOR]
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

    def holds_on(self, day: dt.date) -> bool:
        """Whether it gives its rights on `day`."""
        return self.valid_from <= day and (self.valid_until is None or self.valid_until > day)

    @property
    def place(self) -> str:
        """Where, in words: the unit, the community, or the whole city."""
        held_in = self.unit or self.community
        return str(held_in) if held_in is not None else str(_("全市"))
