"""A plan changes with a reason alone: by the action, on the page, and by plain SQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import Role
from core.errors import RuleViolation
from facilities.models import Project
from facilities.plan_actions import plan_of, plan_stages
from facilities.workflow import Stage
from tests import factories

START, FINISH, LATER = dt.date(2013, 5, 1), dt.date(2014, 5, 1), dt.date(2013, 9, 1)
PLANNED = {Stage.STARTED: START, Stage.BASICALLY_BUILT: FINISH}


@pytest.fixture
def project(units: dict[str, ReportingUnit]) -> Project:
    """A clinic with a plan of two days."""
    community = factories.make_community(units["XC"])
    return factories.make_project(community, "clinic", planned_start=START, planned_finish=FINISH)


@pytest.fixture
def clerk(units: dict[str, ReportingUnit]) -> User:
    """Its unit's entry."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])


@pytest.mark.parametrize("reason", ["", "  "])
@pytest.mark.parametrize("day", [LATER, None])
def test_the_action_refuses(project: Project, clerk: User, day: dt.date | None, reason: str) -> None:
    """A blank is no reason, and to take a plan away is to change it; a first plan needs none."""
    with pytest.raises(RuleViolation, match="改原计划请写明原因") as refusal:
        plan_stages(project, {Stage.STARTED: day, Stage.LAND: dt.date(2013, 2, 1)}, actor=clerk, reason=reason)
    assert refusal.value.field == "reason" and plan_of(project) == PLANNED
    plan_stages(project, {Stage.LAND: dt.date(2013, 2, 1)}, actor=clerk)
    assert plan_of(project) == {**PLANNED, Stage.LAND: dt.date(2013, 2, 1)}


def test_the_page_refuses_and_keeps_what_was_typed(project: Project, clerk: User, as_user: Any) -> None:
    page, address = as_user(clerk), reverse("facilities:plan", args=[project.pk])
    form = page.get(address).context["form"]
    sent = {name: str(form[name].value() or "") for name in form.fields} | {"stage_5": "2013-09-01", "reason": ""}
    answer = page.post(address, sent)
    assert "改原计划请写明原因" in answer.content.decode() and plan_of(project) == PLANNED
    assert str(answer.context["form"]["stage_5"].value()) == "2013-09-01"
    assert page.post(address, sent | {"reason": "征地推迟"}).status_code == 302
    assert plan_of(project)[Stage.STARTED] == LATER


def insert(project: Project, day: dt.date | None, reason: str, holds_from: dt.date | None) -> None:
    """A plan row by raw SQL, as the portal's role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO facilities_plannedstage (project_id, stage, planned_on, holds_from, reason, recorded_at,"
            " is_sample) VALUES (%s, 5, %s, %s, %s, now(), false)",
            [project.pk, day, holds_from, reason],
        )


@pytest.mark.parametrize("day", [LATER, None])
def test_the_database_refuses(project: Project, day: dt.date | None) -> None:
    """Also a row that is called a first plan."""
    for claimed in (None, LATER):
        with pytest.raises(IntegrityError, match="plan_change_needs_reason"):
            insert(project, day, "", claimed)
    assert plan_of(project) == PLANNED
    insert(project, day, "征地推迟", None)
    assert plan_of(project)[Stage.STARTED] == day
    project.refresh_from_db()
    assert project.planned_start == day


@pytest.mark.parametrize("column", ["planned_start", "planned_finish"])
def test_the_database_refuses_to_change_the_days_beside_the_plan(project: Project, column: str) -> None:
    for day in (LATER, None):
        with pytest.raises(IntegrityError, match="planned days follow the plan rows"), transaction.atomic():
            Project.objects.filter(pk=project.pk).update(**{column: day})
    project.refresh_from_db()
    assert (project.planned_start, project.planned_finish) == (START, FINISH)
