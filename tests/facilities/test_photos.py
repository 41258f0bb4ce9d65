"""Photos as evidence: who may add and withdraw them, when, how many, and what the database holds of it."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.actions.periods import close_month
from communities.roles import Role
from core.attachments import NotStored
from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from core.pictures import PictureRefused
from facilities import photo_actions, reference, report_actions, rule_actions
from facilities.evidence import photo_stages, photo_wanted
from facilities.models import MOST_PHOTOS, Photo, StageDefinition
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import Scene, make_scene
from tests.pictures import exif, photo, png_bomb

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def scene(units: Any) -> Scene:
    reference.load()
    return make_scene(units["XC"])


def add(scene: Scene, content: bytes | None = None, **fields: Any) -> Photo:
    picture = ContentFile(content or photo(), "a.jpg")
    known: dict[str, Any] = {"actor": scene.entry, "stage": Stage.STARTED, "picture": picture, "month": scene.month}
    known |= fields
    return photo_actions.add_photo(scene.project, known.pop("month"), **known)


def made(scene: Scene, number: int = 1, **fields: Any) -> list[Photo]:
    return [factories.make_photo(scene.project, scene.month, by=scene.entry, **fields) for _ in range(number)]


def test_a_photo_is_kept_whole_and_shown_without_what_the_camera_noted(scene: Scene) -> None:
    content = photo(exif=exif())
    kept = Photo.objects.get(pk=add(scene, content, spot=" 东门 ", caption="主体\0").pk)
    assert (kept.spot, kept.caption, kept.stage, kept.uploaded_as) == ("东门", "主体", Stage.STARTED, Role.COUNTY_ENTRY)
    assert default_storage.open(str(kept.original)).read() == content
    assert (kept.size, kept.width, kept.height) == (len(content), 640, 480)
    assert kept.taken_at is not None and kept.taken_at.isoformat() == "2013-11-05T01:30:00+00:00"
    assert (float(kept.taken_lat or 0), float(kept.taken_lon or 0)) == (30.92, 113.91)
    for name in (kept.display, kept.thumb):
        assert b"Exif" not in default_storage.open(str(name)).read()


def test_the_place_is_in_no_history(scene: Scene) -> None:
    event = events_of(add(scene, photo(exif=exif()))).get()
    assert not hasattr(event, "taken_lat") and not hasattr(event, "taken_lon")
    assert event.taken_at is not None


@pytest.mark.parametrize("content", [b"", b"hello", png_bomb(), photo()[:3000]])
def test_what_is_no_photo_leaves_no_row_and_no_file(scene: Scene, media: Path, content: bytes) -> None:
    with pytest.raises(PictureRefused):
        add(scene, content or b"", picture=ContentFile(content, "a.jpg"))
    assert not Photo.objects.exists() and not list(media.rglob("*.*"))


def test_only_stages_that_name_photos_take_them(scene: Scene) -> None:
    for stage in Stage:
        if not photo_wanted(stage):
            with pytest.raises(RuleViolation, match="不要照片") as refused:
                add(scene, stage=stage)
            assert refused.value.field == "stage"
    assert [int(stage) for stage in photo_stages()] == [5, 7, 8, 10, 11]


def test_the_city_office_says_which_stages_name_photos(scene: Scene) -> None:
    definition = StageDefinition.objects.get(stage=Stage.STARTED)
    rule_actions.edit(definition, {"needs_photo": False}, expected_version=1, actor=scene.office)
    with pytest.raises(RuleViolation, match="不要照片"):
        add(scene)
    StageDefinition.objects.all().delete()
    assert photo_stages() == [] and not photo_wanted(Stage.ACCEPTED)


def test_who_reports_may_add_and_nobody_else(scene: Scene, units: Any) -> None:
    for number, person in enumerate((scene.entry, scene.reviewer, scene.office)):
        add(scene, photo(number), actor=person)
    team = factories.make_user(Role.WORK_TEAM, community=scene.project.community)
    strangers = [factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]), factories.make_user(Role.LEADER), team]
    for person in strangers:
        with pytest.raises(NotAllowed):
            add(scene, actor=person)
    roles = Photo.objects.order_by("pk").values_list("uploaded_as", flat=True)
    assert list(roles) == ["county_entry", "county_reviewer", "city_office"]


def test_without_a_report_only_the_city_office(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        add(scene, month=None)
    kept = add(scene, month=None, actor=scene.office)
    assert kept in Photo.objects.published()


def test_nine_are_enough(scene: Scene) -> None:
    made(scene, MOST_PHOTOS)
    with pytest.raises(RuleViolation, match="最多 9 张"):
        add(scene)
    photo_actions.withdraw_photo(Photo.objects.all()[0], actor=scene.entry, reason="传错")
    add(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        made(scene)


def test_the_same_file_once_a_month(scene: Scene) -> None:
    first = add(scene)
    with pytest.raises(RuleViolation, match="已经传过"):
        add(scene, caption="又一次")
    photo_actions.withdraw_photo(first, actor=scene.entry, reason="图说写错")
    add(scene, caption="对了")
    add(scene, month=factories.make_month(2013, 11))


def test_while_the_report_is_open_and_not_longer(scene: Scene) -> None:
    report = scene.filed(text="第一次")
    with pytest.raises(WrongState, match="先撤回"):
        add(scene)
    report_actions.return_report(report, actor=scene.reviewer, expected_version=report.version, reason="缺照片")
    kept = add(scene)
    report.refresh_from_db()
    again = report_actions.submit_report(
        scene.project, scene.month, {}, actor=scene.entry, expected_version=report.version
    )
    with pytest.raises(WrongState, match="先撤回"):
        photo_actions.withdraw_photo(kept, actor=scene.entry, reason="不要了")
    report_actions.approve_report(again, actor=scene.reviewer, expected_version=again.version)
    with pytest.raises(WrongState, match="已经通过"):
        add(scene, photo(2))
    with pytest.raises(WrongState, match="已经通过"):
        photo_actions.withdraw_photo(kept, actor=scene.entry, reason="不要了")


def test_a_closed_month_takes_none(scene: Scene) -> None:
    close_month(scene.month, actor=scene.office)
    with pytest.raises(WrongState, match="不在填报中"):
        add(scene)


def test_what_came_back_is_mended_with_its_photos_in_a_closed_month(scene: Scene) -> None:
    """As its text is: a reviewer who asks for a better photo could never get one."""
    wrong = made(scene)[0]
    report = scene.filed()
    close_month(scene.month, actor=scene.office)
    with pytest.raises(WrongState, match="先撤回"):
        add(scene)
    report_actions.return_report(report, actor=scene.reviewer, expected_version=report.version, reason="照片看不清")
    photo_actions.withdraw_photo(wrong, actor=scene.entry, reason="看不清")
    assert add(scene) in Photo.objects.awaiting()


def test_a_draft_in_a_closed_month_takes_none(scene: Scene) -> None:
    report_actions.save_draft(scene.project, scene.month, {"percent": 10}, actor=scene.entry)
    close_month(scene.month, actor=scene.office)
    with pytest.raises(WrongState, match="不在填报中"):
        add(scene)


def test_the_database_takes_photos_of_the_stages_that_name_them_alone(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="no photo is asked for"), transaction.atomic():
        made(scene, stage=Stage.FOUNDATION)
    old = made(scene)[0]
    definition = StageDefinition.objects.get(stage=old.stage)
    rule_actions.edit(definition, {"needs_photo": False}, expected_version=1, actor=scene.office)
    photo_actions.withdraw_photo(old, actor=scene.entry, reason="口径改了")


def test_a_correction_has_photos_of_its_own(scene: Scene) -> None:
    old = made(scene)[0]
    report = scene.approved()
    close_month(scene.month, actor=scene.office)
    report_actions.begin_correction(report, actor=scene.entry, reason="漏了照片")
    fresh = add(scene)
    photo_actions.withdraw_photo(fresh, actor=scene.entry, reason="传错")
    with pytest.raises(WrongState, match="已经通过"):
        photo_actions.withdraw_photo(old, actor=scene.entry, reason="不要了")


def test_a_withdrawal_says_why_and_keeps_everything(scene: Scene) -> None:
    kept = add(scene)
    with pytest.raises(RuleViolation, match="原因"):
        photo_actions.withdraw_photo(kept, actor=scene.entry, reason="  ")
    gone = photo_actions.withdraw_photo(kept, actor=scene.entry, reason="传错项目")
    assert (gone.withdrawn_by, gone.withdrawn_reason) == (scene.entry, "传错项目")
    assert default_storage.exists(str(gone.original))
    with pytest.raises(WrongState, match="已经撤下"):
        photo_actions.withdraw_photo(gone, actor=scene.entry, reason="再来")


# --- What the database holds by itself ---------------------------------------------------------------


def refused(act: Any, said: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    assert said in str(error.value)


def test_evidence_of_an_approved_report_stays_whoever_writes(scene: Scene) -> None:
    kept = made(scene)[0]
    scene.approved()
    rows = Photo.objects.filter(pk=kept.pk)
    facts = {"withdrawn_at": timezone.now(), "withdrawn_by": scene.entry, "withdrawn_reason": "x"}
    refused(lambda: rows.update(**facts), "stays")
    refused(lambda: rows._raw_delete("default"), "never deleted")
    refused(lambda: made(scene, uploaded_at=kept.uploaded_at), "behind an approval")


def test_a_photo_is_never_changed(scene: Scene) -> None:
    kept = made(scene)[0]
    rows = Photo.objects.filter(pk=kept.pk)
    for field, value in {"caption": "别的", "sha256": "0" * 64, "original": "photos/x.jpg", "stage": 11}.items():
        refused(partial(rows.update, **{field: value}), "not changed")
    photo_actions.withdraw_photo(kept, actor=scene.entry, reason="传错")
    refused(lambda: rows.update(withdrawn_at=None, withdrawn_by=None, withdrawn_reason=""), "final")


def test_nothing_moves_under_review(scene: Scene) -> None:
    kept = made(scene)[0]
    scene.filed()
    facts = {"withdrawn_at": timezone.now(), "withdrawn_by": scene.entry, "withdrawn_reason": "x"}
    refused(lambda: Photo.objects.filter(pk=kept.pk).update(**facts), "under review")
    refused(lambda: made(scene), "under review")


# --- Files --------------------------------------------------------------------------------------------


def test_a_full_disk_at_the_last_file_leaves_no_row_and_no_file(
    scene: Scene, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, calls = default_storage.save, []

    def sometimes(name: str, content: Any, **kwargs: Any) -> str:
        calls.append(name)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(name, content, **kwargs)

    monkeypatch.setattr(default_storage, "save", sometimes)
    with pytest.raises(NotStored):
        add(scene)
    assert len(calls) == 3
    assert not Photo.objects.exists() and not list(media.rglob("*.*"))


def test_a_row_that_is_refused_takes_its_files_along(
    scene: Scene, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_actions, "_require_room", lambda project, month: None)
    made(scene, MOST_PHOTOS)
    before = len(list(media.rglob("*.*")))
    with pytest.raises(RuleViolation, match="最多 9 张"):
        add(scene)
    assert len(list(media.rglob("*.*"))) == before
