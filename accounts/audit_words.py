"""The audit log in words: what an entry's short codes mean to the person who reads it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, AuditVerb, User

# What was done, by verb and the code in `detail["act"]`.
ACTS: dict[tuple[str, str], Any] = {
    (AuditVerb.ACCOUNT, "created"): _("开通账号"),
    (AuditVerb.ACCOUNT, "edited"): _("改姓名、电话"),
    (AuditVerb.ACCOUNT, "one_time_password"): _("发一次性密码"),
    (AuditVerb.ACCOUNT, "unlocked"): _("解锁"),
    (AuditVerb.ACCOUNT, "ended"): _("停用账号"),
    (AuditVerb.SECOND_FACTOR, "added"): _("启用第二因素"),
    (AuditVerb.SECOND_FACTOR, "removed"): _("关闭第二因素"),
    (AuditVerb.SECOND_FACTOR, "renewed"): _("换备用码"),
    (AuditVerb.SECOND_FACTOR, "reset"): _("重置第二因素"),
    (AuditVerb.GRANTED, "granted"): _("授权"),
    (AuditVerb.GRANTED, "ended"): _("终止任职"),
    (AuditVerb.GRANTED, "withdrawn"): _("收回授权"),
    (AuditVerb.TOKEN, "issued"): _("签发令牌"),
    (AuditVerb.TOKEN, "revoked"): _("吊销令牌"),
    (AuditVerb.TOKEN, "refused"): _("令牌无效"),
}
LABELS: dict[str, Any] = {
    "reason": _("原因"),
    "role": _("岗位"),
    "place": _("地点"),
    "from": _("起"),
    "until": _("止"),
    "predecessor": _("接替"),
    "administrator": _("三员"),
    "method": _("方法"),
    "incident": _("编号"),
    "locked": _("当时已锁定"),
    "minutes": _("锁定分钟"),
    "type": _("种类"),
    "list": _("列表"),
    "filters": _("筛选"),
    "rows": _("条数"),
    "read_only": _("只读"),
    "of": _("令牌主人"),
    "token": _("令牌"),
    "file": _("文件"),
    "day": _("日期"),
    "before": _("早于"),
}
_REASONS = {"asked": _("本人退出"), "timeout": _("超时")}


def post_of(user: User) -> str:
    """Which of the three administrators somebody is, in words; empty for others."""
    post = getattr(user, "administrator", None)
    return str(post.get_kind_display()) if post is not None else ""


def in_force(user: User) -> str:
    """Whether an account was not ended."""
    return _t("是") if user.is_active else _t("否")


def name_of(entry: AuditEntry) -> str:
    """The name of who acted; empty where nobody was signed in."""
    return str(entry.actor) if entry.actor is not None else ""


def act_of(entry: AuditEntry) -> str:
    """What was done, in a few words."""
    return str(ACTS.get((entry.verb, str(entry.detail.get("act", ""))), entry.get_verb_display()))


def outcome_of(entry: AuditEntry) -> str:
    """成功 or 没成."""
    return _t("成功") if entry.succeeded else _t("没成")


def details(entry: AuditEntry) -> list[tuple[str, str]]:
    """Label and words of each detail; the act itself is said already, what is empty is left out."""
    found = []
    for key, value in entry.detail.items():
        words = _words(key, value)
        if key != "act" and words:
            found.append((str(LABELS.get(key, key)), words))
    return found


def details_in_a_line(entry: AuditEntry) -> str:
    """The details as one text."""
    return "；".join(f"{label}：{words}" for label, words in details(entry))


def _words(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _t("是") if value else _t("否")
    if isinstance(value, list):
        return "；".join(map(str, value))
    if key == "reason":
        return str(_REASONS.get(value, value))
    return "" if value is None else str(value)
