"""The stage ladder: the latest row is the stage, and a step back says why, whoever writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import UNIT_ROLES, Role
from core.errors import NotAllowed, RuleViolation
from core.periods import today
from facilities import actions
from facilities.models import FacilityKind, Project, StageEvent
from facilities.workflow import Stage
from tests import factories

Units = dict[str, ReportingUnit]
MAY = dt.date(2013, 5, 8)


@pytest.fixture
def project(units: Units) -> Project:
    """A project in Xiaochang without a stage."""
    return factories.make_project(factories.make_community(units["XC"]))


@pytest.fixture
def clerk(units: Units) -> User:
    """Somebody of the city office: counties enter stages by their monthly report."""
    return factories.make_user(Role.CITY_OFFICE)


def stage_of(project: Project, day: dt.date | None = None) -> int:
    """The stage by a day, or the present one, as lists derive it."""
    rows: Any = Project.objects.with_stage(day)
    return int(rows.get(pk=project.pk).stage)


def test_the_first_stage_may_be_any_and_needs_no_reason(project: Project, clerk: User) -> None:
    event = actions.record_stage(project, Stage.MAIN_WORKS, occurred_on=MAY, basis="开工报告", actor=clerk)
    assert (event.stage_before, event.recorded_by, stage_of(project)) == (None, clerk, Stage.MAIN_WORKS)


def test_a_step_back_names_both_stages_and_asks_for_a_reason(project: Project, clerk: User) -> None:
    actions.record_stage(project, Stage.MAIN_WORKS, occurred_on=MAY, actor=clerk)
    with pytest.raises(RuleViolation) as refusal:
        actions.record_stage(project, Stage.STARTED, occurred_on=MAY, actor=clerk)
    assert refusal.value.field == "reason"
    assert "主体施工" in refusal.value.message and "动工" in refusal.value.message
    event = actions.record_stage(project, Stage.STARTED, occurred_on=MAY, reason="误登", actor=clerk)
    assert (event.stage_before, stage_of(project)) == (Stage.MAIN_WORKS, Stage.STARTED)


def test_the_same_entry_twice_is_one_row(project: Project, clerk: User) -> None:
    actions.record_stage(project, Stage.STARTED, occurred_on=MAY, reason="核实", actor=clerk)
    with pytest.raises(RuleViolation, match="已经登记过"):
        actions.record_stage(project, Stage.STARTED, occurred_on=MAY, reason="核实", actor=clerk)
    assert project.stages.count() == 1


def test_a_day_before_the_latest_or_after_today_is_refused(project: Project, clerk: User) -> None:
    actions.record_stage(project, Stage.STARTED, occurred_on=MAY, actor=clerk)
    for day in (MAY - dt.timedelta(days=1), today() + dt.timedelta(days=1)):
        with pytest.raises(RuleViolation) as refusal:
            actions.record_stage(project, Stage.FOUNDATION, occurred_on=day, actor=clerk)
        assert refusal.value.field == "occurred_on" and str(day) in refusal.value.message


def test_a_day_that_is_a_slip_of_the_pen_is_refused(project: Project, clerk: User) -> None:
    with pytest.raises(RuleViolation, match="太早") as refusal:
        actions.record_stage(project, Stage.STARTED, occurred_on=dt.date(1, 1, 1), actor=clerk)
    assert refusal.value.field == "occurred_on" and not project.stages.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CITY_OFFICE])
def test_other_roles_record_nothing(project: Project, units: Units, role: Role) -> None:
    place: dict[str, Any] = {"unit": units["XC"]} if role in UNIT_ROLES else {"community": project.community}
    with pytest.raises(NotAllowed):
        actions.record_stage(project, Stage.STARTED, occurred_on=MAY, actor=factories.make_user(role, **place))


def test_another_countys_clerk_changes_nothing(project: Project, units: Units) -> None:
    stranger = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    with pytest.raises(NotAllowed):
        actions.edit_project(project, {"name": "别处改的"}, expected_version=project.version, actor=stranger)


def insert(project: Project, stage: int, day: dt.date, before: int | None = None, reason: str = "") -> None:
    """A stage row by raw SQL, as the portal's role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO facilities_stageevent"
            " (project_id, stage, stage_before, occurred_on, basis, reason, recorded_at, is_sample)"
            " VALUES (%s, %s, %s, %s, '', %s, now(), false)",
            [project.pk, stage, before, day, reason],
        )


