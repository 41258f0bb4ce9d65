"""A plan on its page: two people who plan one project, the first plan beside the newest, when a step was reached."""

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
from facilities.plan_reads import plan_table
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


def test_the_first_plan_stays_beside_the_newest(page: Client, project: Project) -> None:
    for day in (dt.date(2014, 9, 1), dt.date(2014, 12, 1)):
        meanwhile(project, Stage.BASICALLY_BUILT, day)
    address = reverse("facilities:detail", args=[project.pk])
    answer = page.get(address)
    started, built = answer.context["plans"]
    assert (built.planned, built.first, built.moved) == (dt.date(2014, 12, 1), FINISH, True)
    assert [change.planned_on for change in built.changes] == [dt.date(2014, 12, 1), dt.date(2014, 9, 1)]
    assert (started.planned, started.first, started.moved) == (START, START, False)
    text = answer.content.decode()
    assert "第一次的计划" in text and "2014-05-01" in text and "2014-12-01" in text and "征地推迟" in text


def test_a_step_is_reached_since_the_project_stands_there(units: dict[str, ReportingUnit]) -> None:
    """As everywhere else: one taken back has no day, one skipped the day of the step beyond it."""
    begun, topped, back = dt.date(2013, 1, 10), dt.date(2013, 6, 1), dt.date(2013, 8, 1)
    steps = [(Stage.STARTED, begun), (Stage.TOPPED_OUT, topped)]
    project = factories.make_project(factories.make_community(units["XC"]), "clinic", *steps)
    planned = (Stage.STARTED, Stage.MAIN_WORKS, Stage.TOPPED_OUT, Stage.IN_USE)
    for stage in planned:
        meanwhile(project, stage, dt.date(2013, 5, 1))
    assert [line.reached for line in plan_table(project)] == [begun, topped, topped, None]
    project.stages.create(stage=Stage.FOUNDATION, occurred_on=back, reason="设计变更")
    assert [line.reached for line in plan_table(project)] == [begun, None, None, None]
    again = dt.date(2013, 11, 1)
    project.stages.create(stage=Stage.MAIN_WORKS, occurred_on=again)
    assert [line.reached for line in plan_table(project)] == [begun, again, None, None]
