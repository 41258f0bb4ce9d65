"""Pages of figures: the leadership page, and the facts behind each number."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from communities.scoping import reach_of
from core.exports import export_asked, export_link, xlsx_response
from core.fields import filters_in_words
from core.views import ScopedPageView
from dashboards.exports import facts_export
from dashboards.facts import ALL
from dashboards.facts_reader import Asked, FactsReader
from dashboards.forms import FactsFilter
from dashboards.indicators import REGISTRY, Indicator
from dashboards.models import Figure
from dashboards.selectors import Period, Sight, period_of, sight_of, state_of, tables_of
from dashboards.selectors_facts import facts_page, has_kinds, types_of
from dashboards.selectors_leader import leader_page


class FiguresView(ScopedPageView):
    """A page of figures: for whoever holds a role today, wherever; others are refused."""

    queryset = Figure.objects.all()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuses people without any role before anything is read."""
        if request.user.is_authenticated and not reach_of(request.user).roles:
            raise PermissionDenied(_("数字只给有业务岗位的人看。"))
        return super().dispatch(request, *args, **kwargs)

    def find_period(self, name: str) -> Period | None:
        """The quarter asked for, or the current one; Http404 for a quarter that was never opened."""
        try:
            return period_of(name)
        except LookupError as error:
            raise Http404 from error


class LeaderView(FiguresView):
    """The page that a leader opens: one sentence, then the figures it is made of."""

    template_name = "dashboards/leader.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; nothing (204) for a page that asks again and has seen the present state."""
        self.period = self.find_period(request.GET.get("quarter", ""))
        self.state = state_of(self.period)
        if request.htmx and request.GET.get("seen") == self.state.token:  # type: ignore[attr-defined]
            return HttpResponse(status=204)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page as plain values, and the address under which it asks for itself again."""
        kwargs["state"] = self.state.token
        if self.period is not None:
            ranked = self.request.GET.get("rank") != "no"
            kwargs["leader"] = leader_page(self.request.user, self.period, self.state, ranked=ranked)
        return super().get_context_data(**kwargs)


class FactsView(FiguresView):
    """The facts behind a number."""

    template_name = "dashboards/facts.html"

    def get(  # type: ignore[override]  # a workbook is streamed
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The page, or its list as a workbook."""
        self.find_facts(kwargs["quarter"], kwargs["indicator"])
        if export_asked(request):
            export = facts_export(self.reader, self.units, filters_in_words(self.filters))
            return xlsx_response(request, export, type(self))
        return super().get(request, *args, **kwargs)

    def find_facts(self, quarter: str, code: str) -> None:
        """What the address asks for; Http404 for what does not exist or is not this person's to see."""
        period = self.find_period(quarter)
        if code not in REGISTRY or period is None:
            raise Http404
        self.units, asked = list(ReportingUnit.objects.all()), self.request.GET
        sight, indicator = sight_of(self.request.user, period.row, self.units), REGISTRY[code]
        self.filters = self.filters_of(indicator, sight)
        if not self.filters.is_valid() or ("unit" in asked and "unit" not in self.filters.fields):
            raise Http404
        self.reader = FactsReader(self.request.user, period, indicator, sight, self.asked(self.filters.cleaned_data))

    def filters_of(self, indicator: Indicator, sight: Sight) -> FactsFilter:
        """What this indicator's list can be narrowed by."""
        kinds, news = has_kinds(indicator), indicator.is_count
        return FactsFilter(self.request.GET, units=sight.shown, types=types_of(indicator), kinds=kinds, news=news)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The facts, with the matrix and the proof that they add up."""
        before = [self.reader.quarter.previous()] if self.reader.asked.since else []
        tables = tables_of(self.request.user, [self.reader.quarter, *before])
        page = facts_page(self.reader, self.units, tables)
        export = export_link(self.request, page.page.paginator.count)
        return super().get_context_data(
            facts=page, filters=self.filters, sorted_by=page.sorted_by, export=export, **kwargs
        )

    def asked(self, cleaned: dict[str, Any]) -> Asked:
        """The address in one value."""
        counted = self.request.GET.get("counted", "")
        return Asked(
            unit=cleaned.get("unit") or ALL,
            type=cleaned.get("type") or ALL,
            kind=cleaned.get("kind") or ALL,
            counted=counted if counted in ("yes", "no") else "",
            since=cleaned.get("since") or "",
            q=cleaned.get("q") or "",
            sort=self.request.GET.get("sort", ""),
            page=self.request.GET.get("page", ""),
        )
