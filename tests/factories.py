"""Makers of test records: the smallest row that stands, with what a test cares about given by name."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from typing import Any

from django.db import transaction

from accounts.models import Administrator, User
from communities.models import Community, Membership, Placement, ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import CITY_ROLES, Role
from core.attachments import keep
from core.errors import RuleViolation
from facilities.models import FacilityKind, Photo, ProgressReport, Project, StageDefinition, StageEvent
from facilities.models.photos import FOLDER
from facilities.report_actions import approve_report, return_report, save_draft, submit_report
from facilities.workflow import Stage
from inspections.models import Inspection, Round, ScoringSheet, SheetItem

UNITS = [
    ("XN", "孝南区", "孝南"),
    ("XC", "孝昌县", "孝昌"),
    ("DW", "大悟县", "大悟"),
    ("YM", "云梦县", "云梦"),
    ("YC", "应城市", "应城"),
    ("AL", "安陆市", "安陆"),
    ("HC", "汉川市", "汉川"),
    ("GX", "孝感高新技术产业开发区", "高新区"),
    ("LK", "孝感市临空经济区", "临空区"),
    ("SF", "双峰山旅游度假区", "双峰山"),
]
_numbers = itertools.count(1)
LONG_AGO = dt.date(2012, 1, 1)


def make_units() -> dict[str, ReportingUnit]:
    """The ten reporting units by code."""
    zones = {"GX", "LK", "SF"}
    return {
        code: ReportingUnit.objects.create(
            code=code, name=name, short_name=short, kind="zone" if code in zones else "county", order=order
        )
        for order, (code, name, short) in enumerate(UNITS, 1)
    }


def make_user(
    role: str | None = None,
    *,
    unit: ReportingUnit | None = None,
    community: Community | None = None,
    administrator: str | None = None,
    valid_from: dt.date = LONG_AGO,
    valid_until: dt.date | None = None,
    **fields: Any,
) -> User:
    """A person, with one role at one place where given, or one of the three administrators."""
    number = next(_numbers)
    fields.setdefault("username", f"person{number}")
    fields.setdefault("full_name", f"测试{number}")
    user = User.objects.create(must_change_password=False, **fields)
    if role:
        grant(user, role, unit=unit, community=community, valid_from=valid_from, valid_until=valid_until)
    if administrator:
        Administrator.objects.create(user=user, kind=administrator)
    return user


def grant(user: User, role: str, **fields: Any) -> Membership:
    """A membership; city roles take no place."""
    if role in CITY_ROLES:
        fields["unit"] = fields["community"] = None
    fields.setdefault("valid_from", LONG_AGO)
    return Membership.objects.create(user=user, role=Role(role), **fields)


def make_community(
    unit: ReportingUnit,
    *,
    type: str = "city",
    population: str = "programme",
    since: dt.date = LONG_AGO,
    **fields: Any,
) -> Community:
    """A community with an open-ended placement."""
    number = next(_numbers)
    fields.setdefault("code", f"T-{number:04d}")
    fields.setdefault("name", f"测试{number}社区")
    fields.setdefault("pinyin", f"ceshi{number:04d}shequ")
    fields.setdefault("initials", f"cs{number:04d}sq")
    community = Community.objects.create(**fields)
    Placement.objects.create(community=community, unit=unit, type=type, population=population, valid_from=since)
    return community


def make_project(
    community: Community, kind: str = FacilityKind.SERVICE_CENTRE, *stages: tuple[int, dt.date], **fields: Any
) -> Project:
    """A project registered long ago, with the stages it reached and when."""
    fields.setdefault("name", f"{FacilityKind(kind).label}{next(_numbers)}")
    fields.setdefault("registered_on", LONG_AGO)
    project = Project.objects.create(community=community, kind=kind, **fields)
    before = None
    for stage, day in stages:
        StageEvent.objects.create(project=project, stage=stage, stage_before=before, occurred_on=day, reason="测试")
        before = stage
    return project


def make_quarter(year: int, number: int, state: str = "open", **fields: Any) -> ReportingQuarter:
    """A quarter, open unless said otherwise."""
    first = dt.date(year, number * 3 - 2, 1)
    fields.setdefault("opens_on", first)
    fields.setdefault("due_on", first + dt.timedelta(days=105))
    return ReportingQuarter.objects.create(year=year, number=number, state=state, **fields)


def make_month(year: int = 2013, number: int = 12, state: str = "open", **fields: Any) -> ReportingMonth:
    """A reporting month, open and due long after today unless said otherwise."""
    fields.setdefault("opens_on", dt.date(year, number, 1))
    fields.setdefault("due_on", dt.date(2099, 12, 31))
    return ReportingMonth.objects.create(year=year, number=number, state=state, **fields)


def file_report(project: Project, month: ReportingMonth, values: dict[str, Any], entry: User) -> ProgressReport:
    """Hand a report in; what is odd about it is said to be true."""
    try:
        return submit_report(project, month, values, actor=entry)
    except RuleViolation as refusal:
        if refusal.field != "explanation":
            raise
        return submit_report(project, month, {**values, "explanation": "属实"}, actor=entry)


def make_report(
    project: Project,
    month: ReportingMonth,
    state: str = "approved",
    *,
    entry: User | None = None,
    reviewer: User | None = None,
    **values: Any,
) -> ProgressReport:
    """A report that went the legal way to `state`; the month must be open. People are made where none are given."""
    unit = Placement.objects.newest().get(community=project.community_id).unit
    entry = entry or make_user(Role.COUNTY_ENTRY, unit=unit)
    values = {"percent": 10, "text": "正常推进", **values}
    if state == "draft":
        return save_draft(project, month, values, actor=entry)
    report = file_report(project, month, values, entry)
    if state == "submitted":
        return report
    reviewer = reviewer or make_user(Role.COUNTY_REVIEWER, unit=unit)
    if state == "returned":
        return return_report(report, actor=reviewer, expected_version=report.version, reason="数字不一致，请核对")
    return approve_report(report, actor=reviewer, expected_version=report.version)


def make_photo(
    project: Project, month: ReportingMonth | None, stage: int = Stage.STARTED, *, by: User | None = None, **fields: Any
) -> Photo:
    """A photo with files of a few bytes, looked at by nobody; like no other unless `phash` or `sha256` are given."""
    number = next(_numbers)
    unit = Placement.objects.newest().get(community=project.community_id).unit
    fields.setdefault("sha256", f"{number:064x}")
    # Far apart: neighbours differ in half of their bits.
    fields.setdefault("phash", int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:8], signed=True))
    if not StageDefinition.objects.filter(stage=stage).exists():
        StageDefinition.objects.create(stage=stage, definition="测试口径", needs_photo=True)
    photo = Photo(
        project=project,
        month=month,
        stage=stage,
        size=20,
        width=640,
        height=480,
        uploaded_by=by or make_user(Role.COUNTY_ENTRY, unit=unit),
        uploaded_as=Role.COUNTY_ENTRY,
        **fields,
    )
    with transaction.atomic():
        for name in ("original", "display", "thumb"):
            setattr(photo, name, keep(FOLDER, "jpg", f"{name} {number}".encode()))
        photo.save(force_insert=True)
    return photo


def make_sheet(*marks: int) -> ScoringSheet:
    """A scoring sheet with an item for each of `marks` (60 and 40 unless given)."""
    marks = marks or (60, 40)
    sheet = ScoringSheet.objects.create(
        code=f"S{next(_numbers)}", title="测试评分表", full_marks=sum(marks), effective_from=LONG_AGO
    )
    for order, full in enumerate(marks, 1):
        SheetItem.objects.create(
            sheet=sheet, order=order, section=f"第{order}部分", title=f"第{order}项", full_marks=full
        )
    return sheet


def make_round(quarter: ReportingQuarter, sheet: ScoringSheet | None = None, **fields: Any) -> Round:
    """An open round of a quarter."""
    fields.setdefault("state", "open")
    return Round.objects.create(
        quarter=quarter,
        name=f"{quarter} 检查",
        plan_number="测试备案1号",
        sheet=sheet or make_sheet(),
        starts_on=quarter.quarter.first_day,
        ends_on=quarter.quarter.last_day,
        **fields,
    )


def make_inspection(round_: Round, community: Community, **fields: Any) -> Inspection:
    """An inspection that is not yet submitted."""
    fields.setdefault("inspected_on", round_.quarter.quarter.last_day)
    return Inspection.objects.create(round=round_, community=community, **fields)
