"""What construction is judged by, plans and registrations taken back, through the API: as on the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities.roles import Role
from core.history import events_of
from facilities.models import InfrastructureType, LightThreshold, PlannedStage, Project
from facilities.plan_actions import newest_plan, plan_of, plan_stages
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Caller]
KEY = "4f6c1f0e-9a0b-4c57-8f0e-2f4f7e9d2a11"
START, FINISH = dt.date(2013, 5, 1), dt.date(2014, 5, 1)
LIGHTS = {
    "valid_from": "2014-01-01",
    "yellow_points": 5,
    "red_points": 20,
    "start_red_days": 30,
    "finish_red_days": 60,
    "source": "市新社区办会议",
}


@pytest.fixture
def office(db: None) -> User:
    return factories.make_user(Role.CITY_OFFICE)


@pytest.fixture
def entry(units: Any) -> User:
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.fixture
def project(units: Any) -> Project:
    """A clinic with a plan of two days."""
    community = factories.make_community(units["XC"])
    return factories.make_project(community, "clinic", planned_start=START, planned_finish=FINISH)


def test_a_kind_of_infrastructure_comes_and_goes_out_of_use(call_as: Sign, office: User) -> None:
    caller, body = call_as(office), {"code": "gas", "name": " 燃气 ", "underground": True, "order": 9}
    made = caller.post("infrastructure-types/", body)
    assert (made.status_code, made.json()["name"], made.json()["is_active"]) == (201, "燃气", True)
    again = caller.post("infrastructure-types/", body)
    assert (again.status_code, InfrastructureType.objects.count()) == (400, 1)
    ended = caller.patch(f"infrastructure-types/{made.json()['id']}/", {"is_active": False}, version=1)
    assert (ended.status_code, ended.json()["is_active"]) == (200, False)


@pytest.mark.parametrize("code", ["有字", "a b", "", "x" * 21])
def test_a_code_is_short_and_of_letters(call_as: Sign, office: User, code: str) -> None:
    answer = call_as(office).post("infrastructure-types/", {"code": code, "name": "燃气"})
    assert (answer.status_code, answer.json()["field"]) == (400, "code")


def test_thresholds_from_a_day_on(call_as: Sign, office: User) -> None:
    caller = call_as(office)
    made = caller.post("light-thresholds/", LIGHTS)
    assert (made.status_code, made["ETag"], made.json()["valid_from"]) == (201, '"v1"', "2014-01-01")
    assert LightThreshold.objects.on_day(dt.date(2014, 2, 1)) is not None
    assert caller.post("light-thresholds/", LIGHTS).status_code == 400, "the day has a set"
    crossed = caller.post("light-thresholds/", {**LIGHTS, "valid_from": "2014-02-01", "red_points": 4})
    assert crossed.status_code == 400 and LightThreshold.objects.count() == 1


def test_rules_are_the_city_offices(call_as: Sign, entry: User) -> None:
    caller = call_as(entry)
    assert caller.post("infrastructure-types/", {"code": "gas", "name": "燃气"}).status_code == 403
    assert caller.post("light-thresholds/", LIGHTS).status_code == 403
    assert not InfrastructureType.objects.exists() and not LightThreshold.objects.exists()


def plan(caller: Caller, project: Project, day: str, seen: Any, **more: Any) -> Any:
    return caller.post(f"projects/{project.pk}/plan/", {"stage": 5, "planned_on": day, **more}, version=seen)


def test_a_plan_is_about_the_plan_that_was_read(call_as: Sign, entry: User, office: User, project: Project) -> None:
    caller, why = call_as(entry), {"reason": "等图纸"}
    read = caller.get(f"projects/{project.pk}/").json()["plan_version"]
    assert read == newest_plan(project)
    plan_stages(project, {Stage.STARTED: dt.date(2013, 8, 1)}, actor=office, reason="征地推迟")
    stale = plan(caller, project, "2013-06-01", f"p{read}", **why)
    assert (stale.status_code, stale.json()["version"]) == (412, newest_plan(project))
    assert stale.json()["conflicts"] == [{"label": "动工", "stored": "2013-08-01", "sent": "2013-06-01"}]
    assert plan_of(project)[Stage.STARTED] == dt.date(2013, 8, 1)
    done = plan(caller, project, "2013-06-01", f"p{stale.json()['version']}", **why)
    assert (done.status_code, done.json()["plan_version"]) == (200, newest_plan(project))
    assert plan_of(project)[Stage.STARTED] == dt.date(2013, 6, 1)


def test_a_plan_changes_with_a_reason_alone(call_as: Sign, entry: User, project: Project) -> None:
    before, seen = plan_of(project), f"p{newest_plan(project)}"
    for more in ({}, {"reason": " "}):
        answer = plan(call_as(entry), project, "2013-06-01", seen, **more)
        assert (answer.status_code, answer.json()["field"]) == (400, "reason") and plan_of(project) == before


def test_another_step_that_was_planned_in_between_is_no_conflict(
    call_as: Sign, entry: User, office: User, project: Project
) -> None:
    seen = newest_plan(project)
    plan_stages(project, {Stage.BASICALLY_BUILT: dt.date(2014, 9, 1)}, actor=office, reason="征地推迟")
    assert plan(call_as(entry), project, "2013-06-01", f"p{seen}", reason="等图纸").status_code == 200
    assert plan_of(project)[Stage.BASICALLY_BUILT] == dt.date(2014, 9, 1)


def test_a_plan_without_the_plan_that_was_read(call_as: Sign, entry: User, project: Project) -> None:
    caller = call_as(entry)
    missing = plan(caller, project, "2013-06-01", None, reason="等图纸")
    assert missing.status_code == 428 and '"p3"' in missing.json()["detail"]
    # The project's own version tells nothing of its plan.
    own = plan(caller, project, "2013-06-01", 1, reason="等图纸")
    assert (own.status_code, own.json()["field"]) == (400, "If-Match") and '"p3"' in own.json()["detail"]
    assert PlannedStage.objects.count() == 2


def test_a_project_that_nobody_planned_is_at_zero(call_as: Sign, entry: User, units: Any) -> None:
    bare = factories.make_project(factories.make_community(units["XC"]), "clinic")
    caller = call_as(entry)
    assert caller.get(f"projects/{bare.pk}/").json()["plan_version"] == 0
    first = plan(caller, bare, "2013-06-01", "p0")
    assert (first.status_code, first.json()["plan_version"]) == (200, newest_plan(bare))


def test_a_registration_is_taken_back_and_history_keeps_it(call_as: Sign, entry: User, project: Project) -> None:
    caller, address = call_as(entry), f"projects/{project.pk}/withdraw/"
    assert caller.post(address).status_code == 428
    done = caller.post(address, key=KEY, version=1)
    assert (done.status_code, done.content) == (204, b"")
    assert not Project.objects.exists() and events_of(project).filter(pgh_label="delete").exists()
    again = caller.post(address, key=KEY, version=1)
    assert (again.status_code, again.content) == (204, b""), "sent again, it is answered as before"
    assert caller.post(address, version=1).status_code == 404
    assert caller.post(f"{address}?x=1", key=KEY, version=1).status_code == 400
    assert caller.post("projects/999999/withdraw/", key=KEY, version=1).status_code == 404, "another record"


def test_the_key_of_somebody_else_opens_nothing(call_as: Sign, entry: User, project: Project, units: Any) -> None:
    address = f"projects/{project.pk}/withdraw/"
    assert call_as(entry).post(address, key=KEY, version=1).status_code == 204
    colleague = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    assert call_as(colleague).post(address, key=KEY, version=1).status_code == 404


def test_what_stands_on_a_registration_holds_it(call_as: Sign, entry: User, office: User, project: Project) -> None:
    caller, address = call_as(entry), f"projects/{project.pk}/withdraw/"
    assert caller.patch(f"projects/{project.pk}/", {"name": "卫生院"}, version=1).status_code == 200
    changed = caller.post(address, version=1)
    assert (changed.status_code, "又有改动" in changed.json()["detail"]) == (409, True)
    assert caller.post(f"projects/{project.pk}/plan/", {}, version="p1").status_code == 400
    stage = {"stage": 5, "occurred_on": "2013-05-02"}
    assert call_as(office).post(f"projects/{project.pk}/stage/", stage).status_code == 200
    held = caller.post(address, version=2)
    assert held.status_code == 409 and Project.objects.exists()


@pytest.mark.parametrize("role", [Role.LEADER, Role.COUNTY_REVIEWER])
def test_whoever_only_reads_takes_nothing_back(call_as: Sign, role: Role, project: Project, units: Any) -> None:
    person = factories.make_user(role, **({} if role == Role.LEADER else {"unit": units["XC"]}))
    caller = call_as(person)
    assert caller.post(f"projects/{project.pk}/withdraw/", version=1).status_code == 403
    assert plan(caller, project, "2013-06-01", "p0", reason="等图纸").status_code == 403


def test_a_foreign_project_is_not_there(call_as: Sign, project: Project, units: Any) -> None:
    caller = call_as(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert caller.post(f"projects/{project.pk}/withdraw/", version=1).status_code == 404
    assert plan(caller, project, "2013-06-01", "p0", reason="等图纸").status_code == 404
    assert Project.objects.exists()


def test_the_newest_plan_comes_with_its_project(call_as: Sign, entry: User, project: Project) -> None:
    caller = call_as(entry)
    caller.get("projects/")
    with CaptureQueriesContext(connection) as queries:
        answer = caller.get("projects/")
    assert answer.json()["results"][0]["plan_version"] == newest_plan(project)
    assert sum("facilities_plannedstage" in query["sql"] for query in queries) == 1
