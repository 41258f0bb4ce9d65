"""A month's report on its way: filled in, submitted, returned, approved, corrected; by whom, and what each adds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from accounts.models import User
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities import report_actions as actions
from facilities.models import Project
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories

DAY = dt.date(2013, 10, 8)


@dataclass
class Scene:
    """A project of Xiaochang at 动工, December open, and the people around it."""

    project: Project
    month: ReportingMonth
    entry: User
    reviewer: User
    office: User


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def make_scene(unit: ReportingUnit) -> Scene:
    """One of everything in a unit."""
    project = factories.make_project(factories.make_community(unit), "clinic", (Stage.STARTED, DAY))
    return Scene(
        project,
        factories.make_month(),
        factories.make_user(Role.COUNTY_ENTRY, unit=unit),
        factories.make_user(Role.COUNTY_REVIEWER, unit=unit),
        factories.make_user(Role.CITY_OFFICE),
    )


def test_a_report_goes_from_draft_to_approval_and_adds_the_stage(scene: Scene) -> None:
    draft = actions.save_draft(scene.project, scene.month, {"percent": 30}, actor=scene.entry)
    assert (draft.state, draft.stage, draft.percent, draft.version) == (ReportState.DRAFT, Stage.STARTED, 30, 1)
    values = {"stage": Stage.FOUNDATION, "stage_on": dt.date(2013, 12, 5), "text": "基础完成"}
    filed = actions.submit_report(scene.project, scene.month, values, actor=scene.entry, expected_version=1)
    assert (filed.state, filed.authors, filed.is_late) == (ReportState.SUBMITTED, [scene.entry.pk], False)
    done = actions.approve_report(filed, actor=scene.reviewer, expected_version=filed.version)
    assert (done.state, done.reviewed_as) == (ReportState.APPROVED, Role.COUNTY_REVIEWER)
    event = scene.project.stages.latest_first().first()
    assert event is not None and done.stage_event == event
    assert (event.stage, event.occurred_on, event.recorded_by) == (6, dt.date(2013, 12, 5), scene.entry)
