"""What the administrators' lists write as Excel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import audit_words
from core.xlsx import ExportColumn, Kind

ACCOUNT_RULE = _("每个账号一条，停用的也列；是不是在用，看导出的时候。")
ACCOUNTS = (
    ExportColumn(_("用户名"), "username", width=20),
    ExportColumn(_("姓名"), "full_name", width=20),
    ExportColumn(_("三员"), audit_words.post_of, width=14),
    ExportColumn(_("联系电话"), "phone", width=16),
    ExportColumn(_("在用"), audit_words.in_force, width=8),
    ExportColumn(_("最近登录"), "last_login", Kind.MOMENT),
    ExportColumn(_("开通"), "date_joined", Kind.MOMENT),
)
LOG_RULE = _("每个动作一条，没有成功和被拒绝的也算。")
LOG = (
    ExportColumn(_("编号"), "pk", Kind.COUNT),
    ExportColumn(_("时间"), "at", Kind.MOMENT),
    ExportColumn(_("用户名"), "username", width=20),
    ExportColumn(_("人员"), audit_words.name_of, width=20),
    ExportColumn(_("动作"), audit_words.act_of, width=22),
    ExportColumn(_("结果"), audit_words.outcome_of, width=8),
    ExportColumn(_("来源地址"), "address", width=18),
    ExportColumn(_("对象"), "target", width=40),
    ExportColumn(_("详情"), audit_words.details_in_a_line, width=60),
)
TOKEN_RULE = _("每个令牌一条，到期和吊销的也列；只有开头几个字符，令牌本身不存。")
TOKENS = (
    ExportColumn(_("用途"), "name", width=24),
    ExportColumn(_("人员"), "user.full_name", width=20),
    ExportColumn(_("用户名"), "user.username", width=20),
    ExportColumn(_("开头"), "prefix", width=16),
    ExportColumn(_("签发"), "created_at", Kind.MOMENT),
    ExportColumn(_("到期"), "expires_at", Kind.MOMENT),
    ExportColumn(_("吊销"), "revoked_at", Kind.MOMENT),
    ExportColumn(_("最近使用"), "last_used_on", Kind.DAY),
)
EXPORT_RULE = _("每天一个文件，按上海时间的一天归入；条数是审计记录加各表历史，一行一条。")
EXPORTS = (
    ExportColumn(_("日期"), "day", Kind.DAY),
    ExportColumn(_("条数"), "entries", Kind.COUNT, total=True),
    ExportColumn(_("文件"), "file", width=50),
    ExportColumn(_("SHA-256"), "digest", width=66),
    ExportColumn(_("签名密钥"), "key_id", width=18),
    ExportColumn(_("导出时间"), "made_at", Kind.MOMENT),
)
