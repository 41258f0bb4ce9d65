"""Two people plan one project: neither takes back what the other planned without having seen it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import ReportingUnit
from communities.roles import Role
from facilities.models import Project
from facilities.plan_actions import newest_plan, plan_of, plan_stages
from facilities.workflow import Stage
from tests import factories

START, FINISH = dt.date(2013, 5, 1), dt.date(2014, 5, 1)
LAND, STARTED, BUILT = (f"stage_{stage.value}" for stage in (Stage.LAND, Stage.STARTED, Stage.BASICALLY_BUILT))


@pytest.fixture
def project(units: dict[str, ReportingUnit]) -> Project:
    """A clinic with a plan of two days."""
    community = factories.make_community(units["XC"])
    return factories.make_project(community, "clinic", planned_start=START, planned_finish=FINISH)


@pytest.fixture
def page(units: dict[str, ReportingUnit], as_user: Any) -> Client:
    """The entry team's browser."""
    client: Client = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"]))
    return client


def opened(page: Client, project: Project) -> dict[str, str]:
    """What the form holds when it is opened, as it would be sent."""
    form = page.get(reverse("facilities:plan", args=[project.pk])).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def send(page: Client, project: Project, values: dict[str, str]) -> Any:
    return page.post(reverse("facilities:plan", args=[project.pk]), values)


def meanwhile(project: Project, stage: Stage, day: dt.date, reason: str = "征地推迟") -> None:
    """The city office plans a step."""
    plan_stages(project, {stage: day}, actor=factories.make_user(Role.CITY_OFFICE), reason=reason)


def test_what_somebody_else_planned_meanwhile_stays(page: Client, project: Project) -> None:
    form = opened(page, project)
    meanwhile(project, Stage.BASICALLY_BUILT, dt.date(2014, 9, 1))
    assert send(page, project, form | {LAND: "2013-02-01"}).status_code == 302
    plan = plan_of(project)
    assert plan[Stage.LAND] == dt.date(2013, 2, 1)
    assert plan[Stage.BASICALLY_BUILT] == dt.date(2014, 9, 1), "untouched fields take nothing back"


def test_of_the_same_step_both_days_are_shown_and_the_second_may_insist(page: Client, project: Project) -> None:
    form = opened(page, project)
    meanwhile(project, Stage.STARTED, dt.date(2013, 8, 1))
    meanwhile(project, Stage.BASICALLY_BUILT, dt.date(2014, 9, 1))
    answer = send(page, project, form | {STARTED: "2013-06-01", "reason": "等图纸"})
    assert answer.status_code == 409
    [conflict] = answer.context["conflicts"]
    assert (conflict.label, conflict.stored, conflict.sent) == ("动工", "2013-08-01", "2013-06-01")
    assert plan_of(project)[Stage.STARTED] == dt.date(2013, 8, 1)
    again = answer.context["form"]
    sent = {name: str(again[name].value() or "") for name in again.fields}
    assert (sent[STARTED], sent[BUILT], sent["version"]) == ("2013-06-01", "2014-09-01", str(newest_plan(project)))
    assert send(page, project, sent).status_code == 302
    plan = plan_of(project)
    assert (plan[Stage.STARTED], plan[Stage.BASICALLY_BUILT]) == (dt.date(2013, 6, 1), dt.date(2014, 9, 1))


def test_the_same_form_twice_plans_once(page: Client, project: Project) -> None:
    form = opened(page, project) | {STARTED: "2013-06-01", "reason": "等图纸"}
    assert [send(page, project, form).status_code for _ in range(2)] == [302, 302]
    assert project.plans.filter(stage=Stage.STARTED).count() == 2
