"""What the database refuses of a monthly report as the portal's role, whatever the code above it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from communities.models import Absence, ReportingMonth, ReportingUnit
from communities.roles import Role
from core.periods import today
from facilities import report_actions as actions
from facilities.models import ProgressReport
from facilities.report_workflow import MOVES, ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import Scene, make_scene

Units = dict[str, ReportingUnit]
APPROVE = (
    "UPDATE facilities_progressreport SET state = 'approved', reviewed_by_id = {by}, reviewed_as = '{role}',"
    " reviewed_at = now(), away_reason = '{away}' WHERE id = {pk}"
)
RETURN = (
    "UPDATE facilities_progressreport SET state = 'returned', reviewed_by_id = {by}, reviewed_as = '{role}',"
    " reviewed_at = now(), return_reason = '{away}' WHERE id = {pk}"
)


@pytest.fixture
def scene(units: Units) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def run(statement: str, **values: Any) -> int:
    """Execute it as the portal's role; how many rows it touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**values))
        return int(cursor.rowcount)


def refused(statement: str, match: str | None = None, **values: Any) -> None:
    """A rule refuses it, and nothing is different afterwards."""
    before = list(ProgressReport.objects.order_by("pk").values())
    with pytest.raises(IntegrityError, match=match):
        run(statement, **values)
    assert list(ProgressReport.objects.order_by("pk").values()) == before


def in_state(scene: Scene, state: str) -> ProgressReport:
    """A report in that state."""
    return factories.make_report(scene.project, scene.month, state, entry=scene.entry, reviewer=scene.reviewer)


def move_to(state: str, scene: Scene, report: ProgressReport) -> str:
    """The statement that would move the report to a state, complete with everything that the state needs."""
    if state in ("approved", "returned"):
        statement = APPROVE if state == "approved" else RETURN
        return statement.format(by=scene.reviewer.pk, role=Role.COUNTY_REVIEWER, away="测试", pk=report.pk)
    filed = f", submitted_by_id = {scene.entry.pk}, submitted_at = now()" if state == "submitted" else ""
    return f"UPDATE facilities_progressreport SET state = '{state}'{filed} WHERE id = {report.pk}"


@pytest.mark.parametrize("after", ReportState.values)
@pytest.mark.parametrize("before", ReportState.values)
def test_the_moves_of_the_table_are_the_databases(scene: Scene, before: str, after: str) -> None:
    report = in_state(scene, before)
    allowed = ReportState(after) in MOVES[ReportState(before)]
    if allowed:
        assert run(move_to(after, scene, report)) == 1
    elif before != after:
        refused(move_to(after, scene, report), match="no such move|not changed")
    else:
        assert run(f"UPDATE facilities_progressreport SET state = '{after}' WHERE id = {report.pk}") == 1


@pytest.mark.parametrize("statement", [APPROVE, RETURN])
@pytest.mark.parametrize("who", ["entry", "drafter", "stranger", "past", "leader", "nobody", "inactive", "office"])
def test_only_a_reviewer_in_term_who_entered_nothing_decides(
    scene: Scene, units: Units, statement: str, who: str
) -> None:
    drafter = factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])
    actions.save_draft(scene.project, scene.month, {"percent": 10}, actor=drafter)
    report = actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=1)
    until = dt.date(2013, 1, 1)
    people = {
        "entry": scene.entry,
        "drafter": drafter,
        "stranger": factories.make_user(Role.COUNTY_REVIEWER, unit=units["DW"]),
        "past": factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"], valid_until=until),
        "leader": factories.make_user(Role.LEADER),
        "nobody": factories.make_user(),
        "inactive": factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"], is_active=False),
        "office": scene.office,
    }
    person = people[who]
    for role in (Role.COUNTY_REVIEWER, Role.CITY_OFFICE, Role.COUNTY_ENTRY, Role.LEADER, ""):
        refused(statement, by=person.pk, role=role, away="出差", pk=report.pk)
    refused(statement, by="NULL", role=Role.COUNTY_REVIEWER, away="出差", pk=report.pk)
    assert run(statement, by=scene.reviewer.pk, role=Role.COUNTY_REVIEWER, away="不对", pk=report.pk) == 1


