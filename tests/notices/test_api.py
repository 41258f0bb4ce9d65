"""The REST resource: one's own notices, and signing for one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from communities.roles import Role
from tests.factories import make_user
from tests.notices.conftest import OUTSIDE, mail, tell

pytestmark = pytest.mark.django_db
LIST = "/api/v1/notices/"


def test_ones_own_and_nobody_elses(as_user: Any) -> None:
    person, office = make_user(), make_user(Role.CITY_OFFICE)
    tell(person, kind=OUTSIDE, body="缺 8 个", tone="bad", link="/projects/", actor=office)
    tell(make_user(), step="2")
    [row] = as_user(person).get(LIST).json()["results"]
    assert (row["kind"], row["tone"], row["body"], row["sender"]) == (OUTSIDE, "bad", "缺 8 个", office.pk)
    assert row["id"] == mail(person).pk and row["signed_at"] is None
    assert as_user(office).get(LIST).json()["results"] == []
    assert as_user(office).get(f"{LIST}{row['id']}/").status_code == 404


def test_filters(as_user: Any) -> None:
    person = make_user()
    tell(person)
    client = as_user(person)
    queries = ("signed=true", "signed=false", "kind=test.plain")
    found = {query: client.get(f"{LIST}?{query}").json()["count"] for query in queries}
    assert found == {"signed=true": 0, "signed=false": 1, "kind=test.plain": 1}
    assert client.get(f"{LIST}?kind=nobody.knows").status_code == 400


def test_signing_is_done_once_for_its_key(as_user: Any) -> None:
    person = make_user()
    tell(person)
    client, url = as_user(person), f"{LIST}{mail(person).pk}/sign/"
    assert client.post(url, "{}", content_type="application/json").status_code == 400, "without a key"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [client.post(url, "{}", content_type="application/json", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() and answers[0].json()["signed_at"]
    other, key = as_user(make_user(Role.CITY_OFFICE)), {"Idempotency-Key": str(uuid.uuid4())}
    assert other.post(url, "{}", content_type="application/json", headers=key).status_code == 404
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(url).status_code == 405
