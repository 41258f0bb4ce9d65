"""What pages ask of photos: which look alike, what stands side by side, and in which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from communities.models import ReportingMonth
from core.formats import moment
from facilities.evidence import Asked
from facilities.models import Photo, ProgressReport, Project
from facilities.workflow import Stage

# Of the 64 bits of a perceptual hash so many may differ. The same picture, saved again or scaled, differs in 0 to 4;
# two sites of the same kind in 15 and more.
ALIKE_BITS = 6
# At one stage of one project things look alike; so near is the same picture, saved again.
SAME_BITS = 1

# The same file anywhere; what looks the same where it should not be the same: elsewhere, or at another stage; the same
# picture, saved again, also at its own.
_ALIKE = """
    SELECT mine.id, other.id, bit_count((mine.phash # other.phash)::bit(64)) AS distance
    FROM facilities_photo mine
    JOIN facilities_photo other ON other.id <> mine.id AND other.withdrawn_at IS NULL AND (
        other.sha256 = mine.sha256
        OR (bit_count((mine.phash # other.phash)::bit(64)) <= %(bits)s
            AND (other.project_id, other.stage) <> (mine.project_id, mine.stage))
        OR bit_count((mine.phash # other.phash)::bit(64)) <= %(same)s
    )
    WHERE mine.id = ANY(%(keys)s)
    ORDER BY mine.id, distance, other.id
"""


@dataclass(frozen=True)
class Likeness:
    """A photo that looks like another one. `other` is None where the reader may not see it: then nothing is named."""

    photo: Photo
    other: Photo | None
    percent: int

    @property
    def words(self) -> str:
        """Where the other one was used."""
        if self.other is None:
            return _("和本市别处用过的一张照片相似")
        facts = {
            "project": self.other.project,
            "stage": self.other.get_stage_display(),
            "month": self.other.month or "",
        }
        if self.other.project_id == self.photo.project_id:
            return _("和本项目 %(month)s “%(stage)s”的照片相似") % facts
        return _("和《%(project)s》%(month)s 的照片相似") % facts


@dataclass(frozen=True)
class PhotoTile:
    """A photo with what speaks against it."""

    photo: Photo
    alike: list[Likeness] = field(default_factory=list)


@dataclass(frozen=True)
class BeforeAfter:
    """One spot, the first photo of it and the last."""

    spot: str
    before: Photo
    after: Photo


@dataclass(frozen=True)
class Gallery:
    """A project's photos: pairs of one spot, then everything by stage, the last stage first.

    `alike` are those that came with a stage entered directly, which no reviewer saw, and what they look like.
    """

    pairs: list[BeforeAfter]
    stages: list[tuple[str, list[Photo]]]
    alike: list[tuple[Photo, list[str]]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not self.stages


def likenesses(photos: Iterable[Photo], user: User) -> dict[int, list[Likeness]]:
    """Photos that look like these, by the key of each, the nearest first. Two queries, none without photos."""
    mine = {photo.pk: photo for photo in photos}
    if not mine:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"bits": ALIKE_BITS, "same": SAME_BITS, "keys": list(mine)})
        rows = cursor.fetchall()
    keys = {other for _mine, other, _distance in rows}
    seen = Photo.objects.visible_to(user).select_related("project__community", "month").in_bulk(keys) if keys else {}
    found: dict[int, list[Likeness]] = {}
    for key, other, distance in rows:
        found.setdefault(key, []).append(Likeness(mine[key], seen.get(other), 100 - round(distance * 100 / 64)))
    return found


def alike_words(found: Sequence[Likeness]) -> list[str]:
    """What the likenesses of one photo say, each thing once."""
    return list(dict.fromkeys(likeness.words for likeness in found))


def likenesses_told(photos: Iterable[Photo], user: User) -> dict[int, list[str]]:
    """What may be told the person of likenesses, by the key of each photo: nothing of another unit's photos."""
    known = {photo.pk: photo for photo in photos}
    keys = Photo.objects.with_details_for(user).filter(pk__in=known).values_list("pk", flat=True) if known else []
    return {key: alike_words(found) for key, found in likenesses([known[key] for key in keys], user).items()}


def tiles(photos: Sequence[Photo], user: User) -> list[PhotoTile]:
    """The photos with those that look like them."""
    found = likenesses(photos, user)
    return [PhotoTile(photo, found.get(photo.pk, [])) for photo in photos]


def photos_of_report(report: ProgressReport, user: User) -> list[Photo]:
    """The photos of the report's month that the person may see, withdrawn ones left out."""
    rows = Photo.objects.visible_to(user).active().filter(project=report.project_id, month=report.month_id)
    return list(rows.select_related("month", "project__community", "uploaded_by").chronological())


def photos_in_hand(project: Project, month: ReportingMonth | None) -> list[Photo]:
    """What has been uploaded for a month, or with no report, for whoever reports."""
    rows = Photo.objects.active().of_month(project, month).select_related("month", "project__community")
    return list(rows.chronological())


def new_photos(reports: Sequence[ProgressReport]) -> dict[int, list[Photo]]:
    """The photos that nobody has decided on yet, by the keys of reports. One query."""
    if not reports:
        return {}
    rows = Photo.objects.awaiting().filter(project__in={report.project_id for report in reports})
    by_month: dict[tuple[int, int | None], list[Photo]] = {}
    for photo in rows.select_related("project__community", "month", "uploaded_by").chronological():
        by_month.setdefault((photo.project_id, photo.month_id), []).append(photo)
    return {report.pk: by_month.get((report.project_id, report.month_id), []) for report in reports}


def gallery_of(project: Project, user: User) -> Gallery:
    """The photos of a project that the person may see, as its page shows them. One query, three more for those that
    came with no report and may be told of.
    """
    rows = Photo.objects.visible_to(user).active().filter(project=project).select_related("month", "project__community")
    photos = list(rows.chronological())
    spots: dict[str, list[Photo]] = {}
    for photo in photos:
        if photo.spot:
            spots.setdefault(photo.spot, []).append(photo)
    pairs = [BeforeAfter(spot, shown[0], shown[-1]) for spot, shown in spots.items() if len(shown) > 1]
    by_stage = sorted(photos, key=lambda photo: -photo.stage)
    stages = [(str(Stage(stage).label), list(shown)) for stage, shown in groupby(by_stage, key=lambda each: each.stage)]
    told = likenesses_told([photo for photo in photos if photo.month_id is None], user)
    return Gallery(pairs, stages, [(photo, told[photo.pk]) for photo in photos if photo.pk in told])


def spots_of(project: Project) -> list[str]:
    """The spots from which the project was photographed before, to choose from."""
    rows = Photo.objects.active().filter(project=project).exclude(spot="")
    return list(rows.order_by("spot").values_list("spot", flat=True).distinct())


def facts_of(photo: Photo, *, details: bool) -> list[tuple[str, Any]]:
    """Label and value of all that is known of a photo; the camera's place only with `details`."""
    size = _("%(width)d×%(height)d 像素，%(size)s")
    size %= {"width": photo.width, "height": photo.height, "size": filesizeformat(photo.size)}
    facts = [
        (_("阶段"), photo.get_stage_display()),
        (_("月份"), photo.month or _("补登的阶段")),
        (_("位置"), photo.spot or "—"),
        (_("图说"), photo.caption or "—"),
        (_("拍摄时间"), moment(photo.taken_at, with_year=True) if photo.taken_at else _("相机没有记")),
        (_("上传"), f"{photo.uploaded_by} {moment(photo.uploaded_at, with_year=True)}"),
        (_("原件"), size),
        ("SHA-256", photo.sha256),
    ]
    if details:
        place = f"{photo.taken_lat}, {photo.taken_lon}" if photo.taken_lat is not None else _("相机没有记")
        facts.insert(5, (_("拍摄地点"), place))
    return facts


def without_photo(reports: Iterable[ProgressReport], asked: Asked) -> set[int]:
    """The keys of reports whose stage names photos though none of it has come with their month. One query at most."""
    wanting = [report for report in reports if report.stage in asked.photos]
    rows = Photo.objects.active().filter(project__in={report.project_id for report in wanting})
    shown = set(rows.values_list("project_id", "month_id", "stage")) if wanting else set()
    return {report.pk for report in wanting if (report.project_id, report.month_id, report.stage) not in shown}
