"""A first plan needs no reason, so the sheet of projects brings it; what was planned once is changed on the page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from communities.models import Community
from facilities.models import PlannedStage, Project
from facilities.plan_actions import plan_stages
from facilities.workflow import Stage
from tests import factories
from tests.exchange.conftest import apply, not_in_english, problems_of, undo
from tests.facilities.test_project_import import alone, clerk, community, counts, upload

__all__ = ["alone", "clerk", "community"]
MAY, YEAR_END = dt.date(2013, 5, 6), dt.date(2014, 12, 31)


@pytest.fixture
def known(community: Community) -> Project:
    """A project that nobody planned."""
    return factories.make_project(community, "clinic", name="卫生室")


def line(project: Project, start: Any = "2013-05-06", finish: Any = "2014-12-31", **more: Any) -> dict[str, Any]:
    return {"number": str(project.pk), "planned_start": start, "planned_finish": finish, **more}


def plan(project: Project) -> tuple[dt.date | None, dt.date | None]:
    project.refresh_from_db()
    return project.planned_start, project.planned_finish


def test_a_first_plan_comes_by_the_sheet_and_is_taken_back(clerk: User, known: Project) -> None:
    batch = upload(clerk, line(known))
    assert batch.rows.get().changes == [
        {"column": "planned_start", "before": "", "after": "2013-05-06"},
        {"column": "planned_finish", "before": "", "after": "2014-12-31"},
    ]
    batch = apply(batch, clerk)
    rows = known.plans.order_by("stage")
    assert (batch.state, plan(known)) == ("applied", (MAY, YEAR_END))
    assert [(row.recorded_by, row.reason, row.holds_from) for row in rows] == [(clerk, "", None)] * 2
    assert counts(upload(clerk, line(known))) == (0, 0, 1, 0), "the same sheet again changes nothing"
    assert undo(batch, clerk).state == "undone"
    assert plan(known) == (None, None)
    assert [row.reason for row in known.plans.filter(planned_on=None)] == ["撤回导入"] * 2
    found = problems_of(upload(clerk, line(known)))[2]
    assert set(found) == {"planned_start", "planned_finish"} and "这一步的计划取消过" in found["planned_start"]


def test_one_day_may_come_beside_a_plan_of_other_steps(clerk: User, known: Project) -> None:
    plan_stages(known, {Stage.STARTED: MAY}, actor=clerk)
    assert counts(upload(clerk, line(known, finish=""))) == (0, 0, 1, 0)
    apply(upload(clerk, line(known, start="")), clerk)
    assert plan(known) == (MAY, YEAR_END), "an empty cell takes no plan away"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"start": "2013-05-07"}, "planned_start", "原计划是 2013-05-06。改计划要写原因"),
        ({"start": "", "finish": "2013-01-01"}, "planned_finish", "后一步不能早于前一步"),
        ({"start": "", "finish": "1960-01-01"}, "planned_finish", ""),
    ],
)
def test_what_is_planned_wrongly_is_named_in_its_cell(
    clerk: User, known: Project, cells: dict[str, str], column: str, words: str
) -> None:
    plan_stages(known, {Stage.STARTED: MAY}, actor=clerk)
    batch = upload(clerk, line(known, **cells))
    found = problems_of(batch)[2]
    assert set(found) == {column} and words in found[column]
    assert not_in_english(batch) == []


def test_a_plan_that_somebody_made_meanwhile_stops_the_import(clerk: User, known: Project) -> None:
    batch = upload(clerk, line(known, finish=""))
    plan_stages(known, {Stage.STARTED: dt.date(2013, 6, 1)}, actor=clerk)
    batch = apply(batch, clerk)
    assert batch.state == "ready" and "刚刚被别人写了计划" in batch.trouble
    assert "原计划是 2013-06-01" in problems_of(batch)[2]["planned_start"]


def test_a_plan_that_was_changed_since_is_not_taken_back(clerk: User, known: Project) -> None:
    batch = apply(upload(clerk, line(known)), clerk)
    plan_stages(known, {Stage.STARTED: dt.date(2013, 6, 1)}, actor=clerk, reason="征地")
    batch = undo(batch, clerk)
    assert batch.state == "applied" and "的计划后来又有调整" in batch.trouble
    assert plan(known) == (dt.date(2013, 6, 1), YEAR_END)
    assert PlannedStage.objects.filter(planned_on=None).count() == 0


def test_plan_and_other_values_of_several_rows_come_together(clerk: User, known: Project) -> None:
    other = factories.make_project(known.community, "other", name="广场")
    batch = apply(upload(clerk, line(known, fund_city=5), line(other, finish="", fund_city="")), clerk)
    assert (counts(batch), plan(known), plan(other)) == ((0, 2, 0, 0), (MAY, YEAR_END), (MAY, None))
    assert undo(batch, clerk).state == "undone"
    assert (plan(known), plan(other), known.fund_city) == ((None, None), (None, None), None)
