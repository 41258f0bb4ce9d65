"""Photos through the API: a form with the picture, refused in the same words as on the page, and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Receipt, User
from communities.roles import Role
from facilities import reference
from facilities.models import MOST_PHOTOS, Photo
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller
from tests.conftest import BACKEND
from tests.facilities.report_scene import Scene, make_scene
from tests.pictures import exif, photo, png_bomb

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]
KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def scene(units: Any) -> Scene:
    reference.load()
    return make_scene(units["XC"])


def parts(scene: Scene, content: bytes | None = None, **more: Any) -> dict[str, Any]:
    picture = SimpleUploadedFile("工地.jpg", photo() if content is None else content, "image/jpeg")
    known = {"picture": picture, "project": scene.project.pk, "month": scene.month.pk, "stage": int(Stage.STARTED)}
    return {name: value for name, value in {**known, **more}.items() if value is not None}


def kept(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("way", ["session", "token"])
def test_a_photo_is_kept_with_its_report(scene: Scene, way: str, call_as: Sign, call_with_token: Any) -> None:
    caller = call_as(scene.entry) if way == "session" else call_with_token(scene.entry)
    content = photo(exif=exif())
    made = caller.form("photos/", parts(scene, content, spot=" 东门 ", caption="主体"))
    assert made.status_code == 201, made.content
    told, stored = made.json(), Photo.objects.get()
    assert made["Location"].endswith(f"/photos/{stored.pk}/")
    assert (told["spot"], told["stage"], told["month"], told["unit"]) == ("东门", 5, scene.month.pk, "XC")
    assert (told["uploaded_by"], told["uploaded_as"]) == (scene.entry.full_name, "county_entry")
    assert (told["width"], told["size"], told["alike"]) == (640, len(content), [])
    assert "taken_lat" not in told and "30.92" not in made.content.decode()
    assert default_storage.open(str(stored.original)).read() == content
    assert caller.get(f"photos/{stored.pk}/").json() == told


def test_the_same_form_twice_is_one_photo(scene: Scene, call_as: Sign, media: Path) -> None:
    caller = call_as(scene.entry)
    answers = [caller.form("photos/", parts(scene), key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() and Photo.objects.count() == 1 and len(kept(media)) == 3
    other = caller.form("photos/", parts(scene, photo(2)), key=KEY)
    assert other.status_code == 422, "another picture is another request"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空的"), (b"hello", "JPEG"), (png_bomb(), "像素"), (photo()[:3000], "不完整")],
    ids=["empty", "text", "bomb", "cut off"],
)
def test_what_is_no_photo_is_refused_in_a_sentence(
    scene: Scene, call_as: Sign, media: Path, content: bytes, said: str
) -> None:
    answer = call_as(scene.entry).form("photos/", parts(scene, content), key=KEY)
    assert answer.status_code == 400 and answer.json().keys() == {"detail", "field"}
    assert said in answer.json()["detail"]
    assert not Photo.objects.exists() and not kept(media) and not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"picture": None}, "picture"),
        ({"picture": "text"}, "picture"),
        ({"project": None}, "project"),
        ({"project": "abc"}, "project"),
        ({"month": "999999"}, "month"),
        ({"stage": "99"}, "stage"),
        ({"stage": int(Stage.LAND)}, "stage"),
        ({"spot": "长" * 31}, "spot"),
        ({"spot": "a\0b"}, "spot"),
        ({"caption": "长" * 101}, "caption"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"spot": ["东门", "西门"]}, "spot"),
    ],
)
def test_a_wrong_part_is_named(scene: Scene, call_as: Sign, wrong: dict[str, Any], field: str) -> None:
    answer = call_as(scene.entry).form("photos/", parts(scene, **wrong))
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Photo.objects.exists()


def test_two_pictures_in_one_form_are_not_one(scene: Scene, call_as: Sign) -> None:
    twice = [SimpleUploadedFile(f"{seed}.jpg", photo(seed)) for seed in (1, 2)]
    answer = call_as(scene.entry).form("photos/", parts(scene, picture=twice))
    assert (answer.status_code, answer.json()["field"]) == (400, "picture")


def test_no_more_than_there_is_room_for(scene: Scene, call_as: Sign) -> None:
    for _ in range(MOST_PHOTOS):
        factories.make_photo(scene.project, scene.month, by=scene.entry)
    answer = call_as(scene.entry).form("photos/", parts(scene))
    assert (answer.status_code, answer.json()["field"]) == (400, "picture")
    assert str(MOST_PHOTOS) in answer.json()["detail"]


def test_a_report_under_review_takes_none(scene: Scene, call_as: Sign) -> None:
    scene.filed()
    answer = call_as(scene.entry).form("photos/", parts(scene))
    assert answer.status_code == 409 and "审核" in answer.json()["detail"]


def test_more_than_a_request_may_hold_is_413_in_json(scene: Scene, call_as: Sign, settings: Any) -> None:
    settings.REQUEST_MAX_BYTES = 4096
    answer = call_as(scene.entry).form("photos/", parts(scene))
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/json")


def test_json_is_no_form(scene: Scene, call_as: Sign) -> None:
    assert call_as(scene.entry).post("photos/", {"project": scene.project.pk}).status_code == 415


def test_who_may_not_add_is_refused(scene: Scene, call_as: Sign, call_with_token: Any, units: Any) -> None:
    leader = factories.make_user(Role.LEADER)
    assert call_as(leader).form("photos/", parts(scene)).status_code == 403
    stranger = call_as(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])).form("photos/", parts(scene))
    assert (stranger.status_code, stranger.json()["field"]) == (400, "project")
    # With no report it is the city office's.
    assert call_as(scene.entry).form("photos/", parts(scene, month=None)).status_code == 403
    assert call_with_token(scene.entry, read_only=True).form("photos/", parts(scene)).status_code == 403
    assert not Photo.objects.exists()
    office = call_as(scene.office).form("photos/", parts(scene, month=None))
    assert (office.status_code, office.json()["month"]) == (201, None)


def test_a_session_needs_the_token_of_the_page(scene: Scene, settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.entry, backend=BACKEND)
    headers = {"Idempotency-Key": KEY}
    refused = client.post("/api/v1/photos/", parts(scene), headers=headers)
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/json")
    client.cookies[settings.CSRF_COOKIE_NAME] = token = "x" * 32
    done = client.post("/api/v1/photos/", parts(scene), headers={**headers, "X-CSRFToken": token})
    assert done.status_code == 201, done.content


def test_the_same_photo_elsewhere_is_pointed_out(scene: Scene, call_as: Sign) -> None:
    caller = call_as(scene.entry)
    other = factories.make_project(scene.project.community, "other", (Stage.STARTED, factories.LONG_AGO), name="门楼")
    assert caller.form("photos/", parts(scene)).json()["alike"] == []
    again = caller.form("photos/", parts(scene, project=other.pk)).json()
    assert len(again["alike"]) == 1 and str(scene.project) in again["alike"][0]
    listed = {each["id"]: each["alike"] for each in caller.get("photos/").json()["results"]}
    assert listed[again["id"]] == again["alike"] and sum(map(len, listed.values())) == 2
    # It is told to the unit and the city office alone.
    scene.approved()
    [seen] = call_as(factories.make_user(Role.LEADER)).get("photos/").json()["results"]
    assert (seen["project"], seen["alike"]) == (scene.project.pk, [])


def test_a_list_costs_the_same_with_many(scene: Scene, call_as: Sign) -> None:
    caller = call_as(scene.entry)

    def cost() -> int:
        caller.get("photos/")
        with CaptureQueriesContext(connection) as queries:
            assert caller.get("photos/").status_code == 200
        return len(queries)

    factories.make_photo(scene.project, scene.month, by=scene.entry)
    before = cost()
    for _ in range(4):
        factories.make_photo(scene.project, scene.month, by=scene.entry)
    assert cost() <= before + 1, "looking up the others once"


def test_one_is_withdrawn_with_a_reason(scene: Scene, call_as: Sign) -> None:
    caller, stored = call_as(scene.entry), factories.make_photo(scene.project, scene.month, by=scene.entry)
    address = f"photos/{stored.pk}/withdraw/"
    for body in ({}, {"reason": " "}):
        bare = caller.post(address, body)
        assert (bare.status_code, bare.json()["field"]) == (400, "reason")
    done = caller.post(address, {"reason": "传错项目"})
    assert done.status_code == 200
    assert (done.json()["withdrawn_reason"], done.json()["withdrawn_by"]) == ("传错项目", scene.entry.full_name)
    assert caller.post(address, {"reason": "再来"}).status_code == 409


def test_who_may_not_withdraw_is_refused(scene: Scene, call_as: Sign, units: Any) -> None:
    stored = factories.make_photo(scene.project, scene.month, by=scene.entry)
    scene.approved()
    address, body = f"photos/{stored.pk}/withdraw/", {"reason": "传错项目"}
    stranger = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    assert call_as(stranger).post(address, body).status_code == 404
    assert call_as(factories.make_user(Role.LEADER)).post(address, body).status_code == 403
    approved = call_as(scene.entry).post(address, body)
    assert approved.status_code == 409 and "通过" in approved.json()["detail"]
    assert not Photo.objects.filter(withdrawn_at__isnull=False).exists()
