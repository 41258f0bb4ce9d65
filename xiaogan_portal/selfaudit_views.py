"""The self-audit as a page, for the security and the audit administrator."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from accounts.models import Administrator, AdministratorKind
from accounts.querysets import AdministratorsQuerySet, administrator_kind
from core.exports import export_asked, export_link, xlsx_response
from core.views import ScopedPageView
from xiaogan_portal import selfaudit
from xiaogan_portal.selfaudit_export import lines_of, selfaudit_export


class OverseerQuerySet(AdministratorsQuerySet[Administrator]):
    """Who looks whether all is in order."""

    readers = frozenset({"security", "audit"})


class SelfAuditView(ScopedPageView):
    """Every rule with what was found, worst first."""

    queryset = OverseerQuerySet(Administrator)
    template_name = "xiaogan_portal/selfaudit.html"

    def get(  # type: ignore[override]  # a workbook is streamed
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The page, or its list as a workbook."""
        if export_asked(request):
            return xlsx_response(request, selfaudit_export(selfaudit.look()), type(self))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the rules; the security administrator's findings lead to the person."""
        rules = selfaudit.look()
        return super().get_context_data(
            broken=[rule for rule in rules if rule.found],
            kept=[rule for rule in rules if not rule.found],
            errors=selfaudit.has_errors(rules),
            export=export_link(self.request, len(lines_of(rules))),
            links=administrator_kind(self.request.user) == AdministratorKind.SECURITY,
            **kwargs,
        )
