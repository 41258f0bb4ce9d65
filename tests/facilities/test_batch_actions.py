"""Many reports in one transaction: each with its own outcome, all under the rules of one, few queries for each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.models import ReportingMonth, ReportingUnit
from core.errors import NotAllowed, StaleVersion, WrongState
from facilities import report_actions as actions
from facilities.batch_actions import Entry, Filed, save_month, submit_month
from facilities.models import ProgressReport, Project
from facilities.report_workflow import ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import DAY, Scene, make_scene


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit whose project has a report of November."""
    scene = make_scene(units["XC"])
    scene.approved(factories.make_month(2013, 11), text="土方开挖", arrived_city=Decimal("1200.00"))
    return scene


def more(scene: Scene, number: int) -> list[Project]:
    """As many projects with a report of November, the scene's own among them."""
    november = ReportingMonth.objects.get(year=2013, number=11)
    made = [factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY)) for _ in range(number - 1)]
    for project in made:
        report = scene.filed(november, project)
        actions.approve_report(report, actor=scene.reviewer, expected_version=report.version)
    return [scene.project, *made]


def reports(scene: Scene) -> Any:
    """December's."""
    return ProgressReport.objects.of_month(scene.month)


def refusals(outcomes: list[Filed]) -> list[type | None]:
    """The kinds of refusal, None where it was done."""
    return [type(each.refusal) if each.refusal else None for each in outcomes]


def test_changed_and_unchanged_are_handed_in_together(scene: Scene) -> None:
    one, two, three = more(scene, 3)
    draft = actions.save_draft(two, scene.month, {"percent": 11}, actor=scene.entry)
    entries = [
        Entry(one.pk, None, {"percent": 15, "invested": Decimal("46.00")}),
        Entry(two.pk, draft.version, {"percent": 14}),
        Entry(three.pk, None, None),
    ]
    outcomes = submit_month(scene.month, entries, actor=scene.entry)
    assert refusals(outcomes) == [None, None, None]
    found = {report.project_id: report for report in reports(scene)}
    assert [found[project.pk].percent for project in (one, two, three)] == [15, 14, 10]
    assert {report.state for report in found.values()} == {ReportState.SUBMITTED}
    assert found[one.pk].text == "土方开挖", "what is not named is as the last report said"
    assert found[three.pk].invested == Decimal("0.00")


def test_one_that_is_refused_stops_no_other(scene: Scene) -> None:
    one, two, three = more(scene, 3)
    scene.filed(project=two, percent=30)
    other = factories.make_project(factories.make_community(ReportingUnit.objects.get(code="DW")), "clinic")
    entries = [Entry(project.pk, None, {"percent": 12}) for project in (one, two, other)] + [
        Entry(three.pk, None, None)
    ]
    outcomes = submit_month(scene.month, entries, actor=scene.entry)
    assert refusals(outcomes) == [None, StaleVersion, NotAllowed, None]
    assert reports(scene).get(project=two).percent == 30 and not reports(scene).filter(project=other).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"arrived_city": Decimal("1120.00")}, "arrived_city"),
        ({"percent": None}, "percent"),
        ({"percent": 101}, "percent"),
        ({"stage": Stage.FOUNDATION}, "stage_on"),
        ({"stage": 99}, "stage"),
        ({"stage": Stage.LAND, "stage_on": DAY}, "stage_reason"),
        ({"problem": "长" * 501}, "problem"),
        ({"invested": Decimal(-1)}, "invested"),
    ],
)
def test_the_rules_are_those_of_one_report(scene: Scene, values: dict[str, Any], field: str) -> None:
    if values.get("stage") == Stage.FOUNDATION:
        values = values | {"stage_on": None}
    outcome = submit_month(scene.month, [Entry(scene.project.pk, None, {"percent": 12} | values)], actor=scene.entry)[0]
    assert outcome.refusal is not None and outcome.refusal.field == field
    assert not reports(scene).exists()


def test_what_only_constraints_hold_is_refused_in_words(units: dict[str, ReportingUnit]) -> None:
    scene = make_scene(units["XC"])
    homes = factories.make_project(scene.project.community, "resettlement", (Stage.MAIN_WORKS, DAY))
    values = {"percent": 40, "housing_started": 10, "housing_topped_out": 12}
    outcome = submit_month(scene.month, [Entry(homes.pk, None, values)], actor=scene.entry)[0]
    assert outcome.refusal is not None and "12 套" in outcome.refusal.message


