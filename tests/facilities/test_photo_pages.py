"""Pages of photos: adding one by form and by script, seeing one, its three files, withdrawing it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, AuditVerb
from communities.roles import Role
from facilities import photo_actions, reference
from facilities.models import Photo
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


@pytest.fixture
def entry(scene: Scene, as_user: Any) -> Client:
    client: Client = as_user(scene.entry)
    return client


def upload_url(scene: Scene) -> str:
    return reverse("facilities:report_photos", args=[scene.project.pk, "2013-12"])


def send(client: Client, scene: Scene, content: bytes | None = None, *, script: bool = False, **fields: Any) -> Any:
    picture = SimpleUploadedFile("a.jpg", photo() if content is None else content, "image/jpeg")
    data = {"picture": picture, "stage": Stage.STARTED.value, "spot": "东门", "caption": "", **fields}
    return client.post(upload_url(scene), data, headers={"Accept": "application/json"} if script else {})


def published(scene: Scene) -> Photo:
    shown = factories.make_photo(scene.project, scene.month, spot="东门", by=scene.entry)
    scene.approved()
    return shown


def test_a_photo_by_the_plain_form(entry: Client, scene: Scene) -> None:
    page = entry.get(upload_url(scene)).content.decode()
    assert 'enctype="multipart/form-data"' in page and 'accept="image/*"' in page and "capture" not in page
    assert "还没有照片" in page and '<option value="5" selected>' in page and '<option value="6"' not in page
    answer = send(entry, scene)
    assert answer.status_code == 302 and answer["Location"] == f"/projects/{scene.project.pk}/months/2013-12/"
    shown = entry.get(answer["Location"]).content.decode()
    assert "照片已传上" in shown and f"/projects/photos/{Photo.objects.get().pk}/thumb/" in shown


def test_a_refused_one_keeps_what_was_written_and_says_why(entry: Client, scene: Scene) -> None:
    answer = send(entry, scene, png_bomb(), caption="主体二层")
    text = answer.content.decode()
    assert answer.status_code == 400 and "13000×13000" in text and 'value="主体二层"' in text
    assert send(entry, scene, b"").status_code == 400
    assert send(entry, scene, stage="6").status_code == 422
    assert not Photo.objects.exists()


def test_a_script_gets_the_list_anew_or_a_sentence(entry: Client, scene: Scene) -> None:
    answer = send(entry, scene, script=True)
    assert answer.status_code == 200 and answer.json()["count"] == 1
    assert f"/projects/photos/{Photo.objects.get().pk}/thumb/" in answer.json()["html"]
    refused = send(entry, scene, script=True)
    assert refused.status_code == 400 and "已经传过" in refused.json()["message"]
    assert "照片已传上" not in entry.get("/projects/").content.decode(), "said already"


def test_sent_again_with_its_key_it_is_the_same_one(entry: Client, scene: Scene) -> None:
    key = str(uuid.uuid4())
    first = send(entry, scene, script=True, request_key=key)
    again = send(entry, scene, script=True, request_key=key)
    assert first.json() == again.json() and Photo.objects.count() == 1


def test_a_refused_key_is_free_for_the_right_photo(entry: Client, scene: Scene) -> None:
    key = str(uuid.uuid4())
    assert send(entry, scene, b"hello", script=True, request_key=key).status_code == 400
    assert send(entry, scene, script=True, request_key=key).status_code == 200


def test_the_form_of_the_report_shows_photos_where_the_stage_asks(entry: Client, scene: Scene) -> None:
    url = reverse("facilities:report_form", args=[scene.project.pk, "2013-12"])
    text = entry.get(url).content.decode()
    assert 'data-stages="5 7 8 10 11"' in text and "data-photo-wanted>" in text and "data-photo-none hidden" in text
    factories.make_report(scene.project, scene.month, "draft", entry=scene.entry, stage=Stage.FOUNDATION)
    text = entry.get(url).content.decode()
    assert "data-photo-wanted hidden" in text and "这个阶段不需要照片" in text


def test_reuse_is_hinted_at_the_moment_of_upload(entry: Client, scene: Scene) -> None:
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, factories.LONG_AGO))
    assert send(entry, scene).status_code == 302
    url = reverse("facilities:report_photos", args=[other.pk, "2013-12"])
    data = {"picture": SimpleUploadedFile("b.jpg", photo(), "image/jpeg"), "stage": 5}
    shown = entry.post(url, data, follow=True).content.decode()
    assert f"和《{scene.project}》2013-12 的照片相似" in shown


def test_files_go_out_through_the_scope_alone(scene: Scene, units: Any, as_user: Any) -> None:
    kept = published(scene)
    urls = {name: reverse(f"facilities:photo_{name}", args=[kept.pk]) for name in ("thumb", "display", "original")}
    team = factories.make_user(Role.WORK_TEAM, community=scene.project.community)
    readers = [factories.make_user(Role.LEADER), team]
    for person in (scene.entry, scene.reviewer, scene.office, *readers):
        for name in ("thumb", "display"):
            answer = as_user(person).get(urls[name])
            assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
            assert answer["Cache-Control"].startswith("private") and answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Disposition"] == f'inline; filename="photo-{kept.pk}.jpg"'
    for person in readers:
        assert as_user(person).get(urls["original"]).status_code == 403
    stranger = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert {stranger.get(url).status_code for url in urls.values()} == {404}
    assert {Client().get(url).status_code for url in urls.values()} == {302}
    assert Client().get(f"/media/{kept.thumb}").status_code == 404


def test_before_approval_it_is_the_units_business(scene: Scene, as_user: Any) -> None:
    kept = factories.make_photo(scene.project, scene.month, by=scene.entry)
    leader = as_user(factories.make_user(Role.LEADER))
    url = reverse("facilities:photo_thumb", args=[kept.pk])
    assert (leader.get(url).status_code, as_user(scene.office).get(url).status_code) == (404, 200)
    scene.approved()
    assert leader.get(url).status_code == 200


def test_who_takes_an_original_is_on_record(scene: Scene, as_user: Any) -> None:
    kept = published(scene)
    url = reverse("facilities:photo_original", args=[kept.pk])
    answer = as_user(scene.reviewer).get(url)
    assert b"".join(answer.streaming_content) == default_storage.open(str(kept.original)).read()
    assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"] == "private, no-store"
    (entry,) = AuditEntry.objects.filter(verb=AuditVerb.EXPORTED)
    assert entry.actor == scene.reviewer and entry.target == url and kept.sha256 in str(entry.detail)


def test_a_file_that_is_gone_is_404(scene: Scene, as_user: Any) -> None:
    kept = published(scene)
    default_storage.delete(str(kept.thumb))
    assert as_user(scene.entry).get(reverse("facilities:photo_thumb", args=[kept.pk])).status_code == 404


def test_the_page_tells_the_place_to_the_unit_and_the_city_office_alone(
    scene: Scene, entry: Client, as_user: Any
) -> None:
    send(entry, scene, photo(exif=exif()))
    scene.approved()
    url = Photo.objects.get().get_absolute_url()
    leader = as_user(factories.make_user(Role.LEADER)).get(url).content.decode()
    assert "30.92" not in leader and "下载原件" not in leader and "2013-11-05" in leader
    for person in (scene.entry, scene.office):
        assert "30.920000, 113.910000" in as_user(person).get(url).content.decode()
    api = as_user(scene.office).get("/api/v1/photos/").json()["results"]
    assert len(api) == 1 and "30.92" not in str(api)


def test_withdrawing_by_the_page(entry: Client, scene: Scene) -> None:
    send(entry, scene)
    kept = Photo.objects.get()
    url = reverse("facilities:photo_withdraw", args=[kept.pk])
    assert entry.get(url).status_code == 200
    assert entry.post(url, {"reason": ""}).status_code == 422
    assert entry.post(url, {"reason": "传错项目"}).status_code == 302
    page = entry.get(kept.get_absolute_url()).content.decode()
    assert "传错项目" in page and f"{url}" not in page


def test_a_withdrawn_photo_is_not_shown_to_others(scene: Scene, as_user: Any) -> None:
    kept = factories.make_photo(scene.project, scene.month, by=scene.entry)
    photo_actions.withdraw_photo(kept, actor=scene.entry, reason="传错")
    scene.approved()
    assert as_user(factories.make_user(Role.LEADER)).get(kept.get_absolute_url()).status_code == 404


def test_the_city_office_adds_to_a_stage_that_it_entered(scene: Scene, as_user: Any) -> None:
    office = as_user(scene.office)
    url = reverse("facilities:stage_photos", args=[scene.project.pk])
    assert url in office.get(scene.project.get_absolute_url()).content.decode()
    data = {"picture": SimpleUploadedFile("b.jpg", photo(), "image/jpeg"), "stage": 5, "spot": "大门"}
    assert "大门" in office.post(url, data, follow=True).content.decode()
    assert as_user(scene.entry).get(url).status_code == 403


def test_project_page_and_report_show_what_stands(scene: Scene, as_user: Any) -> None:
    leader = as_user(factories.make_user(Role.LEADER))
    assert "还没有照片" in leader.get(scene.project.get_absolute_url()).content.decode()
    kept = published(scene)
    thumb = reverse("facilities:photo_thumb", args=[kept.pk])
    for url in (scene.project.get_absolute_url(), scene.project.reports.get().get_absolute_url()):
        assert thumb in leader.get(url).content.decode()
