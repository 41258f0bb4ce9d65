"""Sample notices: December's first reminders, a 催报 that one of two people signed, the reports that came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from communities.models import ReportingMonth
from communities.roles import Role
from facilities.duty import on_duty
from facilities.models import ProgressReport
from facilities.notice_kinds import DUE, RETURNED, URGED, about
from facilities.reminders import missing_words, month_url, state_words, step_on, todo
from facilities.report_place import form_url
from facilities.report_reads import UnitProgress
from facilities.urging import units_behind
from notices.models import Delivery, Notice
from notices.workflow import DeliveryState, Tone
from xiaogan_portal.sample.people import make_helper, make_office
from xiaogan_portal.sample.plan import SAMPLE_DAY

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
REMINDED = dt.datetime.combine(SAMPLE_DAY, dt.time(8, 5), SHANGHAI)
URGED_AT = dt.datetime.combine(SAMPLE_DAY, dt.time(9, 12), SHANGHAI)
MINUTES = dt.timedelta(minutes=1)
WORDS = "请今天内报齐，有困难的在月报“求助”里写明。"


def build_notices() -> None:
    """Write them; who signed and who did not goes by turns."""
    month = ReportingMonth.objects.get(year=2013, number=12)
    behind = units_behind(month)
    if not behind:
        return
    last = max(behind, key=lambda row: (todo(row), -row.unit.order))
    make_helper(last.unit)
    people = on_duty(Role.COUNTY_ENTRY, [row.unit for row in behind])
    for turn, progress in enumerate(behind):
        _reminder(month, progress, people[progress.unit.pk], signed=turn % 2 == 0)
    _urge(month, last, people[last.unit.pk])
    for report in ProgressReport.objects.of_month(month).returned().select_related("project__community", "reviewed_by"):
        report.month = month
        _return(report)


def _reminder(month: ReportingMonth, progress: UnitProgress, people: list[User], *, signed: bool) -> None:
    notice = Notice(
        kind=DUE,
        about=about(month, progress.unit),
        step=step_on(SAMPLE_DAY, month.due_on),
        title=missing_words(progress, month),
        body=state_words(progress, month, SAMPLE_DAY),
        link=month_url(month, progress.unit),
        tone=Tone.WARN,
        created_at=REMINDED,
    )
    _write(notice, people, signed=people if signed else [])


def _urge(month: ReportingMonth, progress: UnitProgress, people: list[User]) -> None:
    notice = Notice(
        kind=URGED,
        about=about(month, progress.unit),
        step=SAMPLE_DAY.isoformat(),
        title=f"市新社区办催报：{missing_words(progress, month)}",
        body=f"{state_words(progress, month, SAMPLE_DAY)}\n{WORDS}",
        link=month_url(month, progress.unit),
        tone=Tone.BAD,
        sender=make_office(),
        created_at=URGED_AT,
    )
    _write(notice, people, signed=people[:1])


def _return(report: ProgressReport) -> None:
    assert report.reviewed_at is not None  # it was returned
    notice = Notice(
        kind=RETURNED,
        about=f"report:{report.pk}",
        step=f"version:{report.version}",
        title=f"{report.project} {report.month} 月报被退回",
        body=f"理由：{report.return_reason}",
        link=form_url(report.project, report.month),
        tone=Tone.WARN,
        sender=report.reviewed_by,
        created_at=report.reviewed_at,
    )
    author = User.objects.get(pk=report.entered_by_id)
    _write(notice, [author], signed=[author] if report.pk % 2 else [])


def _write(notice: Notice, people: Iterable[User], *, signed: Iterable[User]) -> None:
    notice.is_sample = True
    notice.save(force_insert=True)
    done: dict[str, Any] = {"seen_at": notice.created_at + 20 * MINUTES, "signed_at": notice.created_at + 28 * MINUTES}
    have = {person.pk for person in signed}
    rows = [
        Delivery(
            notice=notice,
            recipient=person,
            state=DeliveryState.SENT,
            sent_at=notice.created_at,
            **(done if person.pk in have else {}),
        )
        for person in people
    ]
    Delivery.objects.bulk_create(rows)
