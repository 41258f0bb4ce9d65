"""The same photo used twice is found, and only by those told whose business it is."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from communities.roles import Role
from facilities import photo_actions, reference
from facilities.models import Photo, Project
from facilities.photo_reads import ALIKE_BITS, SAME_BITS, gallery_of, likenesses
from facilities.review_reads import waiting_for
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene
from tests.pictures import drawn, encoded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def scene(units: Any) -> Scene:
    reference.load()
    return make_scene(units["XC"])


def another(unit: Any) -> Project:
    return factories.make_project(factories.make_community(unit), "clinic", (Stage.STARTED, DAY))


def flipped(phash: int, bits: int) -> int:
    """The hash with so many bits turned over, the sign's among them."""
    changed = (phash & (1 << 64) - 1) ^ sum(1 << (63 - 7 * bit) for bit in range(bits))
    return changed - (1 << 64) if changed >> 63 else changed


def alike(photo: Photo, user: Any) -> list[Photo | None]:
    return [likeness.other for likeness in likenesses([photo], user).get(photo.pk, [])]


def test_a_picture_saved_again_smaller_is_found_and_another_is_not(scene: Scene, units: Any) -> None:
    def add(project: Project, content: bytes) -> Photo:
        picture = ContentFile(content, "a.jpg")
        return photo_actions.add_photo(project, scene.month, picture=picture, stage=Stage.STARTED, actor=scene.entry)

    image = drawn(3, (1600, 1200))
    first = add(another(units["XC"]), encoded(image, quality=92))
    add(another(units["XC"]), encoded(drawn(4)))
    again = add(scene.project, encoded(Image.open(io.BytesIO(encoded(image, quality=60))).resize((800, 600))))
    assert alike(again, scene.reviewer) == [first]
    assert alike(first, scene.reviewer) == [again]


def test_up_to_six_bits_of_sixty_four(scene: Scene, units: Any) -> None:
    mine = factories.make_photo(scene.project, scene.month, phash=-5)
    near = factories.make_photo(another(units["XC"]), scene.month, phash=flipped(-5, ALIKE_BITS))
    factories.make_photo(another(units["XC"]), scene.month, phash=flipped(-5, ALIKE_BITS + 1))
    assert alike(mine, scene.reviewer) == [near]


def test_the_same_site_month_after_month_is_no_reuse_and_the_same_file_is(scene: Scene) -> None:
    november = factories.make_month(2013, 11)
    before = factories.make_photo(scene.project, november, phash=flipped(7, SAME_BITS + 1))
    mine = factories.make_photo(scene.project, scene.month, phash=7)
    assert alike(mine, scene.reviewer) == []
    same = factories.make_photo(scene.project, factories.make_month(2013, 10), phash=~7, sha256=mine.sha256)
    assert alike(mine, scene.reviewer) == [same]
    later = factories.make_photo(scene.project, scene.month, stage=Stage.MAIN_WORKS, phash=7)
    assert set(alike(later, scene.reviewer)) == {before, mine}


def test_the_same_picture_saved_again_for_the_same_stage_is_found(scene: Scene) -> None:
    before = factories.make_photo(scene.project, factories.make_month(2013, 11), phash=7)
    mine = factories.make_photo(scene.project, scene.month, phash=flipped(7, SAME_BITS))
    assert alike(mine, scene.reviewer) == [before]


def test_a_withdrawn_one_does_not_count(scene: Scene, units: Any) -> None:
    wrong = factories.make_photo(another(units["XC"]), scene.month, phash=7)
    photo_actions.withdraw_photo(wrong, actor=scene.entry, reason="传错项目")
    assert alike(factories.make_photo(scene.project, scene.month, phash=7), scene.reviewer) == []


def test_one_of_another_unit_is_told_without_its_name(scene: Scene, units: Any) -> None:
    foreign = factories.make_photo(another(units["DW"]), scene.month, phash=7)
    mine = factories.make_photo(scene.project, scene.month, phash=7)
    (told,) = likenesses([mine], scene.reviewer)[mine.pk]
    assert told.other is None and told.words == "和本市别处用过的一张照片相似" and told.percent == 100
    (known,) = likenesses([mine], scene.office)[mine.pk]
    assert known.other == foreign and f"《{foreign.project}》2013-12" in known.words


def test_two_queries_for_any_number(scene: Scene, units: Any) -> None:
    photos = [factories.make_photo(scene.project, scene.month, phash=number) for number in range(6)]
    for _ in range(5):
        factories.make_photo(another(units["XC"]), scene.month, phash=0)
    likenesses(photos[:1], scene.reviewer)
    with CaptureQueriesContext(connection) as queries:
        assert likenesses(photos, scene.reviewer)
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        assert likenesses([], scene.reviewer) == {}
    assert len(queries) == 0


def test_the_reviewer_sees_it_before_deciding(scene: Scene, units: Any, as_user: Any) -> None:
    other = another(units["XC"])
    factories.make_photo(other, scene.month, phash=7, by=scene.entry)
    factories.make_photo(scene.project, scene.month, phash=7, by=scene.entry)
    factories.make_photo(scene.project, scene.month, spot="西门", by=scene.entry)
    scene.filed()
    (row,) = waiting_for(scene.reviewer)
    assert [mark.text for mark in row.marks if mark.tone == "bad"] == ["照片重复"] and len(row.photos) == 2
    text = as_user(scene.reviewer).get("/projects/review/").content.decode()
    for words in ("照片与另一张几乎相同", f"和《{other}》2013-12 的照片相似", "照片疑似重复", "相似度 100%", "西门"):
        assert words in text
    assert text.count("<img ") == 3


def test_photos_decided_on_before_are_not_new(scene: Scene) -> None:
    factories.make_photo(scene.project, scene.month, by=scene.entry)
    scene.approved()
    assert not Photo.objects.awaiting().exists()


def test_the_gallery_puts_one_spot_side_by_side(scene: Scene) -> None:
    days = [factories.make_month(2013, number) for number in (9, 10, 11)]
    shown = [factories.make_photo(scene.project, month, spot="东门", by=scene.entry) for month in days]
    factories.make_photo(scene.project, scene.month, Stage.MAIN_WORKS, spot="西门", by=scene.entry)
    gallery = gallery_of(scene.project, scene.entry)
    assert [(pair.spot, pair.before, pair.after) for pair in gallery.pairs] == [("东门", shown[0], shown[2])]
    assert [(stage, len(photos)) for stage, photos in gallery.stages] == [("主体施工", 1), ("动工", 3)]
    assert gallery_of(scene.project, factories.make_user(Role.LEADER)).empty


def test_one_that_came_with_no_report_is_pointed_out_on_the_page(scene: Scene, units: Any, as_user: Any) -> None:
    """A stage entered directly passes no reviewer; who may not be told sees no word of it."""
    other = another(units["XC"])
    factories.make_photo(other, scene.month, phash=7, by=scene.entry)
    factories.make_photo(scene.project, None, phash=7, by=scene.office)
    factories.make_photo(scene.project, None, by=scene.office)
    words = f"和《{other}》2013-12 的照片相似"
    for person, times in ((scene.office, 1), (factories.make_user(Role.LEADER), 0)):
        text = as_user(person).get(scene.project.get_absolute_url()).content.decode()
        assert text.count("补登的“动工”照片") == text.count(words) == times
