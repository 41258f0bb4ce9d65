"""Reading monthly reports: the list, and one report with its differences, revisions and history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.components import Action, Column
from core.history import read_history
from core.views import ScopedDetailView, ScopedListView
from facilities import exports
from facilities.history_views import trail_of_photos, trail_of_reports
from facilities.models import ProgressReport, Project
from facilities.photo_parts import photos_beside_report
from facilities.report_forms import ReportFilter
from facilities.report_place import form_url, whole_month
from facilities.report_reads import differences
from facilities.report_texts import marks_of
from facilities.report_views import undo_url
from facilities.report_workflow import OPEN, ReportState
from facilities.review_reads import compared_with, filed_words, may_review, split
from facilities.views import actor_of


def report_columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_("项目"), sort="project"),
        Column(_("月份"), sort="month"),
        Column(_("单位"), sort="unit"),
        Column(_("阶段"), sort="stage"),
        Column(_("形象进度"), sort="percent", number=True),
        Column(_("状态"), sort="state"),
        Column(_("最近提交"), sort="submitted"),
        Column(_("填报人")),
    ]


class ReportList(ScopedListView[ProgressReport]):
    """Monthly reports that the person may see, newest month first."""

    queryset = ProgressReport.objects.with_place().select_related("project__community", "month", "entered_by")
    template_name = "facilities/reports.html"
    filterset_class = ReportFilter
    export_title = gettext_lazy("项目月报")
    export_columns = exports.REPORTS
    export_rule = exports.REPORT_RULE
    ordering_fields: ClassVar[dict[str, str]] = {
        "-month": "month__opens_on",
        "month": "month__opens_on",
        "project": "project__community__pinyin",
        "unit": "place_order",
        "stage": "stage",
        "percent": "percent",
        "state": "state",
        "submitted": "submitted_at",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the ways to the month of the whole unit and to the inbox."""
        context = super().get_context_data(columns=report_columns(), **kwargs)
        reviews = may_review(actor_of(self))
        actions = whole_month(actor_of(self), primary=not reviews)
        if reviews:
            actions.append(Action(_("待审核"), reverse("facilities:review"), "inbox", primary=True))
        return context | {"actions": actions}


class ReportDetail(ScopedDetailView[ProgressReport]):
    """One report as it was filed, beside what stood before it."""

    queryset = ProgressReport.objects.select_related(
        "project__community", "month", "entered_by", "submitted_by", "reviewed_by", "stage_event"
    )
    template_name = "facilities/report.html"
    shows = (ProgressReport,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds differences, marks, the month's other revisions, the history and what the person may do."""
        report = self.object
        changes, same = split(differences(report))
        compared, before_label = compared_with(report)
        rows = ProgressReport.objects.visible_to(self.request.user).of_month(report.month)
        revisions = list(rows.filter(project=report.project_id).order_by("revision"))
        return super().get_context_data(
            changes=changes,
            same=same,
            compared=compared,
            before_label=before_label,
            filed=filed_words(report),
            marks=marks_of(report),
            revisions=revisions if len(revisions) > 1 else [],
            photos=photos_beside_report(report, actor_of(self)),
            history=read_history(
                [
                    trail_of_reports(self.request.user, named=False, pgh_obj_id=report.pk),
                    trail_of_photos(self.request.user, project_id=report.project_id, month_id=report.month_id),
                ],
                before=self.request.GET.get("before", ""),
            ),
            actions=self.actions(is_newest=revisions[-1].pk == report.pk),
            **kwargs,
        )

    def actions(self, *, is_newest: bool) -> list[Action]:
        """The one next step in the report's state, for whoever may take it."""
        report, user = self.object, actor_of(self)
        if not is_newest:
            return []
        found = []
        if Project.objects.reportable_by(user).filter(pk=report.project_id).exists():
            found += _steps_of_reporter(report)
        if report.state == ReportState.SUBMITTED and may_review(user):
            address = f"{reverse('facilities:review')}?report={report.pk}#detail"
            if ProgressReport.objects.reviewable_by(user).filter(pk=report.pk).exists():
                found.append(Action(_("去审核"), address, "clipboard-check", primary=True))
        return found


def _steps_of_reporter(report: ProgressReport) -> list[Action]:
    if report.state != ReportState.APPROVED and not report.is_in_time:
        return []
    if report.state in OPEN:
        return [Action(_("接着填"), form_url(report.project, report.month), "edit", primary=True)]
    if report.state == ReportState.SUBMITTED:
        return [Action(_("撤回"), undo_url(report), "arrow-back-up", post=True)]
    return [Action(_("更正"), reverse("facilities:report_correct", args=[report.pk]), "edit")]
