"""Sample photos on some ten projects, drawn: one site before and after, and one photo that was used twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from communities.models import ReportingMonth
from communities.roles import Role
from core.pictures import look_at
from facilities.evidence import photo_stages
from facilities.models import Photo, ProgressReport
from facilities.photo_actions import keep_files
from facilities.workflow import Stage
from xiaogan_portal.sample import drawn
from xiaogan_portal.sample.sites import Site

PROJECTS = 10
SPOTS = ("东门", "主入口", "西北角", "塔吊旁")
FLOORS = {Stage.STARTED: 0, Stage.MAIN_WORKS: 3, Stage.TOPPED_OUT: 6, Stage.BASICALLY_BUILT: 6, Stage.ACCEPTED: 6}
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def build_photos(sites: Sequence[Site], months: Sequence[ReportingMonth]) -> None:
    """Photos of the months before their reports are written: they are approved with them.

    Units take turns, so that each of several has some; the first site has one of every month from the same spot.
    """
    shown, stages = _chosen(sites, months[-1].month.last_day), set(photo_stages())
    for position, one in enumerate(shown):
        spot = SPOTS[position % len(SPOTS)]
        for number, month in enumerate(months if position == 0 else months[-1:]):
            step = one.by(month.month.last_day)
            if step is None or step.stage not in stages:
                continue
            day = dt.datetime.combine(month.month.last_day - dt.timedelta(days=8), dt.time(9, 30), tzinfo=_SHANGHAI)
            # Two of three come from a phone that notes when and where.
            noted = _notes(one, day) if position % 3 else None
            content = drawn.site(f"site {position}", FLOORS[Stage(step.stage)] + number, noted)
            _add(content, one, month, step.stage, spot=spot, at=day)


def _notes(site: Site, uploaded_at: dt.datetime) -> Image.Exif | None:
    community = site.project.community
    if community.latitude is None or community.longitude is None:
        return None
    return drawn.camera_notes(uploaded_at - dt.timedelta(hours=1), community.latitude, community.longitude)


def plant_reused(waiting: Iterable[ProgressReport]) -> None:
    """One waiting report comes with a photo of another community of its unit, scaled down and saved again."""
    stages = set(photo_stages())
    known = {photo.uploaded_by_id: photo for photo in Photo.objects.order_by("pk").select_related("project")}
    for report in waiting:
        first = known.get(report.entered_by_id)
        if first is None or report.stage not in stages or report.submitted_at is None:
            continue
        if first.project.community_id != report.project.community_id:
            content = drawn.again(first.original.read())
            fields = {"project": report.project, "month": report.month, "stage": report.stage}
            _save(content, report.entered_by, report.submitted_at - dt.timedelta(hours=2), **fields)
            return


def _chosen(sites: Sequence[Site], day: dt.date) -> list[Site]:
    with_step = [(site, site.by(day)) for site in sites]
    stages = set(photo_stages())
    asked = [site for site, step in with_step if step is not None and step.stage in stages]
    turns: dict[int, int] = {}
    order = []
    for place, site in enumerate(asked):
        turns[site.unit] = turns.get(site.unit, -1) + 1
        order.append((turns[site.unit], place, site))
    return [site for _turn, _place, site in sorted(order, key=lambda each: each[:2])[:PROJECTS]]


def _add(content: bytes, site: Site, month: ReportingMonth, stage: int, *, spot: str, at: dt.datetime) -> None:
    _save(content, site.team.entry, at, project=site.project, month=month, stage=stage, spot=spot)


def _save(content: bytes, by: Any, at: dt.datetime, **fields: Any) -> None:
    seen = look_at(ContentFile(content, "sample.jpg"))
    photo = Photo(
        uploaded_by=by,
        uploaded_as=Role.COUNTY_ENTRY,
        uploaded_at=at,
        is_sample=True,
        caption="示例图",
        sha256=seen.sha256,
        size=seen.size,
        width=seen.width,
        height=seen.height,
        phash=seen.phash,
        taken_at=seen.taken_at,
        taken_lat=seen.taken_lat,
        taken_lon=seen.taken_lon,
        **fields,
    )
    keep_files(photo, content, seen)
    photo.save(force_insert=True)