def test_the_authors_are_the_databases(scene: Scene) -> None:
    """Writing oneself out of them, before or with the decision, changes nothing."""
    report = in_state(scene, "submitted")
    run("UPDATE facilities_progressreport SET authors = '{{}}', version = 9 WHERE id = {pk}", pk=report.pk)
    assert ProgressReport.objects.get().authors == [scene.entry.pk]
    factories.grant(scene.entry, Role.COUNTY_REVIEWER, unit=scene.project.community.placements.get().unit)
    statement = APPROVE.replace("WHERE", ", authors = '{{}}' WHERE")
    refused(statement, "decides on what they entered", by=scene.entry.pk, role="county_reviewer", away="", pk=report.pk)


def test_the_city_office_decides_only_while_every_reviewer_is_away(scene: Scene) -> None:
    report = in_state(scene, "submitted")
    office = {"by": scene.office.pk, "role": Role.CITY_OFFICE, "pk": report.pk}
    refused(APPROVE, "a reviewer of the unit is there", **office, away="出差")
    absence = Absence.objects.create(user=scene.reviewer, first_day=today(), last_day=today(), reason="出差")
    Absence.objects.filter(pk=absence.pk).update(ended_on=today())
    refused(APPROVE, "a reviewer of the unit is there", **office, away="出差")
    Absence.objects.filter(pk=absence.pk).update(ended_on=None)
    refused(APPROVE, "report_away_has_reason", **office, away="")
    assert run(APPROVE, **office, away="出差") == 1


CONTENT = [
    ("percent", "99"),
    ("stage", str(int(Stage.IN_USE))),
    ("stage_on", "'2013-12-02'"),
    ("text", "'改过'"),
    ("help_wanted", "'改过'"),
    ("entered_by_id", "{office}"),
    ("submitted_by_id", "{office}"),
    ("submitted_at", "'2013-01-01'"),
    ("reviewed_by_id", "{office}"),
    ("return_reason", "'改过'"),
    ("away_reason", "'改过'"),
    ("stage_event_id", "{event}"),
    ("revision", "5"),
    ("month_id", "{month}"),
    ("project_id", "{project}"),
    ("correction_reason", "'改过'"),
]


@pytest.mark.parametrize("state", ["submitted", "approved"])
@pytest.mark.parametrize(("column", "value"), CONTENT)
def test_what_waits_or_is_approved_is_not_changed(scene: Scene, state: str, column: str, value: str) -> None:
    report = in_state(scene, state)
    other = factories.make_project(scene.project.community, "other")
    value = value.format(
        office=scene.office.pk,
        event=scene.project.stages.get().pk,
        month=factories.make_month(2013, 11).pk,
        project=other.pk,
    )
    refused(
        "UPDATE facilities_progressreport SET {column} = {value} WHERE id = {pk}",
        column=column,
        value=value,
        pk=report.pk,
    )
    if state == "submitted":
        refused(
            "UPDATE facilities_progressreport SET state = 'draft', {column} = {value} WHERE id = {pk}",
            column=column,
            value=value,
            pk=report.pk,
        )


def test_an_approved_row_is_not_touched_at_all(scene: Scene) -> None:
    report = in_state(scene, "approved")
    refused("UPDATE facilities_progressreport SET version = version + 1 WHERE id = {pk}", "not changed", pk=report.pk)


@pytest.mark.parametrize("state", ReportState.values)
def test_no_report_is_deleted_or_emptied(scene: Scene, state: str) -> None:
    report = in_state(scene, state)
    refused("DELETE FROM facilities_progressreport WHERE id = {pk}", "never deleted", pk=report.pk)
    with pytest.raises(DatabaseError, match="permission denied"):
        run("TRUNCATE facilities_progressreport")


def insert(scene: Scene, **fields: Any) -> int:
    """A row by raw SQL, a draft of the scene's month unless said otherwise."""
    row = {
        "project_id": scene.project.pk,
        "month_id": scene.month.pk,
        "revision": 1,
        "state": "'draft'",
        "version": 1,
        "is_sample": "false",
        "stage": 5,
        "percent": 10,
        "authors": "'{}'",
        "entered_by_id": scene.entry.pk,
        "entered_as": "'county_entry'",
        "is_late": "false",
        **dict.fromkeys(
            ("stage_basis", "stage_reason", "text", "problem", "help_wanted", "explanation", "reviewed_as"), "''"
        ),
        **dict.fromkeys(("return_reason", "away_reason", "correction_reason"), "''"),
        **fields,
    }
    names, values = ", ".join(row), ", ".join(str(value) for value in row.values())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO facilities_progressreport ({names}) VALUES ({values})")
        return int(cursor.rowcount)


