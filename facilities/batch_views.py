"""The month of a whole unit on one page: filled in, kept while typing, submitted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.models import User
from communities.calendar import working_day
from communities.models import PeriodState, ReportingMonth
from communities.scoping import reach_of
from core.errors import RuleViolation, StaleVersion
from core.exports import ListExport, export_asked, export_link, xlsx_response
from core.formats import day_sentence
from core.incidents import error_page
from core.periods import Month
from core.views import ScopedMixin, ScopedPageView
from exchange.places import places_of
from facilities import batch_page
from facilities.batch_actions import Entry, Filed, save_month, submit_month
from facilities.batch_checks import Checked, check_same, check_sent, note_rows
from facilities.batch_exports import COLUMNS, RULE
from facilities.batch_forms import Sent, rows_sent
from facilities.batch_page import counts_of, groups_of, said_of, same_as_shown, state_of
from facilities.batch_rows import SheetRow, rows_of, sheet_rows
from facilities.models import Project, StageDefinition
from facilities.report_texts import counting_rules
from facilities.report_views import wants_json
from facilities.report_workflow import REPORTERS
from facilities.views import actor_of


def batch_url(month: ReportingMonth) -> str:
    """The month of a whole unit."""
    return reverse("facilities:batch", args=[str(month)])


class UnitMonth(ScopedMixin):
    """A month, for those who report: 403 to others before anything is read."""

    queryset = Project.objects.with_place().select_related("community")
    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the right first, then the month."""
        if request.user.is_authenticated:
            if not reach_of(request.user).roles & set(REPORTERS):
                raise PermissionDenied(_("你的岗位不填月报。"))
            if self.month.state != PeriodState.OPEN:
                return error_page(request, 409, _("%(month)s 不在填报中，不能填月报。") % {"month": self.month})
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def month(self) -> ReportingMonth:
        """The month; Http404 where there is no such row."""
        try:
            month = Month.parse(self.kwargs["month"])
        except ValueError as error:
            raise Http404 from error
        rows = ReportingMonth.objects.visible_to(self.request.user)
        return get_object_or_404(rows, year=month.year, number=month.number)


