"""催报 through the API: the city office urges, once a day and with a key; who was urged reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities.actions import close_month
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from jobs import broker
from notices.actions import sign
from notices.models import Notice
from tests.api.conftest import Caller
from tests.dashboards.month_scene import THREE_DAYS_BEFORE, Team, open_month, submit, today_is
from tests.factories import make_user

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]
Units = dict[str, ReportingUnit]
KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    today_is(THREE_DAYS_BEFORE)


@pytest.fixture
def month(db: None) -> ReportingMonth:
    return open_month()


@pytest.fixture
def team(units: Units, month: ReportingMonth) -> Team:
    return Team(units["XC"])


@pytest.fixture
def office(db: None) -> User:
    return make_user(Role.CITY_OFFICE, full_name="市办")


def body(month: ReportingMonth, unit: str = "XC", **more: Any) -> dict[str, Any]:
    return {"month": month.pk, "unit": unit, **more}


def test_the_city_office_urges_and_sees_who_signed(
    team: Team, month: ReportingMonth, office: User, call_as: Sign
) -> None:
    caller = call_as(office)
    made = caller.post("urgings/", body(month, words=" 今天内报齐。 "))
    assert made.status_code == 201 and made["Location"].endswith(f"/urgings/{made.json()['id']}/")
    told = made.json()
    assert (told["month"], told["unit"], told["sender"]) == (month.pk, "XC", office.pk)
    assert (told["people"], told["signed"]) == (1, 0)
    assert told["title"].startswith("市新社区办催报：孝昌 2013-12 月报还有 4 个项目没有交")
    assert told["body"].endswith("\n今天内报齐。")
    notice = Notice.objects.get()
    sign(notice.deliveries.get(recipient=team.entry, channel="portal"), actor=team.entry)
    assert caller.get(f"urgings/{notice.pk}/").json() == {**told, "signed": 1}


def test_the_same_key_urges_once_and_another_the_same_day_not_at_all(
    team: Team, month: ReportingMonth, office: User, call_as: Sign
) -> None:
    caller = call_as(office)
    answers = [caller.post("urgings/", body(month), key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    again = caller.post("urgings/", body(month))
    assert again.status_code == 400 and "一天只催一次" in again.json()["detail"]
    assert caller.ask("POST", "urgings/", body(month)).json()["field"] == "Idempotency-Key"
    assert Notice.objects.count() == 1


def test_nobody_else_urges_and_it_writes_nothing(team: Team, month: ReportingMonth, call_as: Sign) -> None:
    people = (team.entry, team.reviewer, make_user(Role.LEADER), make_user(administrator="system"), make_user())
    for person in people:
        answer = call_as(person).post("urgings/", body(month))
        assert (answer.status_code, answer.json()["detail"]) == (403, "催报由市新社区办办。")
    assert not Notice.objects.exists()


def test_a_token_that_only_reads_does_not_urge(
    team: Team, month: ReportingMonth, office: User, call_with_token: Callable[..., Caller]
) -> None:
    assert call_with_token(office, read_only=True).post("urgings/", body(month)).status_code == 403
    assert call_with_token(office).post("urgings/", body(month)).status_code == 201


def test_the_rules_are_those_of_the_page(team: Team, month: ReportingMonth, office: User, call_as: Sign) -> None:
    caller = call_as(office)
    long = caller.post("urgings/", body(month, words="字" * 201))
    assert (long.status_code, long.json()["field"]) == (400, "words")
    for wrong in (body(month, unit="ZZ"), {"month": 10**9, "unit": "XC"}, {"unit": "XC"}, body(month, step="1")):
        assert caller.post("urgings/", wrong).status_code == 400
    for project in team.projects:
        submit(project, month, team.entry)
    none_missing = caller.post("urgings/", body(month))
    assert none_missing.status_code == 400 and "不用催" in none_missing.json()["detail"]
    close_month(ReportingMonth.objects.get(pk=month.pk), actor=office)
    assert caller.post("urgings/", body(month)).status_code == 409
    assert not Notice.objects.exists()


def test_who_was_urged_reads_it_and_nobody_else(
    team: Team, month: ReportingMonth, units: Units, office: User, call_as: Sign
) -> None:
    Team(units["DW"])
    for code in ("XC", "DW"):
        call_as(office).post("urgings/", body(month, code))
    [row] = call_as(team.entry).get("urgings/").json()["results"]
    assert row["unit"] == "XC"
    foreign = Notice.objects.exclude(pk=row["id"]).get()
    assert call_as(team.entry).get(f"urgings/{foreign.pk}/").status_code == 404
    assert call_as(team.reviewer).get("urgings/").json()["count"] == 0


def test_filters_and_as_many_queries_for_many(
    team: Team, month: ReportingMonth, units: Units, office: User, call_as: Sign
) -> None:
    caller = call_as(office)
    caller.post("urgings/", body(month))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert caller.get("urgings/").status_code == 200
        return len(queries)

    few = cost()
    for code in ("DW", "YM", "AL"):
        Team(units[code])
        assert caller.post("urgings/", body(month, code)).status_code == 201
    assert cost() == few
    queries = ("unit=XC", f"month={month.pk}", f"month={month.pk}&unit=DW", "month=999999", f"month={month.pk + 10}")
    assert [caller.get(f"urgings/?{query}").json()["count"] for query in queries] == [1, 4, 1, 0, 0]