FILED: dict[str, Any] = {"state": "'submitted'", "submitted_at": "now()"}


def test_a_row_begins_as_a_draft_or_submitted(scene: Scene) -> None:
    by = {"submitted_by_id": scene.entry.pk, "reviewed_by_id": scene.reviewer.pk}
    reviewed: dict[str, Any] = {"reviewed_as": "'county_reviewer'", "reviewed_at": "now()", "return_reason": "'不对'"}
    for state in ("'approved'", "'returned'"):
        with pytest.raises(IntegrityError, match="begins as"):
            insert(scene, **{**FILED, **by, **reviewed, "state": state})
    with pytest.raises(IntegrityError, match="nobody has reviewed"):
        insert(scene, **reviewed, **by)
    assert insert(scene, **FILED, submitted_by_id=scene.entry.pk) == 1
    with pytest.raises(IntegrityError, match="report_once"):
        insert(scene)


@pytest.mark.parametrize("state", ["planned", "closed"])
def test_a_first_revision_waits_for_an_open_month(scene: Scene, state: str) -> None:
    if state == "closed":
        draft = in_state(scene, "draft")
        ReportingMonth.objects.update(state=state)
        refused(move_to("submitted", scene, draft), "not open")
        scene.project = factories.make_project(scene.project.community, "other")
    else:
        scene.month = factories.make_month(2014, 1, state)
    for fields in ({}, {**FILED, "submitted_by_id": scene.entry.pk}):
        with pytest.raises(IntegrityError, match="not open"):
            insert(scene, **fields)


def test_in_a_closed_month_what_came_back_comes_again_and_what_waits_stays(scene: Scene) -> None:
    """Or closing a month would leave reports that nobody can hand in."""
    returned = in_state(scene, "returned")
    waiting = scene.filed_one()
    ReportingMonth.objects.update(state="closed")
    refused(move_to("draft", scene, waiting), "not open")
    assert run(f"UPDATE facilities_progressreport SET text = '改过', percent = 11 WHERE id = {returned.pk}") == 1
    assert run(move_to("submitted", scene, returned)) == 1
    assert run(move_to("returned", scene, waiting)) == 1


def test_late_is_the_databases_and_stays(scene: Scene) -> None:
    ReportingMonth.objects.update(due_on=dt.date(2014, 1, 6), due_reason="测试")
    insert(scene, **FILED, submitted_by_id=scene.entry.pk, first_submitted_at="'2013-12-01'")
    report = ProgressReport.objects.get()
    assert report.is_late and report.first_submitted_at == report.submitted_at
    run("UPDATE facilities_progressreport SET is_late = false, first_submitted_at = NULL, version = 2")
    assert ProgressReport.objects.get().is_late and ProgressReport.objects.get().first_submitted_at


def test_a_correction_needs_an_approved_report_and_a_reason(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="only an approved report"):
        insert(scene, revision=2, correction_reason="'更正'")
    in_state(scene, "approved")
    with pytest.raises(IntegrityError, match="report_correction_has_reason"):
        insert(scene, revision=2)
    with pytest.raises(IntegrityError, match="only an approved report"):
        insert(scene, revision=3, correction_reason="'更正'")
    assert insert(scene, revision=2, correction_reason="'更正'") == 1
    with pytest.raises(IntegrityError, match="only an approved report"):
        insert(scene, revision=3, correction_reason="'更正'")


def test_what_is_approved_is_what_the_stages_say(scene: Scene) -> None:
    """The stage is entered with the approval, or nothing is approved."""
    by = {"by": scene.reviewer.pk, "role": Role.COUNTY_REVIEWER, "away": ""}
    report = scene.filed(stage=Stage.FOUNDATION, stage_on=dt.date(2013, 12, 5))
    refused(APPROVE, "the stages do not say so", **by, pk=report.pk)
    january = scene.project.stages.create(stage=Stage.FOUNDATION, occurred_on=dt.date(2014, 1, 1))
    refused(APPROVE, "the stages do not say so", **by, pk=report.pk)
    named = APPROVE.replace("WHERE", f", stage_event_id = {january.pk} WHERE")
    refused(named, "not the stage that was reported", **by, pk=report.pk)
    back = RETURN.replace("WHERE", f", stage_event_id = {january.pk} WHERE")
    refused(back, "only approval adds a stage", **{**by, "away": "不对"}, pk=report.pk)
