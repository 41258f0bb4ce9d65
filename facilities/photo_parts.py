"""The photo parts of pages that are about something else: the report's form, the report, the review."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from communities.models import ReportingMonth
from facilities.evidence import photo_stages
from facilities.models import MOST_PHOTOS, Photo, ProgressReport, Project
from facilities.photo_forms import InlinePhotoForm
from facilities.photo_reads import PhotoTile, photos_in_hand, photos_of_report, spots_of, tiles


def photos_on_form(project: Project, month: ReportingMonth, stage: Any, user: User) -> dict[str, Any]:
    """For `_photo_entry.html`. `stage` is what the report's form says now, which need not be a stage."""
    chosen = int(stage) if str(stage).isdecimal() else -1
    stages = photo_stages()
    wanted = chosen in stages
    photos = photos_in_hand(project, month)
    return {
        "tiles": tiles(photos, user),
        "form": InlinePhotoForm(initial={"stage": chosen if wanted else ""}, spots=spots_of(project)),
        "stages": " ".join(str(each.value) for each in stages),
        "wanted": wanted,
        "most": MOST_PHOTOS,
        "url": reverse("facilities:report_photos", args=[project.pk, str(month)]),
    }


def photos_beside_report(report: ProgressReport, user: User) -> list[PhotoTile]:
    """The report's photos; what they look like is told to the unit and the city office alone."""
    photos = photos_of_report(report, user)
    if not photos:
        return []
    if Photo.objects.with_details_for(user).filter(pk=photos[0].pk).exists():
        return tiles(photos, user)
    return [PhotoTile(photo) for photo in photos]
