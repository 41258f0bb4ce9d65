"""Entry of the monthly report: the form, its drafts, submitting, taking back, correcting."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from accounts.models import User
from communities.models import PeriodState, ReportingMonth
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, StaleVersion
from core.formats import clock
from core.incidents import error_page
from core.periods import Month
from core.views import ScopedActionView, ScopedMixin, ScopedUpdateView
from facilities import report_actions
from facilities.evidence import evidence_asked
from facilities.models import ProgressReport, Project, StageDefinition
from facilities.money import known_total
from facilities.photo_parts import photos_on_form
from facilities.report_forms import CorrectionForm, DraftForm, ReportForm, given
from facilities.report_place import Place, form_url, place_of
from facilities.report_reads import invested_before, prefill
from facilities.report_texts import last_words, money_lines, source_words
from facilities.report_workflow import CONTENT, OPEN
from facilities.views import actor_of


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which cannot see where an answer redirects to."""
    return request.headers.get("Accept") == "application/json"


def for_script(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A redirect as JSON `{location}` for a script; anything else as it is."""
    if wants_json(request) and isinstance(response, HttpResponseRedirect):
        return JsonResponse({"location": response.url})
    return response


class ProjectMonth(ScopedMixin):
    """A project within the person's right to report, and a month, both from the address."""

    queryset = Project.objects.with_place().select_related("community")
    request: HttpRequest
    kwargs: dict[str, Any]

    def get_editable(self, **lookup: Any) -> Any:
        """The project: Http404 where the person may not even see it, PermissionDenied where they may not report."""
        project = self.get_visible(**lookup)
        if not Project.objects.reportable_by(self.request.user).filter(pk=project.pk).exists():
            raise PermissionDenied(_("你的岗位不能为这个项目填月报。"))
        return project

    @cached_property
    def project(self) -> Project:
        """The project."""
        project: Project = self.get_editable(pk=self.kwargs["pk"])
        return project

    @cached_property
    def month(self) -> ReportingMonth:
        """The month; Http404 where there is no such row."""
        try:
            month = Month.parse(self.kwargs["month"])
        except ValueError as error:
            raise Http404 from error
        rows = ReportingMonth.objects.visible_to(self.request.user)
        return get_object_or_404(rows, year=month.year, number=month.number)

    @cached_property
    def report(self) -> ProgressReport | None:
        """The newest revision, if anybody has entered anything."""
        rows = ProgressReport.objects.of_month(self.month).filter(project=self.project).newest_revision()
        return rows.select_related("entered_by", "reviewed_by").first()

    @cached_property
    def place(self) -> Place:
        """Where the project stands among the month's."""
        return place_of(actor_of(self), self.month, self.project)

    @cached_property
    def last(self) -> dict[str, Any]:
        """What the last report said."""
        return prefill(self.project, self.month)

    @cached_property
    def invested(self) -> Decimal | None:
        """What had been invested before the month, in 万元."""
        return invested_before([self.project], self.month)[self.project.pk]

    @cached_property
    def papers(self) -> Mapping[int, str]:
        """What proves each stage."""
        return evidence_asked().papers

    def after_submission(self) -> str:
        """The next report to fill in, or the month's list when all are filled in."""
        following = place_of(actor_of(self), self.month, self.project).next
        if following is not None:
            return form_url(following, self.month)
        return f"{reverse('facilities:reports')}?month={self.month.pk}"


def undo_url(report: ProgressReport) -> str:
    """The POST that takes a submission back; empty where its month is closed by now."""
    if not report.is_in_time:
        return ""
    return f"{reverse('facilities:report_withdraw', args=[report.pk])}?version={report.version}"


class ReportEntry(ProjectMonth, ScopedUpdateView[ReportForm]):
    """One report, filled in and submitted."""

    form_class = ReportForm
    template_name = "facilities/report_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A redirect is told to a script as JSON."""
        return for_script(request, super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; what is submitted or approved is only read."""
        report = self.report
        if report is not None and report.state not in OPEN:
            return HttpResponseRedirect(report.get_absolute_url())
        if self.month.state != PeriodState.OPEN and not (report is not None and report.is_in_time):
            return error_page(request, 409, _("%(month)s 不在填报中，不能填月报。") % {"month": self.month})
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Opens with the draft, or with the last report."""
        values = {name: getattr(self.report, name) for name in CONTENT} if self.report else dict(self.last)
        initial = {**values, "version": self.report.version if self.report else None}
        known = {"project": self.project, "last": self.last, "invested": self.invested, "papers": self.papers}
        return {**super().get_form_kwargs(), **known, "initial": initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the last values, what changed, the place in the month and what must be said first."""
        context = super().get_context_data(**kwargs)
        form: ReportForm = context["form"]
        changed, warnings = form.changed_from_last(), form.present_warnings()
        lines = money_lines(form, self.last)
        states = dict.fromkeys(changed, "changed") | {warning.field: "warning" for warning in warnings}
        return context | {
            "month": self.month,
            "report": self.report,
            "place": self.place,
            "last": last_words(self.last),
            "invested_before": self.invested,
            "invested_total": known_total({"before": self.invested, "now": given(form, "invested")}, ("before", "now")),
            "money": lines,
            "money_more": not all(line.used for line in lines),
            "definitions": StageDefinition.objects.all(),
            "stage_now": int(form["stage"].value() or 0) if str(form["stage"].value() or 0).isdecimal() else None,
            "source": source_words(self.project, self.month),
            "states": states,
            "changed": len(changed),
            "warnings": warnings,
            "asked": 0 if form["explanation"].value() else len(warnings),
            "heading": _("%(project)s · %(month)d 月") % {"project": self.project.name, "month": self.month.number},
            "back_url": f"{reverse('facilities:reports')}?month={self.month.pk}",
            "may_repeat": self.may_repeat(),
            "overdue": self.place.overdue_days,
            "entering_for": self.entering_for(),
            "photos": photos_on_form(self.project, self.month, form["stage"].value(), actor_of(self)),
        }

    def may_repeat(self) -> bool:
        """Whether “no change” is offered: nothing was begun, and what was approved last is the newest that was said."""
        if (self.report is not None and not self.report.is_blank) or self.last["percent"] is None:
            return False
        return not ProgressReport.objects.filter(project=self.project).unsettled_before(self.month).exists()

    def entering_for(self) -> str:
        """The unit for which the person would enter without being of its entry team; empty otherwise."""
        own = Project.objects.reached_as(self.request.user, {Role.COUNTY_ENTRY}).filter(pk=self.project.pk).exists()
        return "" if own else str(self.project.place_unit or "")  # type: ignore[attr-defined]  # annotated

    def perform(self, form: ReportForm) -> ProgressReport:
        """Submit it."""
        version = form.cleaned_data["version"]
        report = report_actions.submit_report(
            self.project, self.month, form.content(), actor=actor_of(self), expected_version=version
        )
        self.success_message = _("已提交：%(project)s") % {"project": self.project}
        return report

    def get_success_url(self) -> str:
        """On to the next one."""
        return self.after_submission()

    def get_undo_url(self) -> str:
        """Taking it back."""
        return undo_url(self.written)


class ReportDraft(ProjectMonth, View):
    """Keeps what has been entered so far; asked by the form's script, so the answers are JSON."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, month: str) -> HttpResponse:
        """`{version, saved_at, warnings, left_out}`, or `{message}` with both texts where somebody else saved."""
        known: dict[str, Any] = {"last": self.last, "invested": self.invested, "papers": self.papers}
        form = DraftForm(request.POST, project=self.project, **known, initial={})
        form.is_valid()
        try:
            report = report_actions.save_draft(
                self.project,
                self.month,
                form.content(),
                actor=actor_of(self),
                expected_version=form.cleaned_data.get("version"),
            )
        except RuleViolation as refusal:
            return _refusal_as_json(refusal)
        warnings = [{"field": each.field, "text": each.message} for each in form.warnings]
        left_out = [name for name in form.errors if name in CONTENT]
        return JsonResponse(
            {
                "version": report.version,
                "saved_at": clock(timezone.now()),
                "warnings": warnings,
                "left_out": left_out,
            }
        )


def _refusal_as_json(refusal: RuleViolation) -> HttpResponse:
    if isinstance(refusal, NotAllowed):
        raise PermissionDenied(refusal.message) from refusal
    answer: dict[str, Any] = {"message": refusal.message, "field": refusal.field}
    if isinstance(refusal, StaleVersion):
        answer["version"] = refusal.version
        answer["html"] = render_to_string("_components/conflicts.html", {"conflicts": refusal.conflicts})
    return JsonResponse(answer, status=refusal.status)


class ReportUnchanged(ProjectMonth, ScopedActionView):
    """Hands in what the last report said."""

    def post(self, request: HttpRequest, pk: int, month: str) -> HttpResponse:  # type: ignore[override]
        """Submit; a redirect is told to a script as JSON."""
        self.month  # noqa: B018  # 404 before anything is written
        return for_script(request, super().post(request, pk))  # type: ignore[return-value]

    def act(self, record: Project) -> ProgressReport:
        """Submit the last report again."""
        report = report_actions.submit_unchanged(record, self.month, actor=actor_of(self))
        self.success_message = _("已提交，和上次一样：%(project)s") % {"project": record}
        return report

    def get_success_url(self, record: Project | ProgressReport) -> str:
        """On to the next one; back to the form where it was refused."""
        return form_url(record, self.month) if isinstance(record, Project) else self.after_submission()

    def get_undo_url(self, record: ProgressReport) -> str:
        """Taking it back."""
        return undo_url(record)


class ReportWithdraw(ScopedActionView):
    """Takes a submitted report back before it is decided on."""

    queryset = ProgressReport.objects.select_related("project__community", "month")
    success_message = gettext_lazy("已撤回，可以接着改。")

    def act(self, record: ProgressReport) -> ProgressReport:
        """Make it a draft again, if it is still the version that the person saw."""
        sent = self.request.POST.get("version") or self.request.GET.get("version", "")
        version = int(sent) if sent.isdecimal() and len(sent) < 10 else 0
        return report_actions.withdraw_report(record, actor=actor_of(self), expected_version=version)

    def get_success_url(self, record: ProgressReport) -> str:
        """To the form, where it can be changed, or back to the unit's month where it was taken back there."""
        if self.request.GET.get("to") == "month":
            return reverse("facilities:batch", args=[str(record.month)])
        if record.state in OPEN:
            return form_url(record.project, record.month)
        return record.get_absolute_url()


class ReportCorrect(ScopedUpdateView[CorrectionForm]):
    """Opens a correction of an approved report."""

    queryset = ProgressReport.objects.select_related("project__community", "month")
    form_class = CorrectionForm
    template_name = "facilities/report_correct.html"
    success_message = gettext_lazy("更正已打开。改好后提交审核；通过之前，原来的仍然有效。")

    def perform(self, form: CorrectionForm) -> ProgressReport:
        """Open the new revision."""
        actor: User = actor_of(self)
        return report_actions.begin_correction(self.object, actor=actor, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        """To the form."""
        return form_url(self.written.project, self.written.month)
