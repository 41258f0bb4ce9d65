"""The sample city's photos: drawn, approved with their reports, one of them used twice where the reviewer sees it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image

from facilities.models import Photo
from facilities.photo_reads import gallery_of, likenesses
from xiaogan_portal.sample import drawn


@pytest.mark.django_db
def test_some_projects_have_photos_and_one_is_used_twice(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("load_reference", stdout=io.StringIO())
    call_command("load_sample", stdout=io.StringIO())
    photos = list(Photo.objects.select_related("project__community", "uploaded_by"))
    assert 9 <= len({photo.project_id for photo in photos}) <= 11 and all(photo.is_sample for photo in photos)
    assert all(default_storage.exists(str(name)) for photo in photos for name in (photo.original, photo.thumb))
    (waiting,) = Photo.objects.awaiting().filter(month__number=12)
    (likeness,) = likenesses([waiting], waiting.uploaded_by)[waiting.pk]
    first = likeness.other
    assert first is not None and first.project.community_id != waiting.project.community_id
    assert first.sha256 != waiting.sha256 and Photo.objects.published().filter(pk=first.pk).exists()
    others = [photo for photo in photos if photo.pk not in (waiting.pk, first.pk)]
    assert likenesses(others, waiting.uploaded_by) == {}
    galleries = [gallery_of(photo.project, photo.uploaded_by) for photo in photos]
    assert any(gallery.pairs for gallery in galleries)
    noted: list[Any] = [photo for photo in photos if photo.taken_at is not None]
    assert noted and len(noted) < len(photos)
    for photo in noted:
        place: Any = photo.project.community
        assert (photo.uploaded_at - photo.taken_at).total_seconds() == 3600
        assert abs(photo.taken_lat - place.latitude) < 0.001 and abs(photo.taken_lon - place.longitude) < 0.001


def test_every_drawing_says_that_it_is_one() -> None:
    image = Image.open(io.BytesIO(drawn.site("any", 3)))
    dark = image.crop((18, 18, 194, 104)).convert("L").point(lambda value: 255 * (value > 128))
    assert 0.05 < sum(dark.histogram()[255:]) / (176 * 86) < 0.5
