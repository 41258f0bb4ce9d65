"""What the lists of notices write as Excel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.xlsx import ExportColumn, Kind

RECEIVED = (
    ExportColumn(_("标题"), "notice.title", width=50),
    ExportColumn(_("内容"), "notice.body", width=60),
    ExportColumn(_("种类"), "notice.kind_label", width=14),
    ExportColumn(_("发送人"), "notice.sender_label", width=18),
    ExportColumn(_("发出"), "notice.created_at", Kind.MOMENT),
    ExportColumn(_("看到"), "seen_at", Kind.MOMENT),
    ExportColumn(_("签收"), "signed_at", Kind.MOMENT),
)
SENT = (
    ExportColumn(_("标题"), "title", width=50),
    ExportColumn(_("内容"), "body", width=60),
    ExportColumn(_("种类"), "kind_label", width=14),
    ExportColumn(_("发送人"), "sender_label", width=18),
    ExportColumn(_("发出"), "created_at", Kind.MOMENT),
    ExportColumn(_("发给（人）"), "people", Kind.COUNT),
    ExportColumn(_("已签收（人）"), "signed", Kind.COUNT),
    ExportColumn(_("没签收的"), "unsigned_names", width=40),
)
