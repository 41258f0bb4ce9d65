"""A month of one project through the API: filled in, handed in, returned, approved, corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from communities.models import Absence
from core.periods import today
from facilities.models import ProgressReport
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]


@pytest.fixture
def people(units: Any) -> dict[str, User]:
    unit = units["XC"]
    return {
        "entry": factories.make_user("county_entry", unit=unit),
        "reviewer": factories.make_user("county_reviewer", unit=unit),
        "stranger": factories.make_user("county_entry", unit=units["DW"]),
        "leader": factories.make_user("leader"),
        "office": factories.make_user("city_office"),
    }


@pytest.fixture
def project(units: Any) -> Any:
    return factories.make_project(factories.make_community(units["XC"]), "clinic", (Stage.STARTED, factories.LONG_AGO))


@pytest.fixture
def month(db: None) -> Any:
    return factories.make_month(2013, 12)


def test_a_month(call_as: Sign, people: dict[str, User], project: Any, month: Any) -> None:
    entry, reviewer = call_as(people["entry"]), call_as(people["reviewer"])
    body = {"project": project.pk, "month": month.pk, "percent": 20, "text": "开挖"}
    made = entry.post("reports/", body)
    assert (made.status_code, made.json()["state"], made.json()["stage"]) == (201, "draft", Stage.STARTED)
    address = f"reports/{made.json()['id']}"
    saved = entry.patch(f"{address}/", {"percent": 25}, version=1)
    assert (saved.status_code, saved.json()["text"], saved["ETag"]) == (200, "开挖", '"v2"')
    assert entry.patch(f"{address}/", {"percent": 30}, version=1).status_code == 412
    filed = entry.post(f"{address}/submit/", {"problem": "缺材料"}, version=2)
    assert filed.json()["state"] == "submitted"
    assert entry.post(f"{address}/approve/", version=3).status_code == 403
    assert reviewer.post(f"{address}/return/", version=3).status_code == 400
    back = reviewer.post(f"{address}/return/", {"reason": "百分比偏高"}, version=3)
    assert (back.json()["state"], back.json()["return_reason"]) == ("returned", "百分比偏高")
    again = entry.post(f"{address}/submit/", {"percent": 22}, version=4)
    withdrawn = entry.post(f"{address}/withdraw/", version=again.json()["version"])
    assert withdrawn.json()["state"] == "draft"
    entry.post(f"{address}/submit/", version=6)
    done = reviewer.post(f"{address}/approve/", version=7)
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert entry.patch(f"{address}/", {"percent": 50}, version=8).status_code == 409
    corrected = entry.post(f"{address}/correct/", {"reason": "填错"})
    assert (corrected.json()["revision"], corrected.json()["state"]) == (2, "draft")
    assert ProgressReport.objects.count() == 2


def test_nothing_changed_is_one_post(call_as: Sign, people: dict[str, User], project: Any, month: Any) -> None:
    factories.make_report(project, factories.make_month(2013, 11), "approved")
    answer = call_as(people["entry"]).post("reports/unchanged/", {"project": project.pk, "month": month.pk})
    assert (answer.status_code, answer.json()["state"]) == (201, "submitted")


def test_a_draft_is_the_units_and_the_offices(call_as: Sign, people: dict[str, User], project: Any, month: Any) -> None:
    body = {"project": project.pk, "month": month.pk, "percent": 20}
    made = call_as(people["entry"]).post("reports/", body).json()
    seen = {
        name: (
            call_as(person).get(f"reports/{made['id']}/").status_code,
            call_as(person).get("reports/").json()["count"],
        )
        for name, person in people.items()
    }
    assert seen["stranger"] == seen["leader"] == (404, 0)
    assert seen["entry"] == seen["reviewer"] == seen["office"] == (200, 1)
    assert call_as(people["stranger"]).post("reports/", body).status_code == 400


def test_the_office_says_why_it_approves_for_the_unit(
    call_as: Sign, people: dict[str, User], project: Any, month: Any
) -> None:
    """Only while the unit's reviewers are away; then with the reason, which stands in the report."""
    report = factories.make_report(project, month, "submitted", entry=people["entry"])
    office, address = call_as(people["office"]), f"reports/{report.pk}/approve/"
    assert office.post(address, {"away_reason": "公出"}, version=report.version).status_code == 403
    Absence.objects.create(user=people["reviewer"], first_day=today(), last_day=today(), reason="出差")
    missing = office.post(address, version=report.version)
    assert (missing.status_code, "away_reason" in missing.content.decode()) == (400, True)
    report.refresh_from_db()
    assert report.state == "submitted"
    done = office.post(address, {"away_reason": "县审核人公出"}, version=report.version)
    assert (done.status_code, done.json()["state"], done.json()["reviewed_as"]) == (200, "approved", "city_office")
    assert done.json()["away_reason"] == "县审核人公出"


def test_what_is_odd_asks_for_a_word(call_as: Sign, people: dict[str, User], project: Any, month: Any) -> None:
    factories.make_report(project, factories.make_month(2013, 11), entry=people["entry"], percent=85)
    entry, same = call_as(people["entry"]), {"project": project.pk, "month": month.pk}
    refused = entry.post("reports/unchanged/", same)
    assert refused.status_code == 400 and "进度 85%" in str(refused.json()) and "explanation" in str(refused.json())
    made = entry.post("reports/", same)
    address = f"reports/{made.json()['id']}/submit/"
    assert entry.post(address, version=1).status_code == 400
    assert entry.post(address, {"explanation": "预制件"}, version=1).json()["state"] == "submitted"
