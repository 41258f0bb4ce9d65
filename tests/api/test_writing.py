"""Writing: keys, versions, rights, references, and that what was refused left nothing behind."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import Receipt, User
from communities.models import Community
from coordination.models import SupportTeam
from facilities.models import Project
from tests import factories
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]
KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"
TEAM = {"name": "市住建局工作队", "department": "市住建局"}


@pytest.fixture
def entry(units: Any) -> User:
    return factories.make_user("county_entry", unit=units["XC"])


@pytest.fixture
def office(db: None) -> User:
    return factories.make_user("city_office")


def test_a_post_without_a_key_is_refused_in_words(call_as: Sign, office: User) -> None:
    answer = call_as(office).ask("POST", "teams/", TEAM)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    answer = call_as(office).post("teams/", TEAM, key="abc")
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert not SupportTeam.objects.exists()


def test_the_same_post_is_done_once_and_answered_twice(call_as: Sign, office: User) -> None:
    caller = call_as(office)
    first, second = caller.post("teams/", TEAM, key=KEY), caller.post("teams/", TEAM, key=KEY)
    assert (first.status_code, first.json()) == (201, second.json())
    assert first["ETag"] == second["ETag"] == '"v1"'
    assert first["Location"] == second["Location"]
    assert caller.client.get(first["Location"]).json() == first.json()
    assert SupportTeam.objects.count() == 1


def test_another_content_with_the_same_key_is_422(call_as: Sign, office: User) -> None:
    caller = call_as(office)
    caller.post("teams/", TEAM, key=KEY)
    assert caller.post("teams/", {**TEAM, "name": "别的"}, key=KEY).status_code == 422
    assert SupportTeam.objects.count() == 1


def test_a_refused_post_frees_its_key(call_as: Sign, office: User) -> None:
    caller = call_as(office)
    assert caller.post("teams/", {"name": "只有名称"}, key=KEY).status_code == 400
    assert not Receipt.objects.exists()
    assert caller.post("teams/", TEAM, key=KEY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one(call_with_token: Callable[..., Caller]) -> None:
    caller = call_with_token(factories.make_user("city_office"))
    barrier, answers = threading.Barrier(20), list[tuple[int, bytes]]()

    def send() -> None:
        mine = Caller(headers=caller.headers)
        barrier.wait()
        try:
            answer = mine.post("teams/", TEAM, key=KEY)
            answers.append((answer.status_code, answer.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SupportTeam.objects.count() == 1
    assert len(answers) == 20
    assert {status for status, _body in answers} == {201}
    assert len({body for _status, body in answers}) == 1


def test_a_change_needs_the_version_and_shows_both_texts(call_as: Sign, office: User, units: Any) -> None:
    community = factories.make_community(units["XC"], name="金桥社区")
    caller, address = call_as(office), f"communities/{community.pk}/"
    read = caller.get(address)
    assert read["ETag"] == f'"v{read.json()["version"]}"'
    assert caller.patch(address, {"households": 5}, version=None).status_code == 428
    done = caller.patch(address, {"households": 5}, version=1)
    assert (done.status_code, done["ETag"], done.json()["households"]) == (200, '"v2"', 5)
    stale = caller.patch(address, {"households": 6}, version=1)
    assert stale.status_code == 412
    assert stale.json()["version"] == 2
    assert stale.json()["conflicts"] == [{"label": "户数", "stored": "5", "sent": "6"}]
    for wrong in ("v1", '"1"', "*", 'W/"v1"', '"v1", "v2"', '"v99999999999999999999"', ""):
        assert caller.ask("PATCH", address, {"households": 7}, If_Match=wrong).status_code == 400, wrong
    community.refresh_from_db()
    assert community.households == 5


def test_a_field_that_is_not_there_is_named(call_as: Sign, office: User, units: Any) -> None:
    community = factories.make_community(units["XC"])
    for name in ("code", "unit", "pinyin", "is_sample", "version", "id"):
        answer = call_as(office).patch(f"communities/{community.pk}/", {name: "1"}, version=1)
        assert (answer.status_code, answer.json()["field"]) == (400, name)


@pytest.mark.parametrize("body", [{"\ud800": 1}, {"kind": "\ud800", "name": "门诊"}, {"name": ["\ud800"]}])
def test_half_a_character_is_refused_and_not_repeated(call_as: Sign, office: User, body: Any) -> None:
    answer = call_as(office).post("projects/", body)
    assert answer.status_code == 400 and answer.json()["detail"]


def test_what_a_page_does_not_let_one_write(call_as: Sign, entry: User, units: Any) -> None:
    """Pilots are the city's; a county cannot make its own community one here either."""
    community = factories.make_community(units["XC"])
    caller = call_as(entry)
    assert caller.patch(f"communities/{community.pk}/", {"pilot_from": "2013-01-01"}, version=1).status_code == 403
    seen = caller.get(f"communities/{community.pk}/").json()["placement"]
    assert seen == community.placements.get().pk
    body = {"placement": seen, "unit": "DW", "valid_from": "2013-07-01", "reason": "调整"}
    assert caller.post(f"communities/{community.pk}/move/", body).status_code == 403
    assert caller.post("units/", {}).status_code == 405
    assert Community.objects.get().version == 1


