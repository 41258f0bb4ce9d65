"""Pages of figures: the leadership page, and the facts behind each number."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from communities.scoping import reach_of
from core.views import ScopedPageView
from dashboards.facts import ALL
from dashboards.facts_reader import Asked
from dashboards.forms import FactsFilter
from dashboards.indicators import REGISTRY, Sort
from dashboards.models import Figure
from dashboards.selectors import Period, period_of, sight_of, state_of, tables_of
from dashboards.selectors_facts import facts_page, types_of
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
            kwargs["leader"] = leader_page(self.request.user, self.period, waiting=self.state.backlog, ranked=ranked)
        return super().get_context_data(**kwargs)


class FactsView(FiguresView):
    """The facts behind a number."""

    template_name = "dashboards/facts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The facts as asked for; Http404 for what does not exist or is not this person's to see."""
        code = kwargs["indicator"]
        period = self.find_period(kwargs["quarter"])
        if code not in REGISTRY or period is None:
            raise Http404
        units = list(ReportingUnit.objects.all())
        sight = sight_of(self.request.user, period.row, units)
        indicator = REGISTRY[code]
        filters = FactsFilter(
            self.request.GET, units=sight.shown, types=types_of(indicator), news=indicator.sort is Sort.SUM
        )
        if not filters.is_valid() or ("unit" in self.request.GET and "unit" not in filters.fields):
            raise Http404
        tables = tables_of(self.request.user, [period.quarter])
        page = facts_page(self.request.user, period, code, sight, units, tables, self.asked(filters.cleaned_data))
        return super().get_context_data(facts=page, filters=filters, sorted_by=page.sorted_by, **kwargs)

    def asked(self, cleaned: dict[str, Any]) -> Asked:
        """The address in one value."""
        counted = self.request.GET.get("counted", "")
        return Asked(
            unit=cleaned.get("unit") or ALL,
            type=cleaned.get("type") or ALL,
            counted=counted if counted in ("yes", "no") else "",
            new=bool(cleaned.get("since")),
            q=cleaned.get("q") or "",
            sort=self.request.GET.get("sort", ""),
            page=self.request.GET.get("page", ""),
        )