def test_the_database_refuses_a_step_back_without_a_reason(project: Project) -> None:
    insert(project, 7, MAY)
    for claimed in (None, 3, 7):
        with pytest.raises(IntegrityError, match="stage_back_needs_reason"):
            insert(project, 5, MAY, before=claimed)
    insert(project, 5, MAY, before=2, reason="复核")
    assert StageEvent.objects.get(stage=5).stage_before == 7


def test_the_database_refuses_a_day_that_makes_what_follows_a_step_back(project: Project) -> None:
    """Decision 4: the row that stands would be one without a reason."""
    insert(project, 5, MAY)
    for stage in (5, 7):
        with pytest.raises(IntegrityError, match="what follows would be a step back"):
            insert(project, stage, MAY - dt.timedelta(days=30), reason="补登")
    insert(project, 7, MAY + dt.timedelta(days=1))
    insert(project, 6, MAY + dt.timedelta(days=2), reason="返工")
    insert(project, 8, MAY + dt.timedelta(days=1))
    assert list(project.stages.order_by("occurred_on", "pk").values_list("stage", flat=True)) == [5, 7, 8, 6]


def test_the_database_refuses_a_stage_off_the_ladder(project: Project) -> None:
    with pytest.raises(IntegrityError, match="stage_known"):
        insert(project, 13, MAY)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(Stage.values), st.integers(-3, 20), st.sampled_from(["", "复核更正"])), max_size=8
    )
)
@pytest.mark.django_db
def test_whatever_is_tried_the_latest_row_is_the_stage(steps: list[tuple[int, int, str]]) -> None:
    """A model kept beside: what the rules allow goes in, nothing else does."""
    with transaction.atomic():
        units = ReportingUnit.objects.filter(code="XC")
        unit = units.first() or factories.make_units()["XC"]
        project = factories.make_project(factories.make_community(unit), FacilityKind.CLINIC)
        clerk = factories.make_user(Role.CITY_OFFICE)
        day, rows = MAY, list[tuple[dt.date, int]]()
        for stage, ahead, reason in steps:
            day += dt.timedelta(days=ahead)
            last = rows[-1] if rows else None
            allowed = last is None or (
                day >= last[0] and (stage > last[1] or bool(reason)) and (day, stage) not in rows
            )
            if allowed:
                actions.record_stage(project, stage, occurred_on=day, reason=reason, actor=clerk)
                rows.append((day, stage))
            else:
                with pytest.raises(RuleViolation):
                    actions.record_stage(project, stage, occurred_on=day, reason=reason, actor=clerk)
        assert list(project.stages.order_by("pk").values_list("occurred_on", "stage")) == rows
        assert stage_of(project) == (rows[-1][1] if rows else Stage.CONCEIVED)
        for upto, _stage in rows:
            by_then = [stage for on, stage in rows if on <= upto]
            assert stage_of(project, upto) == by_then[-1]
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_the_second_sees_what_the_first_wrote(units: Units) -> None:
    """The same click twice, on two connections: one row, and one sentence."""
    project = factories.make_project(factories.make_community(units["XC"]))
    clerk = factories.make_user(Role.CITY_OFFICE)

    def click() -> str:
        try:
            actions.record_stage(project, Stage.STARTED, occurred_on=MAY, actor=clerk)
        except RuleViolation as refusal:
            return refusal.message
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = [task.result(60) for task in [pool.submit(on_own_connection, click) for _ in range(2)]]
    assert sorted(answers)[0] == "" and "已经登记过" in sorted(answers)[1]
    assert project.stages.count() == 1


def on_own_connection(task: Callable[[], str]) -> str:
    """Call it, then give the thread's connection back."""
    try:
        return task()
    finally:
        connection.close()