def test_a_move_is_about_the_placement_that_was_read(call_as: Sign, office: User, units: Any) -> None:
    community = factories.make_community(units["XC"])
    caller, address = call_as(office), f"communities/{community.pk}/"
    seen = caller.get(address).json()["placement"]
    body = {"placement": seen, "unit": "DW", "valid_from": "2013-07-01", "reason": "调整"}
    moved = caller.post(f"{address}move/", body)
    assert (moved.status_code, moved.json()["unit"]) == (200, "DW")
    stale = caller.post(f"{address}move/", {**body, "unit": "YM", "valid_from": "2013-08-01"})
    assert stale.status_code == 412
    assert {each["label"] for each in stale.json()["conflicts"]} == {"单位"}


def test_a_foreign_record_is_answered_like_one_that_is_not(call_as: Sign, entry: User, units: Any) -> None:
    """In the path 404, in a body 400: the same for what exists elsewhere and for what does not exist."""
    foreign = factories.make_community(units["DW"])
    project = factories.make_project(foreign)
    caller, body = call_as(entry), {"kind": "clinic", "name": "卫生室"}
    paths = [caller.patch(f"projects/{pk}/", {"name": "改"}, version=1) for pk in (project.pk, 10**6)]
    assert [answer.status_code for answer in paths] == [404, 404]
    assert paths[0].json() == paths[1].json()
    bodies = [caller.post("projects/", {**body, "community": pk}) for pk in (foreign.pk, 10**6)]
    assert [answer.status_code for answer in bodies] == [400, 400]
    assert bodies[0].json() == bodies[1].json()
    lists = [caller.get(f"reports/?project={pk}").json() for pk in (project.pk, 10**6)]
    assert lists[0] == lists[1]
    assert Project.objects.count() == 1


def test_the_same_rule_in_the_same_words(call_as: Sign, entry: User, units: Any) -> None:
    community = factories.make_community(units["XC"])
    factories.make_project(community, "service_centre")
    answer = call_as(entry).post("projects/", {"community": community.pk, "kind": "service_centre", "name": "又一个"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "这个社区已经有综合服务中心项目。"


def test_a_wrong_state_is_409(call_as: Sign, office: User, quarters: Any) -> None:
    answer = call_as(office).post(
        "quarters/", {"year": 2013, "number": 4, "opens_on": "2013-10-01", "due_on": "2014-01-10"}
    )
    assert answer.status_code == 409


def test_an_inspection_from_start_to_end(call_as: Sign, units: Any, quarters: Any) -> None:
    community = factories.make_community(units["XC"])
    round_ = factories.make_round(quarters["2013Q4"])
    first, second = round_.sheet.items.all()
    caller = call_as(factories.make_user("inspector", community=community))
    body = {"round": round_.pk, "community": community.pk, "inspected_on": "2013-12-20"}
    made = caller.post("inspections/", body).json()
    address = f"inspections/{made['id']}"
    scores = {"scores": [{"item": first.pk, "deduction": "2.50", "reason": "资料不全"}]}
    draft = caller.post(f"{address}/score/", scores, version=1)
    assert (draft.status_code, draft.json()["scored"], draft.json()["items"]) == (200, 1, 2)
    assert caller.post(f"{address}/score/", scores, version=1).status_code == 412
    assert caller.post(f"{address}/submit/", version=2).status_code == 400
    caller.post(f"{address}/score/", {"scores": [{"item": second.pk, "deduction": "0"}]}, version=2)
    done = caller.post(f"{address}/submit/", version=3, key=str(uuid.uuid4()))
    assert (done.status_code, done.json()["total"]) == (200, "97.50")
    assert caller.post(f"{address}/submit/", version=4).status_code == 409
