"""Two sample uploads of the open month: one that a county took over, and one whose wrong rows somebody is to mend.

Each goes the way of any file: guard, child, preview, drafts; only that no worker is asked. What is written are texts of
drafts, which no figure counts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import openpyxl
from django.core.files.base import ContentFile

from accounts.models import User
from communities.models import Placement, ReportingMonth
from core.attachments import keep
from exchange import guard, work
from exchange.models import FOLDER, Batch
from exchange.workflow import BatchState
from facilities.models import ProgressReport
from facilities.report_workflow import ReportState
from xiaogan_portal.sample.plan import SAMPLE_DAY
from xiaogan_portal.sample.report_words import TEXTS

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
UPLOADED = dt.datetime.combine(SAMPLE_DAY, dt.time(10, 12), SHANGHAI)
MOST_ROWS = 6
Rows = list[list[Any]]


def build_uploads() -> None:
    """One of the unit with the most drafts, taken over; one of the next unit, which waits."""
    month = ReportingMonth.objects.get(year=2013, number=12)
    drafts = defaultdict(list)
    found = ProgressReport.objects.of_month(month).filter(state=ReportState.DRAFT)
    for report in found.select_related("project__community", "entered_by").order_by("pk"):
        drafts[report.entered_by].append(report)
    ranked = sorted(drafts.items(), key=lambda each: (-len(each[1]), each[0].pk))
    for (person, reports), build in zip(ranked, (_taken_over, _waiting), strict=False):
        build(month, person, reports[:MOST_ROWS])


def _taken_over(month: ReportingMonth, person: User, reports: Sequence[ProgressReport]) -> None:
    rows: Rows = [["项目编号", "社区", "项目", "进展"]]
    for report in reports:
        project = report.project
        rows.append([project.pk, project.community.name, project.name, TEXTS[report.stage]])
    batch = _uploaded(month, person, "12月项目进展", rows, reports)
    if batch.to_write:
        batch.state, batch.decided_by = BatchState.APPLYING, person
        batch.save()
        work.apply_batch(str(batch.pk), {})
        Batch.objects.filter(pk=batch.pk).update(applied_at=UPLOADED + dt.timedelta(minutes=6))


def _waiting(month: ReportingMonth, person: User, reports: Sequence[ProgressReport]) -> None:
    """The county's own sheet: a percentage above 100, a project that nobody registered, a column that is not read."""
    report = reports[0]
    community = report.project.community.name
    rows: Rows = [
        [community, report.project.name, report.percent, TEXTS[report.stage], "王"],
        [community, "文化广场二期", 35, "正在开挖。", "李"],
        *([each.project.community.name, each.project.name, 120, "", "李"] for each in reports[1:3]),
    ]
    heads = ["社区", "项目", "形象进度", "进展", "联系人"]
    _uploaded(month, person, "12月调度表", [["示例：12月调度表"], heads, *rows], reports)


def _uploaded(month: ReportingMonth, person: User, name: str, rows: Rows, reports: Sequence[ProgressReport]) -> Batch:
    unit = Placement.objects.current().get(community=reports[0].project.community_id).unit
    content = _workbook(rows)
    found = guard.inspect(io.BytesIO(content), len(content))
    batch = Batch.objects.create(
        target="month",
        place=unit.code,
        place_name=unit.short_name,
        scope=str(month),
        uploaded_by=person,
        uploaded_at=UPLOADED,
        original=keep(FOLDER, found, ContentFile(content)),
        original_name=f"示例-{name}.xlsx",
        format=found,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    work.read_batch(str(batch.pk), {})
    batch.refresh_from_db()
    return batch


def _workbook(rows: Rows) -> bytes:
    book: Any = openpyxl.Workbook()
    book.active.title = "示例"
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