class BatchMonth(UnitMonth, ScopedPageView):
    """All projects of a unit in one table; the POST hands them in."""

    http_method_names = ["get", "head", "options", "post"]
    template_name = "facilities/batch.html"

    @cached_property
    def everywhere(self) -> list[SheetRow]:
        """Every row the person may report on."""
        return sheet_rows(actor_of(self), self.month)

    @cached_property
    def units(self) -> list[tuple[str, str]]:
        """Units that the person reports for, with their names."""
        found = {row.project.place_code: row.project.place_unit for row in self.everywhere}  # type: ignore[attr-defined]  # annotated
        return [(code or "", str(name or _("没有归属"))) for code, name in found.items()]

    @cached_property
    def unit(self) -> str:
        """The unit that is shown, by code; a page holds one."""
        asked, known = self.request.GET.get("unit", ""), [code for code, _name in self.units]
        return asked if asked in known else next(iter(known), "")

    @cached_property
    def rows(self) -> list[SheetRow]:
        """Its rows."""
        return [row for row in self.everywhere if (row.project.place_code or "") == self.unit]  # type: ignore[attr-defined]  # annotated

    @cached_property
    def view(self) -> batch_page.View:
        """What of them is shown; a value that nothing has is no filter."""
        asked = {name: self.request.GET.get(name, "") for name in ("show", "community", "kind")}
        communities = {str(row.project.community_id) for row in self.rows}
        kinds = {row.project.kind for row in self.rows}
        return batch_page.View(
            asked["show"] if asked["show"] in batch_page.SHOWN else "",
            asked["community"] if asked["community"] in communities else "",
            asked["kind"] if asked["kind"] in kinds else "",
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """The page, or the workbook where the address asks for it."""
        note_rows(self.rows, self.month)
        if export_asked(request):
            return xlsx_response(request, self.export(), type(self))
        return super().get(request, *args, **kwargs)

    def export(self) -> ListExport:
        """The rows as shown."""
        shown = [row for row in self.rows if self.view.shows(row, state_of(row))]
        return ListExport(
            title=_("%(month)s 项目月报") % {"month": self.month},
            columns=COLUMNS,
            rows=shown,
            count=len(shown),
            rule=str(RULE),
            place=dict(self.units).get(self.unit, ""),
            filters=self.filters_in_words(),
            has_samples=any(row.is_sample for row in shown),
        )

    def filters_in_words(self) -> list[str]:
        """What the view leaves out, for the file."""
        view, found = self.view, []
        if view.state:
            found.append(_("状态：%(value)s") % {"value": batch_page.SHOWN[view.state]})
        if view.community:
            found.append(_("社区：%(value)s") % {"value": dict(self.communities())[view.community]})
        if view.kind:
            found.append(_("项目类别：%(value)s") % {"value": dict(batch_page.kinds_of(self.rows))[view.kind]})
        return found

    def communities(self) -> list[tuple[str, str]]:
        """Communities of the unit, with their names."""
        return list({str(row.project.community_id): str(row.project.community) for row in self.rows}.items())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds rows, tabs, filters and what the script must know."""
        counts, address = counts_of(self.rows), f"?unit={self.unit}"
        groups = groups_of(self.rows, self.month, self.view)
        left = (self.month.due_on - working_day()).days
        shown = sum(line.shown for group in groups for line in group.lines)
        context = super().get_context_data(**kwargs)
        return context | {
            "month": self.month,
            "groups": groups,
            "counts": counts,
            "tabs": batch_page.tabs(counts, self.view, address),
            "view": self.view,
            "units": self.units if len(self.units) > 1 else [],
            "unit": self.unit,
            "by_excel": self.unit in places_of(self.request.user).entered,
            "unit_name": dict(self.units).get(self.unit, ""),
            "communities": self.communities(),
            "kinds": batch_page.kinds_of(self.rows),
            "due": day_sentence(self.month.due_on),
            "left": left,
            "late": -left,
            "data": batch_page.data_of(self.rows),
            "labels": batch_page.labels(),
            "counting_rules": counting_rules(),
            "definitions": StageDefinition.objects.all(),
            "sources": batch_page.source_labels(),
            "withdraw_all": batch_page.withdraw_all(self.rows, self.month, self.unit),
            "states": [(state, batch_page.WORDS[state], icon) for state, icon in batch_page.ICONS.items()],
            "export": export_link(self.request, shown),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check all, then hand in all: where anything is wrong nothing is handed in, and each row says what."""
        try:
            sent = rows_sent(request.POST)
        except RuleViolation as refusal:
            return self.refused(refusal.message, {})
        found = rows_of(actor_of(self), self.month, {each.project for each in sent})
        if len(found) < len(sent):
            raise PermissionDenied(_("你的岗位不能为其中的项目填月报。"))
        checked = {each.project: _check(found[each.project], self.month, each) for each in sent}
        wrong = [each for each in checked.values() if each.notes.errors or each.notes.asks]
        if wrong:
            told = {"number": len(wrong)}
            return self.refused(_("%(number)d 个项目还有问题，一个也没有提交。逐个改好再提交。") % told, checked)
        entries = [_entry(found[each.project], each, checked[each.project]) for each in sent]
        return self.done(submit_month(self.month, entries, actor=actor_of(self)))

    def refused(self, message: str, checked: dict[int, Checked]) -> HttpResponse:
        """What is wrong, as JSON for the script; otherwise the page with everything that was sent."""
        if wants_json(self.request):
            found = rows_of(actor_of(self), self.month, set(checked))
            rows = {str(key): _told(_noted(found[key], each), each) for key, each in checked.items()}
            return JsonResponse({"message": message, "rows": rows}, status=422)
        for at, row in enumerate(self.rows):
            each = checked.get(row.project.pk)
            self.rows[at] = row if each is None or not row.is_open else _noted(row, each)
        note_rows(self.rows, self.month)
        return self.render_to_response(self.get_context_data(refusal=message), status=422)

    def done(self, filed: Sequence[Filed]) -> HttpResponse:
        """Say how many went through, and of each that did not why."""
        done = [each.report for each in filed if each.report is not None]
        failed = [each for each in filed if each.refusal is not None]
        if done:
            undo = batch_page.withdraw_url(self.month, unit=self.unit, at=done[0].submitted_at)
            messages.success(self.request, _("已提交 %(number)d 个项目。") % {"number": len(done)}, extra_tags=undo)
        if failed:
            projects = rows_of(actor_of(self), self.month, {each.entry.project for each in failed})
            lines = [f"{projects[each.entry.project].project}：{each.refusal.message}" for each in failed]  # type: ignore[union-attr]
            said = _("%(number)d 个没有提交，你填的还在。") % {"number": len(failed)}
            messages.error(self.request, said + " ".join(lines))
        address = self.request.get_full_path()
        if wants_json(self.request):
            return JsonResponse({"location": address, "done": [report.project_id for report in done]})
        return HttpResponseRedirect(address)


class BatchDrafts(UnitMonth, View):
    """Keeps what has been entered in several rows; asked by the page's script, so the answers are JSON."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        """`{saved_at, rows}`; each row with its new version and notes, or with what is in the way."""
        try:
            sent = rows_sent(request.POST)
        except RuleViolation as refusal:
            return JsonResponse({"message": refusal.message}, status=refusal.status)
        user: User = actor_of(self)
        found = rows_of(user, self.month, {each.project for each in sent})
        if len(found) < len(sent):
            raise PermissionDenied(_("你的岗位不能为其中的项目填月报。"))
        checked = {each.project: _check(found[each.project], self.month, each) for each in sent}
        entries = [Entry(each.project, each.version, checked[each.project].content) for each in sent]
        rows = {
            str(each.entry.project): _kept(found[each.entry.project], checked[each.entry.project], each)
            for each in save_month(self.month, entries, actor=user)
        }
        return JsonResponse({"saved_at": timezone.localtime().strftime("%H:%M:%S"), "rows": rows})


def _check(row: SheetRow, month: ReportingMonth, sent: Sent) -> Checked:
    if sent.values is None:
        return check_same(row, month)
    return check_sent(row, month, sent.values)


def _entry(row: SheetRow, sent: Sent, checked: Checked) -> Entry:
    """A plain form sends every row: one that nobody has filled in or explained and that is as it was has not
    changed.
    """
    values = sent.values
    same = values is None or (row.report is None and not values.get("explanation") and same_as_shown(row, values))
    return Entry(sent.project, sent.version, None if same else checked.content)


def _kept(row: SheetRow, checked: Checked, filed: Filed) -> dict[str, Any]:
    refusal = filed.refusal
    if refusal is None:
        version = filed.report.version if filed.report else None
        return _told(_noted(row, checked), checked) | {"version": version}
    told: dict[str, Any] = {"message": refusal.message, "stopped": refusal.status == 409}
    if isinstance(refusal, StaleVersion):
        told["renewed"] = refusal.version
        told["same"] = not refusal.conflicts
        told["html"] = render_to_string("_components/conflicts.html", {"conflicts": refusal.conflicts})
    return told


def _noted(row: SheetRow, checked: Checked) -> SheetRow:
    """The row with what was sent, so that its sentences offer the way back from it."""
    return replace(row, notes=checked.notes, sent=checked.over(row))


def _told(row: SheetRow, checked: Checked) -> dict[str, Any]:
    """A row's notes for the script."""
    shown = {"said": said_of(row), "warnings": row.notes.warnings, "row": row}
    return {
        "said": render_to_string("facilities/_batch_said.html", shown),
        "errors": list(row.notes.errors),
        "warnings": [warning.field for warning in row.notes.warnings],
        "left_out": list(checked.unreadable),
    }
