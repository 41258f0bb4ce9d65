"""The review inbox: what changed, approve or return, one by one or several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from core.errors import NotAllowed, RuleViolation
from core.exports import export_asked, export_link, xlsx_response
from core.views import ScopedMixin, ScopedPageView
from facilities import report_actions
from facilities.models import ProgressReport, Project
from facilities.report_actions import Outcome
from facilities.report_forms import BatchForm, DecisionForm
from facilities.report_workflow import REVIEWERS
from facilities.review_export import review_export
from facilities.review_reads import ReviewRow, decides_for_units, decision_on, may_review, nothing_waits, waiting_for
from facilities.views import actor_of


def inbox_url(row: ReviewRow | None = None) -> str:
    """The inbox, opened at a report."""
    address = reverse("facilities:review")
    return f"{address}?report={row.report.pk}#detail" if row else address


class _ReviewersOnly(ScopedMixin):
    """Nobody else has an inbox: 403 before anything is read."""

    queryset = ProgressReport.objects.select_related("project__community", "month")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the right first."""
        if request.user.is_authenticated and not may_review(actor_of(self)):
            raise PermissionDenied(_("审核由县专班审核岗位办。"))
        return super().dispatch(request, *args, **kwargs)


def inbox_context(rows: list[ReviewRow], asked: str, **more: Any) -> dict[str, Any]:
    """What `review.html` shows; `asked` is the key of the report to open, the first one where it is not there."""
    chosen = next((row for row in rows if str(row.report.pk) == asked), None)
    shown = chosen or next(iter(rows), None)
    months = sorted({row.report.month.month for row in rows})
    context = {
        "total": sum(not row.locked for row in rows) or len(rows),
        "changed": [row for row in rows if row.changes or row.photos],
        "unchanged": [row for row in rows if not row.changes and not row.photos],
        "months": months,
        "several_months": len(months) > 1,
        "chosen": chosen is not None,
        "current": decision_on(shown) if shown else None,
        "has_next": any(row is not shown and not row.locked for row in rows),
    }
    return context | more


