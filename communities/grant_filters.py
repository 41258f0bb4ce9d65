"""What the lists of the security administrator can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.holders import ENDING_DAYS
from communities.models import Membership, ReportingUnit
from communities.roles import Role
from core.periods import today

TERM_STATES = [
    ("now", _("在任")),
    ("ending", _("30 天内到期")),
    ("to_come", _("未开始")),
    ("ended", _("已截止")),
    ("together", _("同一单位又填又审")),
]
HOLDER_STATES = [
    ("held", _("有岗位")),
    ("none", _("没有岗位")),
    ("several", _("兼任")),
    ("no_factor", _("没启用动态验证码")),
    ("ended", _("账号已停用")),
]


class MembershipFilter(django_filters.FilterSet):
    """By state of the term, role and unit, and by the person's user name or name."""

    state = django_filters.ChoiceFilter(label=_("任期"), choices=TERM_STATES, empty_label=_("全部"), method="by_state")
    role = django_filters.ChoiceFilter(label=_("岗位"), choices=Role.choices, empty_label=_("全部"))
    unit = django_filters.ModelChoiceFilter(
        label=_("单位"), queryset=ReportingUnit.objects.all(), to_field_name="code", empty_label=_("全部")
    )
    q = django_filters.CharFilter(label=_("姓名、用户名"), method="by_words")

    class Meta:
        model = Membership
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Terms in force, about to end, to come, over, or held together with one that should be apart."""
        day = today()
        if value == "ending":
            return rows.ending(day, ENDING_DAYS)
        if value == "together":
            return rows.held_together(day)
        return {"now": rows.in_term, "to_come": rows.to_come, "ended": rows.ended}[value](day)

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Part of the user name or of the name."""
        word = value.strip().replace("\0", "")
        return rows.filter(Q(user__username__icontains=word) | Q(user__full_name__icontains=word))


class HolderFilter(django_filters.FilterSet):
    """By what people hold today, and by user name or name."""

    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=HOLDER_STATES, empty_label=_("全部"), method="by_state"
    )
    role = django_filters.ChoiceFilter(label=_("岗位"), choices=Role.choices, empty_label=_("全部"), method="by_role")
    unit = django_filters.ModelChoiceFilter(
        label=_("单位"),
        queryset=ReportingUnit.objects.all(),
        to_field_name="code",
        empty_label=_("全部"),
        method="by_unit",
    )
    q = django_filters.CharFilter(label=_("姓名、用户名"), method="by_words")

    class Meta:
        model = User
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """With a role, without, with several, without a second factor; or accounts that were ended."""
        if value == "ended":
            return rows.filter(is_active=False)
        rows, day = rows.active(), today()
        if value == "held":
            return rows.holding(day)
        if value == "none":
            return rows.without_role(day)
        return rows.with_several_roles(day) if value == "several" else rows.filter(has_factor=False)

    def by_role(self, rows: Any, name: str, value: str) -> Any:
        """Who is this today."""
        return rows.holding(today(), role=value)

    def by_unit(self, rows: Any, name: str, value: ReportingUnit) -> Any:
        """Who holds something in this unit today."""
        return rows.holding(today(), unit=value)

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Part of the user name or of the name."""
        return rows.search(value)
