"""The page of construction, and its tables as workbooks."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from communities.models import ReportingUnit
from core.exports import export_asked, export_link, table_link, xlsx_response
from dashboards.construction.exports import TABLES
from dashboards.construction.page import construction_page, selectable
from dashboards.forms import UnitFilter
from dashboards.selectors import sight_of, state_of
from dashboards.views import FiguresView


class ConstructionView(FiguresView):
    """`?quarter=2013Q4&unit=XN`; the present quarter and the whole city unless named.

    `?export=xlsx` takes out the table of units, with `&table=` another one.
    """

    template_name = "dashboards/construction.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page; Http404 for a unit that is not this person's to look at alone."""
        period = self.find_period(self.request.GET.get("quarter", ""))
        if period is None:
            return super().get_context_data(page=None, **kwargs)
        units = list(ReportingUnit.objects.all())
        sight = sight_of(self.request.user, period.row, units)
        offered = selectable(sight, units)
        filters = UnitFilter(self.request.GET, units=offered)
        if not filters.is_valid():
            raise Http404
        unit = next((each for each in offered if each.code == filters.cleaned_data["unit"]), None)
        page = construction_page(self.request.user, period, sight, units, state_of(period), unit)
        export = export_link(self.request, len(page.units) + 1, without=["table"])
        exports = {name: table_link(self.request, name, table(page).count) for name, table in TABLES.items()}
        return super().get_context_data(
            page=page, filters=filters if offered else None, export=export, exports=exports, **kwargs
        )

    def get(  # type: ignore[override]  # a workbook is streamed
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The page, or one of its tables as a workbook; Http404 for a table that it has not."""
        context = self.get_context_data(**kwargs)
        if not export_asked(request) or context["page"] is None:
            return self.render_to_response(context)
        table = TABLES.get(request.GET.get("table", "units"))
        if table is None:
            raise Http404
        return xlsx_response(request, table(context["page"]), type(self))
