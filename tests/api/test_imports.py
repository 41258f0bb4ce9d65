"""Uploads through the API: bring a file, say its columns, decide, take back; refused as on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Receipt, User
from communities.models import Community
from communities.roles import Role
from exchange.models import Batch, ColumnMap
from jobs import broker
from tests import factories
from tests.api.conftest import Caller
from tests.exchange.conftest import stored_files, table, work_off, workbook
from tests.exchange.test_sheets import OWN

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]
KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of a test's own, and no wake-up calls."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    settings.MEDIA_ROOT = tmp_path
    yield


@pytest.fixture
def clerk(units: Any) -> User:
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def community(units: Any) -> Community:
    return factories.make_community(units["XC"], code="XC-P-001", name="金桥社区", households=400)


def parts(content: bytes, *, name: str = "我的 表.xlsx", **more: Any) -> dict[str, Any]:
    known = {"target": "communities", "place": "XC", "file": SimpleUploadedFile(name, content)}
    return {name: value for name, value in {**known, **more}.items() if value is not None}


def changed() -> bytes:
    return table({"编号": "XC-P-001", "名称": "金桥社区", "户数": 420})


@pytest.mark.parametrize("way", ["session", "token"])
def test_from_upload_to_undo(way: str, clerk: User, community: Community, call_as: Sign, call_with_token: Any) -> None:
    caller = call_as(clerk) if way == "session" else call_with_token(clerk)
    made = caller.form("imports/", parts(changed()))
    assert made.status_code == 201, made.content
    told, address = made.json(), f"imports/{made.json()['id']}/"
    assert made["Location"].endswith(address)
    assert (told["state"], told["place"], told["original_name"]) == ("reading", "XC", "我的 表.xlsx")
    assert told["uploaded_by"] == clerk.full_name and told["layout"] is None
    work_off()
    read = caller.get(address).json()
    assert (read["state"], read["changed"], read["rejected"]) == ("ready", 1, 0)
    assert caller.post(f"{address}apply/").json()["state"] == "applying"
    work_off()
    community.refresh_from_db()
    assert (caller.get(address).json()["state"], community.households) == ("applied", 420)
    assert caller.post(f"{address}undo/").json()["state"] == "undoing"
    work_off()
    community.refresh_from_db()
    assert (caller.get(address).json()["state"], community.households) == ("undone", 400)


def test_the_same_form_twice_is_one_upload(clerk: User, call_as: Sign) -> None:
    caller = call_as(clerk)
    answers = [caller.form("imports/", parts(b"a,b\n", name="a.csv"), key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() and Batch.objects.count() == len(stored_files()) == 1
    assert caller.form("imports/", parts(b"a,c\n", name="a.csv"), key=KEY).status_code == 422


def test_what_becomes_of_each_row_is_read_here(clerk: User, community: Community, call_as: Sign) -> None:
    caller = call_as(clerk)
    lines = {"编号": "XC-P-001", "名称": "金桥社区", "户数": "多"}
    batch = caller.form("imports/", parts(table(lines))).json()["id"]
    work_off()
    nothing = caller.post(f"imports/{batch}/apply/")
    assert nothing.status_code == 400 and "没有要导入的行" in nothing.json()["detail"]
    row = caller.get(f"import-rows/?batch={batch}&outcome=rejected").json()["results"][0]
    assert row["number"] == 2 and row["problems"][0]["column"] == "households"
    assert caller.post(f"imports/{batch}/discard/").json()["state"] == "discarded"
    assert caller.post(f"imports/{batch}/discard/").status_code == 409
    assert caller.post(f"imports/{batch}/undo/").status_code == 409


@pytest.mark.parametrize(
    "content",
    [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"<html><table></table></html>", b"PK\x03\x04abc"],
)
def test_what_is_no_table_is_refused_in_a_sentence(clerk: User, call_as: Sign, content: bytes) -> None:
    answer = call_as(clerk).form("imports/", parts(content), key=KEY)
    assert (answer.status_code, answer.json()["field"]) == (400, "file") and len(answer.json()["detail"]) > 5
    assert not Batch.objects.exists() and not stored_files() and not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"target": "nothing"}, "target"),
        ({"target": None}, "target"),
        ({"place": "DW"}, "place"),
        ({"place": "city"}, "place"),
        ({"place": None}, "place"),
        ({"scope": "2013-12"}, "scope"),
        ({"target": "month", "scope": "2013-11"}, "scope"),
        ({"target": "month"}, "scope"),
        ({"file": None}, "file"),
        ({"file": "text"}, "file"),
        ({"state": "applied"}, "state"),
        ({"place": ["XC", "DW"]}, "place"),
    ],
)
def test_a_wrong_part_is_named(clerk: User, call_as: Sign, wrong: dict[str, Any], field: str) -> None:
    factories.make_month(2013, 12)
    answer = call_as(clerk).form("imports/", parts(b"a,b\n", **wrong))
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Batch.objects.exists()


def test_a_month_that_is_open_is_taken(clerk: User, call_as: Sign) -> None:
    factories.make_month(2013, 12)
    refused = call_as(clerk).form("imports/", parts(b"a,b\n", target="month", scope="2013-11"))
    assert "2013-12" in refused.json()["detail"]
    made = call_as(clerk).form("imports/", parts(b"a,b\n", target="month", scope="2013-12"))
    assert (made.status_code, made.json()["scope"]) == (201, "2013-12")


def test_without_an_open_month_there_is_nothing_to_bring_in(clerk: User, call_as: Sign) -> None:
    factories.make_month(2013, 11, state="closed")
    for more in ({}, {"scope": "2013-11"}):
        answer = call_as(clerk).form("imports/", parts(b"a,b\n", target="month", **more))
        assert (answer.status_code, answer.json()["field"]) == (409, "scope")
    page = call_as(clerk).client
    assert page.get(f"{reverse('exchange:template')}?target=month").status_code == 404
    sent = page.post(f"{reverse('exchange:upload')}?target=month", {"file": SimpleUploadedFile("a.csv", b"a,b\n")})
    assert sent.status_code == 409 and "没有填报中的期间" in sent.content.decode()
    assert not Batch.objects.exists()


def own(caller: Caller) -> str:
    """An upload whose columns are to be said."""
    made = caller.form("imports/", parts(workbook(OWN))).json()
    work_off()
    return f"imports/{made['id']}/"


def test_own_columns_are_said_and_remembered(clerk: User, community: Community, call_as: Sign) -> None:
    caller = call_as(clerk)
    address = own(caller)
    told = caller.get(address).json()
    assert told["state"] == "mapping"
    assert (told["layout"]["head"], told["layout"]["labels"]["2"]) == (2, "小区全称")
    assert told["layout"]["sample"][2][1]["2"] == "金桥社区"
    done = caller.post(f"{address}columns/", {"columns": {"name": 2, "households": 3}})
    assert (done.status_code, done.json()["state"]) == (200, "reading")
    work_off()
    assert caller.get(address).json()["changed"] == 1
    assert ColumnMap.objects.get().columns == {"name": 2, "households": 3}
    assert caller.post(f"{address}apply/").status_code == 200
    work_off()
    assert caller.post(f"{address}columns/", {"columns": {"name": 2}}).status_code == 409


def test_columns_are_said_anew_about_the_reading_that_was_seen(
    clerk: User, community: Community, call_as: Sign
) -> None:
    caller = call_as(clerk)
    sheet = workbook([["编号", "名称", "户数", "多少家"], ["XC-P-001", "金桥社区", 400, 420]])
    address = f"imports/{caller.form('imports/', parts(sheet)).json()['id']}/"
    work_off()
    read = caller.get(address).json()
    assert (read["state"], read["unread"]) == ("ready", [{"column": "D", "head": "多少家", "filled": 1}])
    assert (read["layout"]["columns"]["households"], read["layout"]["labels"]["4"]) == (3, "多少家")
    body = {"columns": {"code": 1, "name": 2, "households": 4}, "seen": read["reading"]}
    assert caller.post(f"{address}columns/", body).json()["state"] == "reading"
    work_off()
    now = caller.get(address).json()
    assert (now["changed"], now["unread"][0]["head"]) == (1, "户数")
    assert caller.post(f"{address}columns/", body).status_code == 409
    assert caller.post(f"{address}apply/", {"seen": read["reading"]}).status_code == 409
    assert caller.post(f"{address}apply/", {"seen": now["reading"]}).json()["state"] == "applying"


def test_another_row_can_be_the_head(clerk: User, community: Community, call_as: Sign) -> None:
    caller = call_as(clerk)
    made = caller.form("imports/", parts(workbook([["甲", "乙", "丙", "丁"], *OWN[1:]]))).json()
    work_off()
    address = f"imports/{made['id']}/columns/"
    none = caller.post(address, {"head": 99, "columns": {"name": 2}})
    assert (none.status_code, none.json()["field"]) == (400, "head")
    assert caller.post(address, {"head": 2, "columns": {"name": 2}}).status_code == 200
    work_off()
    assert Batch.objects.get().layout["head"] == 2 and Batch.objects.get().state == "ready"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"households": 3}, "columns.name"),
        ({"name": 9}, "columns.name"),
        ({"name": 2, "nothing": 3}, "columns.nothing"),
        ({"name": "b"}, "columns.name"),
        ({"name": 0}, "columns.name"),
        ({"name": 2, "households": 2}, None),
        ([], "columns"),
        ("name", "columns"),
    ],
)
def test_wrong_columns_are_named(clerk: User, call_as: Sign, columns: Any, field: str | None) -> None:
    caller = call_as(clerk)
    answer = caller.post(f"{own(caller)}columns/", {"columns": columns})
    assert answer.status_code == 400
    assert (answer.json()["field"] or "").removesuffix(".0") == (field or "")
    assert Batch.objects.get().state == "mapping"


def test_columns_of_what_was_not_read(clerk: User, call_as: Sign) -> None:
    caller = call_as(clerk)
    batch = caller.form("imports/", parts(b"a,b\n", name="a.csv")).json()["id"]
    assert caller.post(f"imports/{batch}/columns/", {"columns": {"name": 1}}).status_code == 400


def test_who_may_not_bring_in_is_refused(clerk: User, call_as: Sign, call_with_token: Any, units: Any) -> None:
    batch = call_as(clerk).form("imports/", parts(changed())).json()["id"]
    work_off()
    reviewer = call_as(factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"]))
    assert reviewer.form("imports/", parts(changed())).status_code == 403
    assert reviewer.get(f"imports/{batch}/").status_code == 200
    stranger = call_as(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    leader = call_as(factories.make_user(Role.LEADER))
    assert leader.form("imports/", parts(changed())).status_code == 403
    reading = call_with_token(clerk, read_only=True)
    assert reading.form("imports/", parts(changed())).status_code == 403
    for act in ("columns", "apply", "discard", "undo"):
        assert reviewer.post(f"imports/{batch}/{act}/").status_code == 403, act
        assert reading.post(f"imports/{batch}/{act}/").status_code == 403, act
        assert stranger.post(f"imports/{batch}/{act}/").status_code == 404, act
        assert leader.post(f"imports/{batch}/{act}/").status_code == 404, act
    assert Batch.objects.get().state == "ready"
