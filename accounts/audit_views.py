"""Pages of the audit administrator: the log, one entry."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import audit_check, audit_words, exports
from accounts.audit import record
from accounts.audit_archive import kept_days
from accounts.filters import AuditFilter
from accounts.models import AuditEntry, AuditExport, AuditVerb, User
from core.components import Action, Column, Tab
from core.views import ScopedDetailView, ScopedListView


def log_tabs(current: str) -> list[Tab]:
    """The log, and what is written of it each day."""
    parts = [("log", _t("日志")), ("exports", _t("每日导出"))]
    return [Tab(label, reverse(f"accounts:{part}"), current=part == current) for part, label in parts]


class LogView(ScopedListView[AuditEntry]):
    """The audit log, newest first."""

    queryset = AuditEntry.objects.select_related("actor")
    template_name = "accounts/log.html"
    filterset_class = AuditFilter
    export_title = _("审计日志")
    export_columns = exports.LOG
    export_rule = exports.LOG_RULE
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
        context = super().get_context_data(columns=log_columns(), tabs=log_tabs("log"), **kwargs)
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


class ExportsView(ScopedListView[AuditExport]):
    """The signed exports, a day each, newest first."""

    queryset = AuditExport.objects.all()
    template_name = "accounts/export_list.html"
    export_title = _("日志导出")
    export_columns = exports.EXPORTS
    export_rule = exports.EXPORT_RULE
    ordering_fields = {"newest": "-day", "day": "day", "entries": "entries"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table, and what is wrong with the whole: that the exports stopped, or have no key."""
        columns = [Column(_t("日期"), "day"), Column(_t("条数"), "entries", number=True), Column(_t("文件散列"))]
        columns += [Column(_t("导出时间")), Column(_t("操作"), hidden_label=True)]
        return super().get_context_data(
            columns=columns,
            tabs=log_tabs("exports"),
            faults=list(audit_check.latest()),
            has_key=bool(settings.AUDIT_SIGNING_KEY),
            keep_days=kept_days(),
            **kwargs,
        )


class ExportView(ScopedDetailView[AuditExport]):
    """One day's export, checked now: file, signature, chain, and whether the database still holds the same."""

    queryset = AuditExport.objects.all()
    template_name = "accounts/export.html"
    context_object_name = "day_export"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what the check found and the tables that had rows."""
        export = self.object
        _number, found = audit_check.check(export.day, export.day)
        file = reverse("accounts:export_file", args=[export.pk])
        return super().get_context_data(
            found=found,
            sound=not any(finding.level == audit_check.ERROR for finding in found),
            tables=[(name, table["rows"]) for name, table in sorted(export.tables.items()) if table["rows"]],
            actions=[Action(_t("下载"), file, "download", primary=True)],
            **kwargs,
        )


class ExportFileView(ScopedDetailView[AuditExport]):
    """The file itself. Who took it is in the log."""

    queryset = AuditExport.objects.all()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The file as a download; 404 where it is gone, which the check says in words."""
        export = self.get_object()
        if not default_storage.exists(export.file):
            raise Http404
        detail = {"day": export.day.isoformat(), "file": export.file, "rows": export.entries}
        record(AuditVerb.EXPORTED, actor=cast(User, request.user), request=request, target=request.path, detail=detail)
        name = export.file.rpartition("/")[2]
        return FileResponse(default_storage.open(export.file), as_attachment=True, filename=name)
