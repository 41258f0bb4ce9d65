"""What the administrators' lists can be narrowed by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import lockout
from accounts.models import AdministratorKind, ApiToken, AuditEntry, AuditVerb, User

# So long without a sign-in is idle; `manage.py selfaudit` counts the same days unless told otherwise.
IDLE_DAYS = 90
ACCOUNT_STATES = [
    ("active", _("在用")),
    ("locked", _("锁定")),
    ("never", _("没登录过")),
    ("idle", _("90 天没登录")),
    ("must_change", _("一次性密码没改")),
    ("ended", _("已停用")),
]
POSTS = [*AdministratorKind.choices, ("none", _("不是三员"))]
OUTCOMES = [("yes", _("成功")), ("no", _("没成"))]
TOKEN_STATES = [("living", _("有效")), ("revoked", _("已吊销")), ("expired", _("已到期"))]


class AccountFilter(django_filters.FilterSet):
    """By state and post, and by user name, name or telephone number."""

    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=ACCOUNT_STATES, empty_label=_("全部"), method="by_state"
    )
    post = django_filters.ChoiceFilter(label=_("三员"), choices=POSTS, empty_label=_("全部"), method="by_post")
    q = django_filters.CharFilter(label=_("用户名、姓名、电话"), method="by_words")

    class Meta:
        model = User
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Accounts in this state; an ended one is in no other."""
        if value == "ended":
            return rows.filter(is_active=False)
        rows = rows.active()
        if value == "locked":
            return rows.annotate(small=Lower("username")).filter(small__in=lockout.locked_names())
        if value == "idle":
            return rows.idle_since(timezone.now() - dt.timedelta(days=IDLE_DAYS))
        if value == "never":
            return rows.filter(last_login=None)
        return rows.filter(must_change_password=True) if value == "must_change" else rows

    def by_post(self, rows: Any, name: str, value: str) -> Any:
        """The administrators of a kind, or everybody else."""
        return rows.filter(administrator=None) if value == "none" else rows.filter(administrator__kind=value)

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Part of the user name, the name or the telephone number."""
        return rows.search(value)


def day_filter(label: Any, lookup: str) -> django_filters.DateFilter:
    """A day in Shanghai, from which or up to which."""
    return django_filters.DateFilter(
        label=label, field_name="at", lookup_expr=lookup, widget=forms.DateInput(attrs={"type": "date"})
    )


class AuditFilter(django_filters.FilterSet):
    """By act, outcome, person, days and address, and by words in the object or the details."""

    verb = django_filters.ChoiceFilter(label=_("动作"), choices=AuditVerb.choices, empty_label=_("全部"))
    outcome = django_filters.ChoiceFilter(label=_("结果"), choices=OUTCOMES, empty_label=_("全部"), method="by_outcome")
    person = django_filters.CharFilter(label=_("人员"), method="by_person")
    day_from = day_filter(_("从"), "date__gte")
    day_to = day_filter(_("到"), "date__lte")
    address = django_filters.CharFilter(label=_("地址"), method="by_address")
    q = django_filters.CharFilter(label=_("对象、详情里的字"), method="by_words")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_outcome(self, rows: Any, name: str, value: str) -> Any:
        """What succeeded, or what did not."""
        return rows.filter(succeeded=value == "yes")

    def by_person(self, rows: Any, name: str, value: str) -> Any:
        """Part of the user name that was typed, or of the name or user name of who acted."""
        word = _clean(value)
        named = User.objects.filter(Q(username__icontains=word) | Q(full_name__icontains=word)).values("pk")
        return rows.filter(Q(username__icontains=word) | Q(actor__in=named))

    def by_address(self, rows: Any, name: str, value: str) -> Any:
        """The beginning of the network address."""
        return rows.filter(address__startswith=_clean(value))

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Part of the object or of the details."""
        word = _clean(value)
        rows = rows.annotate(words=Cast("detail", models.TextField()))
        return rows.filter(Q(target__icontains=word) | Q(words__icontains=word))


class TokenFilter(django_filters.FilterSet):
    """By state, and by purpose, beginning or person."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=TOKEN_STATES, empty_label=_("全部"), method="by_state")
    q = django_filters.CharFilter(label=_("用途、开头、人员"), method="by_words")

    class Meta:
        model = ApiToken
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Tokens that open the door, that were revoked, or whose time is over."""
        now = timezone.now()
        if value == "living":
            return rows.living(now)
        return rows.filter(revoked_at__isnull=False) if value == "revoked" else rows.filter(expires_at__lte=now)

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Part of the purpose or of the person's name, or the beginning of the token."""
        word = _clean(value)
        person = Q(user__username__icontains=word) | Q(user__full_name__icontains=word)
        return rows.filter(Q(name__icontains=word) | Q(prefix__startswith=word) | person)


def _clean(text: str) -> str:
    # PostgreSQL stores no NUL; an address may carry one (%00).
    return text.strip().replace("\0", "")
