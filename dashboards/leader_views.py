"""Pages beside the leadership page: points lost item by item, whether units are ranked, the screen on the wall."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import CITY_ROLES
from communities.scoping import reach_of
from core.exports import export_asked, export_link, xlsx_response
from core.fields import filters_in_words
from core.history import moments_of
from core.views import ScopedCreateView
from dashboards import actions
from dashboards.exports import losses_export
from dashboards.facts import ALL
from dashboards.forms import LossesFilter, RankingForm
from dashboards.losses import Losses
from dashboards.models import Display
from dashboards.selectors import sight_of, tables_of
from dashboards.selectors_losses import AskedLosses, losses_page
from dashboards.views import FiguresView, LeaderView


class LossesView(FiguresView):
    """The deductions behind a number of points lost."""

    template_name = "dashboards/losses.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list as asked for; Http404 for what does not exist or is not this person's to see."""
        period = self.find_period(kwargs["quarter"])
        if period is None:
            raise Http404
        units, asked = list(ReportingUnit.objects.all()), self.request.GET
        sight, losses = sight_of(self.request.user, period.row, units), Losses(period.quarter)
        filters = LossesFilter(asked, units=sight.shown, sections=losses.sections)
        if not filters.is_valid() or ("unit" in asked and "unit" not in filters.fields):
            raise Http404
        wanted = AskedLosses(
            unit=filters.cleaned_data.get("unit") or ALL,
            section=int(filters.cleaned_data["section"] or 0),
            sort=asked.get("sort", ""),
            page=asked.get("page", ""),
        )
        tables = tables_of(self.request.user, [period.quarter])
        page = losses_page(self.request.user, period, sight, units, tables, losses, wanted)
        export = export_link(self.request, page.page.paginator.count)
        return super().get_context_data(
            losses=page, filters=filters, sorted_by=page.sorted_by, export=export, units=units, **kwargs
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """The page, or its list as a workbook."""
        if not export_asked(self.request):
            return super().render_to_response(context, **kwargs)
        export = losses_export(context["losses"], context["units"], filters_in_words(context["filters"]))
        return xlsx_response(self.request, export, type(self))


class RankingView(ScopedCreateView[RankingForm]):
    """Whether units are ranked for anybody: the setting, and who changed it when and why."""

    queryset = Display.objects.all()
    form_class = RankingForm
    template_name = "dashboards/ranking.html"
    shows = (Display,)
    success_message = gettext_lazy("已改，所有人的页面都按此显示。")

    def get_initial(self) -> dict[str, Any]:
        """The setting in force."""
        return {"ranking": "yes" if Display.objects.all().ranks() else "no"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds its history, newest first."""
        stored = Display.objects.first()
        return super().get_context_data(entries=moments_of(stored) if stored else [], **kwargs)

    def perform(self, form: RankingForm) -> Display:
        """Set it."""
        values = form.cleaned_data
        return actions.show_ranking(values["ranking"], reason=values["reason"], actor=cast(User, self.request.user))

    def get_success_url(self) -> str:
        """Back to the setting."""
        return reverse("dashboards:ranking")


class WallView(LeaderView):
    """The leadership page as one dark screen of 1920 × 1080, without anything to press. For people of the city."""

    template_name = "dashboards/wall.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuses everybody who does not see the whole city: a wall is read by everybody in the room."""
        if request.user.is_authenticated and not reach_of(request.user).city & CITY_ROLES:
            raise PermissionDenied(_("大屏只给市领导和市新社区办打开。"))
        return super().dispatch(request, *args, **kwargs)