class ReviewInbox(_ReviewersOnly, ScopedPageView):
    """What waits for this person's decision."""

    template_name = "facilities/review.html"

    def get(  # type: ignore[override]  # a workbook is streamed
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The page, or its list as a workbook."""
        if not export_asked(request):
            return super().get(request, *args, **kwargs)
        user = actor_of(self)
        export = review_export(waiting_for(user), self.queryset.all().place_words(user))
        return xlsx_response(request, export, type(self))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the groups and the report that is open."""
        user = actor_of(self)
        rows = waiting_for(user)
        found = inbox_context(rows, self.request.GET.get("report", ""), for_unit=decides_for_units(user))
        found["nothing"] = "" if rows else nothing_waits(user)
        found["subtitle"] = _subtitle(self.queryset.all().place_words(user), found["months"])
        export = export_link(self.request, len(rows), without=["report"])
        return super().get_context_data(**found, export=export, **kwargs)


def _subtitle(place: str, months: list[Any]) -> str:
    if not months:
        return place
    return _("%(place)s · %(months)s 项目月报") % {"place": place, "months": _("、").join(map(str, months))}


class _Decide(ScopedMixin, View):
    """A decision on one report."""

    http_method_names = ["post", "options"]
    queryset = ProgressReport.objects.select_related("project__community", "month")

    def get_editable(self, **lookup: Any) -> Any:
        """The report, for whoever reviews in its unit or for the whole city."""
        report = self.get_visible(**lookup)
        if not Project.objects.reached_as(self.request.user, REVIEWERS).filter(pk=report.project_id).exists():
            raise PermissionDenied(_("审核由县专班审核岗位办。"))
        return report

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide, say so, open the next one. Where it is refused, the same page with what was entered."""
        report = self.get_editable(pk=pk)
        following = _following(waiting_for(actor_of(self)), pk)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.refused(pk, form, _("页面打开后这条有了变化。刷新后再办。"), 422)
        try:
            self.decide(report, form.cleaned_data)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except RuleViolation as refusal:
            return self.refused(pk, form, refusal.message, refusal.status)
        messages.success(request, self.said(report))
        return HttpResponseRedirect(inbox_url(following))

    def refused(self, pk: int, form: DecisionForm, message: str, status: int) -> HttpResponse:
        """The inbox with the reason on top, and what was written in its fields."""
        user = actor_of(self)
        sent = {name: form.data.get(name, "") for name in ("reason", "away_reason")}
        context = inbox_context(waiting_for(user), str(pk), for_unit=decides_for_units(user), refusal=message, **sent)
        return render(self.request, "facilities/review.html", context, status=status)

    def decide(self, report: ProgressReport, sent: dict[str, Any]) -> None:
        """Call the action."""
        raise NotImplementedError

    def said(self, report: ProgressReport) -> str:
        """What was done, for the message."""
        raise NotImplementedError


def _following(rows: list[ReviewRow], pk: int) -> ReviewRow | None:
    """The next one after `pk` that the person may decide on, from the beginning again after the last."""
    keys = [row.report.pk for row in rows]
    at = keys.index(pk) if pk in keys else -1
    return next((row for row in [*rows[at + 1 :], *rows[: max(at, 0)]] if not row.locked), None)


class ReportApprove(_Decide):
    """Approves one report."""

    def decide(self, report: ProgressReport, sent: dict[str, Any]) -> None:
        """Approve it; for the city office with the reason why the unit's reviewer does not."""
        report_actions.approve_report(
            report, actor=actor_of(self), expected_version=sent["version"], away_reason=sent["away_reason"]
        )

    def said(self, report: ProgressReport) -> str:
        """Approved."""
        return _("已通过：%(project)s") % {"project": report.project}


class ReportReturn(_Decide):
    """Sends one report back."""

    def decide(self, report: ProgressReport, sent: dict[str, Any]) -> None:
        """Return it, with the reason."""
        report_actions.return_report(
            report, actor=actor_of(self), expected_version=sent["version"], reason=sent["reason"]
        )

    def said(self, report: ProgressReport) -> str:
        """Returned."""
        return _("已退回：%(project)s") % {"project": report.project}


class _DecideMany(_ReviewersOnly, View):
    """A decision on several reports; each stands for itself."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide, then say how many went through, and of each that did not why."""
        form = BatchForm(request.POST)
        if form.is_valid():
            self.tell(self.decide(form.cleaned_data))
        else:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(inbox_url())

    def tell(self, outcomes: list[Outcome]) -> None:
        """The result in sentences."""
        failed = [outcome for outcome in outcomes if outcome.error]
        if len(failed) < len(outcomes):
            messages.success(self.request, self.done % {"number": len(outcomes) - len(failed)})
        if failed:
            lines = [
                _("%(project)s：%(why)s") % {"project": each.report.project, "why": each.error}
                if each.report
                else each.error
                for each in failed
            ]
            messages.error(self.request, self.left % {"number": len(failed)} + " ".join(lines))

    def decide(self, sent: dict[str, Any]) -> list[Outcome]:
        """Call the action."""
        raise NotImplementedError

    @property
    def done(self) -> str:
        """How many went through."""
        raise NotImplementedError

    @property
    def left(self) -> str:
        """How many did not."""
        raise NotImplementedError


class ReviewApprove(_DecideMany):
    """Approves what is ticked."""

    def decide(self, sent: dict[str, Any]) -> list[Outcome]:
        """Approve each."""
        return report_actions.approve_many(sent["report"], actor=actor_of(self), away_reason=sent["away_reason"])

    @property
    def done(self) -> str:
        """How many went through."""
        return _("通过了 %(number)d 条。")

    @property
    def left(self) -> str:
        """How many did not."""
        return _("%(number)d 条没有通过：")


class ReviewReturn(_DecideMany):
    """Sends back what is ticked, for one reason."""

    def decide(self, sent: dict[str, Any]) -> list[Outcome]:
        """Return each."""
        return report_actions.return_many(sent["report"], actor=actor_of(self), reason=sent["reason"])

    @property
    def done(self) -> str:
        """How many went back."""
        return _("退回了 %(number)d 条。")

    @property
    def left(self) -> str:
        """How many did not."""
        return _("%(number)d 条没有退回：")
