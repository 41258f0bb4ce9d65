"""Looking at oneself: accounts that nobody uses, terms that ran out, posts held together, settings that are unsafe.

Each rule gives what it found, worst first. It changes nothing, and says nothing of what anybody entered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import checks as django_checks
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit_check, second_factor
from accounts.filters import IDLE_DAYS
from accounts.models import Administrator, AdministratorKind, User
from communities.holders import ENDING_DAYS, holders
from communities.models import Membership
from core.periods import today
from xiaogan_portal import checks

ERROR, WARNING, NOTE = "error", "warning", "note"
# A one-time password that is still the password after so many days was lost, or is used by somebody else.
UNCHANGED_DAYS = 7


@dataclass(frozen=True)
class Found:
    """Whom or what it is about, and a sentence. `user` is the account's key where it is about one."""

    subject: str
    text: str
    user: int | None = None


@dataclass(frozen=True)
class Rule:
    """A rule, how bad it is when broken, what to do then, and what was found."""

    code: str
    title: str
    level: str
    advice: str
    found: list[Found] = field(default_factory=list)


def look(*, idle_days: int = IDLE_DAYS) -> list[Rule]:
    """Every rule with what it found."""
    rules = [
        *_administrators(),
        _settings(),
        _exports(),
        _together(),
        _second_factors(),
        _unchanged(),
        _idle(idle_days),
        _run_out(),
        _without_role(),
        _ending(),
    ]
    order = [ERROR, WARNING, NOTE]
    return sorted(rules, key=lambda rule: (not rule.found, order.index(rule.level)))


def has_errors(rules: Iterable[Rule]) -> bool:
    """Whether any rule that must hold is broken."""
    return any(rule.level == ERROR and rule.found for rule in rules)


def _about(users: Iterable[Any], say: Callable[[Any], str]) -> list[Found]:
    return [Found(f"{user}（{user.username}）", say(user), user.pk) for user in users]


def _administrators() -> list[Rule]:
    day = today()
    held = dict(Administrator.objects.filter(user__is_active=True).values_list("kind", "user"))
    lacking = [Found(str(kind.label), _("没有在用的账号。")) for kind in AdministratorKind if kind not in held]
    both = holders().filter(administrator__isnull=False).holding(day)
    samples = [] if settings.EMBEDDED else User.objects.filter(is_sample=True, is_active=True)
    return [
        Rule(
            "posts_filled", _("三员齐备"), ERROR, _("在服务器上运行 create_administrators，或补任缺的一员。"), lacking
        ),
        Rule(
            "posts_apart",
            _("三员不任业务岗位"),
            ERROR,
            _("终止其任职。数据库本不允许，出现了就是有人绕过。"),
            _about(both, lambda user: _("既是三员又有业务岗位。")),
        ),
        Rule(
            "no_samples",
            _("正式环境没有示例账号"),
            ERROR,
            _("停用示例账号。"),
            _about(samples, lambda user: _("示例账号还能登录。")),
        ),
    ]


def _settings() -> Rule:
    found = [*checks.unsafe_settings(None), *checks.content_policy(None), *checks.log_is_kept(None)]
    found += [*checks.portal_role(None, databases=["default"]), *checks.no_superuser(None, databases=["default"])]
    rows = [Found(str(message.id), str(message.msg)) for message in found]
    worst = any(message.level >= django_checks.ERROR for message in found)
    return Rule("settings", _("设置安全"), ERROR if worst else WARNING, _("按提示改部署设置，重启。"), rows)


def _exports() -> Rule:
    rows = [Found(str(finding.day), finding.text) for finding in audit_check.latest()]
    return Rule("exports", _("日志每天导出"), ERROR, _("到后台作业看“日志导出”为什么停放。"), rows)


def _together() -> Rule:
    both = Membership.objects.held_together(today()).select_related("user", "unit")
    rows = [
        Found(
            f"{held.user}（{held.user.username}）", _("%(unit)s：既填报又审核。") % {"unit": held.place}, held.user_id
        )
        for held in both
    ]
    return Rule("apart", _("填报、审核分开"), WARNING, _("分给两个人；自己填的本来也不能自己审。"), rows)


def _second_factors() -> Rule:
    active = holders().active().with_terms().filter(has_factor=False)
    lacking = [user for user in active if second_factor.required(user)] if settings.SECOND_FACTOR_REQUIRED else []
    found = _about(lacking, lambda user: _("岗位要求第二因素，还没有启用。"))
    return Rule("factor", _("该有第二因素的都有"), WARNING, _("提醒本人登录启用；登录后不启用什么也做不了。"), found)


def _unchanged() -> Rule:
    since = timezone.now() - dt.timedelta(days=UNCHANGED_DAYS)
    users = User.objects.filter(is_active=True, must_change_password=True, password_changed_at__lt=since)
    found = _about(
        users.order_by("username"), lambda user: _("%(day)s 发的，没有改。") % _day(user.password_changed_at)
    )
    return Rule("one_time", _("一次性密码都改了"), WARNING, _("问本人收到没有；不用的账号停用。"), found)


def _idle(days: int) -> Rule:
    idle = holders().idle_since(timezone.now() - dt.timedelta(days=days)).order_by("username")
    never, last = _("开通后没有登录过。"), _("最近登录 %(day)s。")
    found = _about(idle, lambda user: never if user.last_login is None else last % _day(user.last_login))
    title = _("没有闲置 %(days)d 天以上的账号") % {"days": days}
    return Rule("idle", title, WARNING, _("不用的停用，要用的说明一声。"), found)


def _run_out() -> Rule:
    """Accounts in force whose last term is over: somebody was lent, went home, and could still sign in."""
    over = holders().without_role(today()).with_terms().filter(memberships__isnull=False).distinct()
    found = []
    for user in over.order_by("username"):
        ends = [term.valid_until for term in user.memberships.all() if term.valid_until is not None]
        found.append(user_found(user, _("任期到 %(day)s 已满，账号还在用。") % {"day": max(ends, default="—")}))
    return Rule("run_out", _("任期满的账号都停用了"), WARNING, _("续任，或请系统管理员停用账号。"), found)


def user_found(user: Any, text: str) -> Found:
    """What was found about one account."""
    return _about([user], lambda _user: text)[0]


def _without_role() -> Rule:
    never = holders().without_role(today()).filter(memberships__isnull=True).order_by("username")
    found = _about(never, lambda user: _("从来没有授过岗位。"))
    return Rule("without_role", _("每个账号都有岗位"), NOTE, _("该授权的授权，开错的停用。"), found)


def _ending() -> Rule:
    day = today()
    ending = Membership.objects.ending(day, ENDING_DAYS).select_related("user", "unit", "community")
    found = [
        user_found(
            held.user,
            _("%(role)s（%(place)s）到 %(day)s。")
            % {"role": held.get_role_display(), "place": held.place, "day": held.valid_until},
        )
        for held in ending.order_by("valid_until", "pk")
    ]
    title = _("%(days)d 天内没有到期的任职") % {"days": ENDING_DAYS}
    return Rule("ending", title, NOTE, _("该续任的续任，该接替的接替。"), found)


def _day(moment: dt.datetime) -> dict[str, str]:
    return {"day": timezone.localtime(moment).strftime("%Y-%m-%d")}
