"""Pages of the reporting months and quarters: seen by all who report, opened and moved by the city office."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities import actions, exports
from communities.calendar import working_day
from communities.forms import DueDateForm, PeriodForm
from communities.models import PeriodState, ReportingMonth, ReportingQuarter
from core.components import Column
from core.exports import export_asked, export_link, xlsx_response
from core.periods import Month, Quarter
from core.views import ScopedActionView, ScopedCreateView, ScopedPageView, ScopedUpdateView

TONES = {PeriodState.PLANNED: "", PeriodState.OPEN: "info", PeriodState.CLOSED: ""}


class PeriodsView(ScopedPageView):
    """Every reporting month and quarter, newest first."""

    queryset = ReportingMonth.objects.all()
    template_name = "communities/periods.html"

    def get(  # type: ignore[override]  # a workbook is streamed
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The page, or both tables as one workbook."""
        if export_asked(request):
            return xlsx_response(request, exports.periods_export(request.user), type(self))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Both tables; the city office gets its buttons."""
        user = self.request.user
        tables = [
            _table(_t("月份"), "month", ReportingMonth.objects.visible_to(user)),
            _table(_t("季度"), "quarter", ReportingQuarter.objects.visible_to(user)),
        ]
        labels = [_t("期间"), _t("状态"), _t("开放"), _t("截止"), _t("改期原因")]
        may_open = ReportingMonth.objects.all().creatable_by(user)
        hidden = [_t("办理"), _t("历史")] if may_open else [_t("历史")]
        heads = [Column(label, hidden_label=True) for label in hidden]
        return super().get_context_data(
            tables=tables,
            columns=[*map(Column, labels), *heads],
            may_open=may_open,
            today=working_day(),
            export=export_link(self.request, sum(len(table["periods"]) for table in tables)),
            **kwargs,
        )


def _table(title: str, kind: str, rows: Any) -> dict[str, Any]:
    periods = [
        {
            "period": row,
            "tone": TONES[PeriodState(row.state)],
            "due_url": reverse(f"communities:{kind}_due", args=[row.pk]),
            "turn_url": _turn_url(row),
            "history_url": reverse(f"communities:{kind}_history", args=[row.pk]),
        }
        for row in rows
    ]
    return {"title": title, "periods": periods, "open_url": reverse(f"communities:{kind}_open"), "kind": kind}


def _turn_url(period: Any) -> str:
    """Where the button of a month posts to; a quarter has none, because it is not closed."""
    if not isinstance(period, ReportingMonth):
        return ""
    return reverse(f"communities:month_{'close' if period.state == PeriodState.OPEN else 'reopen'}", args=[period.pk])


class _PeriodMixin:
    """Month or quarter: `queryset` says which."""

    queryset: Any

    @property
    def period_model(self) -> Any:
        """ReportingMonth or ReportingQuarter."""
        return self.queryset.model

    def get_success_url(self, record: Any = None) -> str:
        """Back to the list."""
        return reverse("communities:periods")


class PeriodOpenView(_PeriodMixin, ScopedCreateView[PeriodForm]):
    """A period that has no row yet."""

    template_name = "communities/period_form.html"
    form_class = PeriodForm
    success_message = _("已开放填报。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is that of the model."""
        return {**super().get_form_kwargs(), "model": self.period_model}

    def get_initial(self) -> dict[str, Any]:
        """The period after the newest one, with customary days that may be changed."""
        newest = self.queryset.all().order_by("-year", "-number").first()
        following = _after(newest) if newest is not None else None
        if following is None:
            return {}
        days = {
            "opens_on": following.last_day - dt.timedelta(days=5),
            "due_on": following.last_day + dt.timedelta(days=5),
        }
        return {"year": following.year, "number": following.number, **days}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the page's title."""
        month = self.period_model is ReportingMonth
        return super().get_context_data(heading=_t("开放新的月份") if month else _t("开放新的季度"), **kwargs)

    def perform(self, form: PeriodForm) -> Any:
        """Open it."""
        values, actor = form.cleaned_data, cast(User, self.request.user)
        days = {"opens_on": values["opens_on"], "due_on": values["due_on"]}
        if self.period_model is ReportingMonth:
            return actions.open_month(Month(values["year"], values["number"]), actor=actor, **days)
        return actions.open_quarter(Quarter(values["year"], values["number"]), actor=actor, **days)


def _after(period: ReportingMonth | ReportingQuarter) -> Month | Quarter:
    return period.month.next() if isinstance(period, ReportingMonth) else period.quarter.next()


class PeriodDueView(_PeriodMixin, ScopedUpdateView[DueDateForm]):
    """Another due date, with a reason."""

    template_name = "communities/period_form.html"
    form_class = DueDateForm
    success_message = _("截止日期已改。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is that of the model."""
        return {**super().get_form_kwargs(), "model": self.period_model}

    def get_initial(self) -> dict[str, Any]:
        """The due date in force."""
        return {"due_on": self.object.due_on, "version": self.object.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the page's title."""
        heading = _t("%(period)s：改截止日期") % {"period": self.object}
        note = _t("现在的截止日期是 %(due)s。") % {"due": self.object.due_on}
        return super().get_context_data(heading=heading, note=note, **kwargs)

    def perform(self, form: DueDateForm) -> Any:
        """Move it."""
        values, actor = form.cleaned_data, cast(User, self.request.user)
        return actions.move_due_date(
            self.object,
            values["due_on"],
            reason=values["due_reason"],
            expected_version=values["version"],
            actor=actor,
        )


class MonthCloseView(_PeriodMixin, ScopedActionView):
    """End reporting for a month. A page that is out of date gets 409, not the opposite of what it said."""

    queryset = ReportingMonth.objects.all()
    success_message = _("已关闭。")

    def act(self, record: Any) -> Any:
        """Close it."""
        return actions.close_month(record, actor=cast(User, self.request.user))


class MonthReopenView(_PeriodMixin, ScopedActionView):
    """Open a planned or closed month."""

    queryset = ReportingMonth.objects.all()
    success_message = _("已开放填报。")

    def act(self, record: Any) -> Any:
        """Open it."""
        return actions.open_month(record.month, actor=cast(User, self.request.user))