def test_nothing_is_handed_in_for_a_closed_month(scene: Scene) -> None:
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    entries = [Entry(scene.project.pk, None, {"percent": 12})]
    for act in (submit_month, save_month):
        assert refusals(act(scene.month, entries, actor=scene.entry)) == [WrongState]
    assert not reports(scene).exists()


def test_no_change_is_refused_where_something_was_entered_or_came_back(scene: Scene) -> None:
    one, two, three = more(scene, 3)
    actions.save_draft(one, scene.month, {"percent": 20}, actor=scene.entry)
    report = scene.filed(project=two)
    actions.return_report(report, actor=scene.reviewer, expected_version=report.version, reason="请核对")
    never = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
    outcomes = submit_month(
        scene.month, [Entry(each.pk, 1, None) for each in (one, two, three, never)], actor=scene.entry
    )
    assert [bool(each.refusal) for each in outcomes] == [True, True, False, True]


def test_drafts_are_kept_row_by_row_and_both_texts_shown(scene: Scene) -> None:
    one, two = more(scene, 2)
    stored = actions.save_draft(two, scene.month, {"problem": "甲写的"}, actor=scene.entry)
    entries = [Entry(one.pk, None, {"percent": 11}), Entry(two.pk, None, {"problem": "乙写的"})]
    kept, refused = save_month(scene.month, entries, actor=scene.reviewer)
    assert kept.report is not None and (kept.report.version, kept.report.state) == (1, ReportState.DRAFT)
    assert isinstance(refused.refusal, StaleVersion) and refused.refusal.version == stored.version
    assert [(each.stored, each.sent) for each in refused.refusal.conflicts] == [("甲写的", "乙写的")]
    again = save_month(scene.month, [Entry(two.pk, stored.version, {"problem": "乙写的"})], actor=scene.reviewer)
    assert again[0].report is not None and again[0].report.problem == "乙写的"


def test_of_one_project_the_last_entry_counts(scene: Scene) -> None:
    entries = [Entry(scene.project.pk, None, {"percent": percent}) for percent in (11, 12)]
    assert len(submit_month(scene.month, entries, actor=scene.entry)) == 1
    assert reports(scene).get().percent == 12


def test_whoever_enters_for_the_unit_is_named_as_such(scene: Scene) -> None:
    for actor, capacity in ((scene.reviewer, "county_reviewer"), (scene.office, "city_office")):
        project = factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY))
        submit_month(scene.month, [Entry(project.pk, None, {"percent": 10})], actor=actor)
        assert reports(scene).get(project=project).entered_as == capacity


def test_queries_for_a_row_are_few(scene: Scene) -> None:
    """What is shared is read once: drafts are written together, and ten rows more to submit take the same handful."""
    projects = more(scene, 22)

    def asked(entries: list[Entry], act: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert refusals(act(scene.month, entries, actor=scene.entry)) == [None] * len(entries)
        return len(queries)

    few = asked([Entry(project.pk, None, {"percent": 11}) for project in projects[:2]], save_month)
    many = asked([Entry(project.pk, None, {"percent": 11}) for project in projects[2:12]], save_month)
    assert many == few
    few = asked([Entry(project.pk, None, None) for project in projects[12:14]], submit_month)
    many = asked([Entry(project.pk, None, None) for project in projects[14:]], submit_month)
    # One of them asks whether an earlier month still waits.
    assert (many - few) / 6 <= 7


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["same", "changed", "falling", "filed", "foreign"]), min_size=1, max_size=6))
def test_every_entry_has_an_outcome_and_only_the_good_ones_are_written(
    units: dict[str, ReportingUnit], kinds: list[str]
) -> None:
    with transaction.atomic():
        scene, november = make_scene(units["XC"]), factories.make_month(2013, 11)
        entries = [_entry(kind, units, scene, november) for kind in kinds]
        before = ProgressReport.objects.count()
        outcomes = submit_month(scene.month, entries, actor=scene.entry)
        good = [kind in ("same", "changed") for kind in kinds]
        assert [each.refusal is None for each in outcomes] == good
        assert ProgressReport.objects.count() - before == sum(good)
        transaction.set_rollback(True)


def _entry(kind: str, units: dict[str, ReportingUnit], scene: Scene, november: ReportingMonth) -> Entry:
    community = factories.make_community(units["DW" if kind == "foreign" else "XC"])
    project = factories.make_project(community, "other", (Stage.STARTED, DAY))
    factories.make_report(project, november, arrived_city=Decimal(100))
    if kind == "filed":
        factories.make_report(project, scene.month, "submitted")
    values = {"same": None, "falling": {"arrived_city": Decimal(99)}}.get(kind, {"percent": 12})
    return Entry(project.pk, None, values)
