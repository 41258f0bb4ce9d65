"""The review inbox as Excel: what waits, each with what it changes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.exports import ListExport
from core.xlsx import ExportColumn, Kind
from facilities.review_reads import ReviewRow

RULE = _("已提交、还没有人审核的月报，每份一条，有变化的在前；本人填报的也列，须由他人审核。变化与上次通过比较。")


def _changes(row: ReviewRow) -> str:
    return "；".join(
        _t("%(label)s：%(before)s → %(now)s") % {"label": each.label, "before": each.before, "now": each.now}
        for each in row.changes
    ) or _t("没有变化")


COLUMNS = (
    ExportColumn(_("社区"), "report.project.community", width=22),
    ExportColumn(_("编号"), "report.project.community.code", width=13),
    ExportColumn(_("项目"), "report.project.name", width=26),
    ExportColumn(_("月份"), "report.month", width=10),
    ExportColumn(_("变化"), _changes, width=60),
    ExportColumn(_("标记"), lambda row: "、".join(mark.text for mark in row.marks), width=18),
    ExportColumn(_("填报人"), "report.entered_by", width=14),
    ExportColumn(_("填报身份"), "report.get_entered_as_display", width=12),
    ExportColumn(_("提交"), "report.submitted_at", Kind.MOMENT),
    ExportColumn(_("能否审核"), lambda row: row.locked or _t("能"), width=30),
)


def review_export(rows: Sequence[ReviewRow], place: str) -> ListExport:
    """What `waiting_for` found for somebody; `place` is what they see of the city."""
    return ListExport(
        title=_t("待审核"),
        columns=COLUMNS,
        rows=rows,
        count=len(rows),
        rule=str(RULE),
        place=place,
        has_samples=any(row.is_sample for row in rows),
    )
