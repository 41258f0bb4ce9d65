"""The page of months and quarters: how complete and how timely, what is missing, and who moved which due date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.calendar import working_day
from communities.models import PeriodState, ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import CITY_ROLES, UNIT_ROLES
from communities.scoping import reach_of
from core.components import Action, Tab
from core.exports import ListExport, export_asked, export_link, xlsx_response
from core.history import moments_of
from core.views import ScopedPageView
from dashboards.completeness import (
    MonthTable,
    QuarterTable,
    Row,
    missing_projects,
    month_table,
    period_url,
    quarter_table,
    sight_of,
)
from dashboards.exports_completeness import missing_export, month_export, quarter_export
from dashboards.urge_views import urge_words
from facilities.urging import units_behind, urges_of

P = TypeVar("P", ReportingMonth, ReportingQuarter)
PAGE = 50


@dataclass(frozen=True)
class Line:
    """A unit's row with its newest 催报 in words, the notice's page and the page to urge; empty where there is none."""

    row: Row
    urged: str
    notice_url: str
    urge_url: str


class CompletenessView(ScopedPageView):
    """`?month=2013-12` or `?quarter=2013Q4`; the newest open month unless one is named. For all who report or lead."""

    queryset = ReportingMonth.objects.all()
    template_name = "dashboards/completeness.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuses people who neither report nor lead before anything is read."""
        if request.user.is_authenticated and not reach_of(request.user).roles & (CITY_ROLES | UNIT_ROLES):
            raise PermissionDenied(_("完整率只给填报和管理的人看。"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """The page, or as a workbook what it shows: the quarter, the month, or the projects that are missing in it."""
        if not export_asked(request):
            return super().get(request, *args, **kwargs)
        return xlsx_response(request, self.asked_export(), type(self))

    def asked_export(self) -> ListExport:
        """The list that the address asks for; Http404 where no period was ever opened."""
        if "quarter" in self.request.GET:
            return quarter_export(self.board(self.period(ReportingQuarter, "quarter")))
        month = self.period(ReportingMonth, "month")
        if missing := self.missing(month):
            return missing_export(month, missing["unit"], missing["rows"])
        return month_export(self.table(month))

    def period(self, model: type[P], name: str) -> P:
        """The period that is taken out; Http404 where none was ever opened."""
        found = self.find(model, name)
        if found is None:
            raise Http404
        return found

    def find(self, model: type[P], name: str) -> P | None:
        """The period that the address names, or the newest open one, or the newest; Http404 for one never opened."""
        rows = list(model._default_manager.exclude(state=PeriodState.PLANNED))
        if asked := self.request.GET.get(name):
            found = [row for row in rows if str(row) == asked]
            if not found:
                raise Http404
            return found[0]
        return next((row for row in rows if row.state == PeriodState.OPEN), rows[0] if rows else None)

    def table(self, month: ReportingMonth) -> MonthTable:
        """The month as this person may see it."""
        units = list(ReportingUnit.objects.all())
        return month_table(month, units, sight_of(self.request.user, units), working_day())

    def board(self, quarter: ReportingQuarter) -> QuarterTable:
        """The quarter as this person may see it."""
        months = ReportingMonth.objects.exclude(state=PeriodState.PLANNED)
        return quarter_table(quarter, list(months), self.request.user, working_day())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A month's table or a quarter's, with what is missing and the history of the period."""
        by_quarter = "quarter" in self.request.GET
        context = self.quarter_context() if by_quarter else self.month_context()
        tabs = [
            Tab(_("按月"), reverse("dashboards:completeness"), current=not by_quarter),
            Tab(_("按季度"), f"{reverse('dashboards:completeness')}?quarter=", current=by_quarter),
        ]
        return super().get_context_data(tabs=tabs, today=working_day(), **context, **kwargs)

    def month_context(self) -> dict[str, Any]:
        """One month."""
        month = self.find(ReportingMonth, "month")
        if month is None:
            return {"actions": self.actions("month", None)}
        table = self.table(month)
        return {
            "period": month,
            "table": table,
            "lines": self.lines(month, table),
            "missing": self.missing(month),
            "export": export_link(self.request, len(table.lines), without=["missing"]),
            **self.around("month", month),
        }

    def lines(self, month: ReportingMonth, table: MonthTable) -> list[Line]:
        """The units' rows, each with its newest 催报 and, for the city office, the way to urge."""
        urges, may_urge = urges_of(month), ReportingMonth.objects.all().creatable_by(self.request.user)
        behind = {row.unit.code for row in units_behind(month)} if may_urge else set[str]()
        found = []
        for row in table.rows:
            last = urges.get(row.code)
            url = f"{reverse('dashboards:urge', args=[month.pk])}?unit={row.code}" if row.code in behind else ""
            read = last.notice.get_absolute_url() if last is not None and may_urge else ""
            found.append(Line(row, urge_words(last) if last is not None else "", read, url))
        return found

    def quarter_context(self) -> dict[str, Any]:
        """One quarter."""
        quarter = self.find(ReportingQuarter, "quarter")
        if quarter is None:
            return {"actions": self.actions("quarter", None)}
        board = self.board(quarter)
        export = export_link(self.request, len(board.lines))
        return {"period": quarter, "board": board, "export": export, **self.around("quarter", quarter)}

    def around(self, kind: str, period: ReportingMonth | ReportingQuarter) -> dict[str, Any]:
        """The neighbours of a period, its history and what may be done with it."""
        rows: list[Any] = list(type(period)._default_manager.exclude(state=PeriodState.PLANNED))
        place = [row.pk for row in rows].index(period.pk)
        before, after = rows[place + 1 :][:1], rows[max(0, place - 1) : place]
        return {
            "previous_url": period_url(**{kind: str(before[0])}) if before else "",
            "next_url": period_url(**{kind: str(after[0])}) if after else "",
            "moments": moments_of(period),
            "actions": self.actions(kind, period),
        }

    def actions(self, kind: str, period: Any) -> list[Action]:
        """What the city office may do here; nobody else anything."""
        if not ReportingMonth.objects.all().creatable_by(self.request.user):
            return []
        open_label = _("开放新的月份") if kind == "month" else _("开放新的季度")
        found = [Action(open_label, reverse(f"communities:{kind}_open"), "plus", primary=True)]
        if period is not None and period.state != PeriodState.CLOSED:
            found.insert(0, Action(_("改截止日期"), reverse(f"communities:{kind}_due", args=[period.pk]), "calendar"))
        if kind == "month" and period is not None and period.state == PeriodState.OPEN:
            found.insert(0, Action(_("催报"), reverse("dashboards:urge", args=[period.pk]), "bell"))
        return found

    def missing(self, month: ReportingMonth) -> dict[str, Any] | None:
        """The projects without a report, where a number asked for them; Http404 for a unit that is none."""
        code = self.request.GET.get("missing", "")
        if not code:
            return None
        # Compared here, as the periods are: PostgreSQL could not be asked about a NUL (%00).
        unit = next((unit for unit in ReportingUnit.objects.all() if unit.code == code), None)
        if unit is None and code != "all":
            raise Http404
        rows = missing_projects(self.request.user, month, unit)
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        export = export_link(self.request, page.paginator.count)
        return {"unit": unit, "rows": rows, "page_obj": page, "month": month, "export": export}
