"""What the lists of the security administrator write as Excel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.audit_words import in_force, post_of
from core.periods import today
from core.xlsx import ExportColumn, Kind


def roles_today(person: Any) -> str:
    """What somebody holds today, each with its place."""
    held = [term for term in person.memberships.all() if term.holds_on(today())]
    return "；".join(f"{term.get_role_display()}（{term.place}）" for term in held)


def has_factor(person: Any) -> str:
    """Whether a second factor is active."""
    return _t("是") if person.has_factor else _t("否")


HOLDER_RULE = _("每个账号一条；岗位只写今天在任的，已截止和未开始的在“任职”里。")
HOLDERS = (
    ExportColumn(_("姓名"), "full_name", width=20),
    ExportColumn(_("用户名"), "username", width=20),
    ExportColumn(_("账号在用"), in_force, width=10),
    ExportColumn(_("三员"), post_of, width=14),
    ExportColumn(_("岗位"), roles_today, width=60),
    ExportColumn(_("动态验证码"), has_factor, width=12),
)
MEMBERSHIP_RULE = _("每授权一次算一条，已截止和未开始的也列；从“止”那一天起不再有效。")
MEMBERSHIPS = (
    ExportColumn(_("姓名"), "user.full_name", width=20),
    ExportColumn(_("用户名"), "user.username", width=20),
    ExportColumn(_("岗位"), "get_role_display", width=14),
    ExportColumn(_("地点"), "place", width=20),
    ExportColumn(_("起"), "valid_from", Kind.DAY),
    ExportColumn(_("止（不含）"), "valid_until", Kind.DAY),
    ExportColumn(_("接替"), lambda row: row.predecessor.user.full_name if row.predecessor else "", width=20),
    ExportColumn(_("授权人"), lambda row: row.granted_by.full_name if row.granted_by else "", width=20),
    ExportColumn(_("事由"), "reason", width=40),
)
