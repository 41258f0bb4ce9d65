"""Pages of the audit administrator: the log, one entry."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import audit_words, exports
from accounts.filters import AuditFilter
from accounts.models import AuditEntry
from core.components import Column
from core.views import ScopedDetailView, ScopedListView


class LogView(ScopedListView[AuditEntry]):
    """The audit log, newest first."""

    queryset = AuditEntry.objects.select_related("actor")
    template_name = "accounts/log.html"
    filterset_class = AuditFilter
    export_title = _("审计日志")
    export_columns = exports.LOG
    ordering_fields = {"at": "pk", "person": "username", "verb": "verb", "address": "address"}
    paginate_by = 50

    def sort(self, rows: Any) -> Any:
        """Newest first unless asked otherwise; of equal ones the newest first."""
        asked = self.request.GET.get("sort", "")
        self.sorted_by = asked if asked.lstrip("-") in self.ordering_fields else "-at"
        field = self.ordering_fields[self.sorted_by.lstrip("-")]
        return rows.order_by(("-" if self.sorted_by.startswith("-") else "") + field, "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table and each row in words."""
        context = super().get_context_data(columns=log_columns(), **kwargs)
        for row in context["page_obj"]:
            row.act_words, row.detail_words = audit_words.act_of(row), audit_words.details_in_a_line(row)
        return context


def log_columns() -> list[Column]:
    """Heads of the log."""
    return [
        Column(_t("时间"), "at"),
        Column(_t("人员"), "person"),
        Column(_t("动作"), "verb"),
        Column(_t("结果")),
        Column(_t("来源地址"), "address"),
        Column(_t("对象")),
    ]


class EntryView(ScopedDetailView[AuditEntry]):
    """One entry with everything that was written down."""

    queryset = AuditEntry.objects.select_related("actor")
    template_name = "accounts/entry.html"
    context_object_name = "entry"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words."""
        entry = self.object
        return super().get_context_data(act=audit_words.act_of(entry), details=audit_words.details(entry), **kwargs)
