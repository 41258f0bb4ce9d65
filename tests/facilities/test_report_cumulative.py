"""What is cumulative never falls from one approved month to the next: by action, by batch, and by plain SQL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from communities.models import ReportingMonth, ReportingUnit
from core.errors import RuleViolation
from facilities import report_actions as actions
from facilities.batch_actions import Entry, submit_month
from facilities.models import ProgressReport
from tests import factories
from tests.facilities.report_scene import Scene, make_scene


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


@pytest.fixture
def november(scene: Scene) -> ReportingMonth:
    """The month before the scene's."""
    return factories.make_month(2013, 11)


def money(amount: str | None) -> dict[str, Any]:
    """What has arrived of the city's money."""
    return {"arrived_city": None if amount is None else Decimal(amount)}


def correct(scene: Scene, report: ProgressReport, **values: Any) -> ProgressReport:
    """A correction of an approved report, handed in."""
    begun = actions.begin_correction(report, actor=scene.entry, reason="数填错了")
    return actions.submit_report(scene.project, report.month, values, actor=scene.entry, expected_version=begun.version)


def approve(scene: Scene, report: ProgressReport) -> ProgressReport:
    return actions.approve_report(report, actor=scene.reviewer, expected_version=report.version)


def by_sql(scene: Scene, report: ProgressReport, state: str, **fields: str) -> None:
    """Write it past every action."""
    filed = {"submitted_by_id": scene.entry.pk, "submitted_at": "now()"}
    decided = {"reviewed_by_id": scene.reviewer.pk, "reviewed_as": "'county_reviewer'", "reviewed_at": "now()"}
    values: dict[str, Any] = {"state": f"'{state}'", **(filed if state == "submitted" else decided), **fields}
    sets = ", ".join(f"{name} = {value}" for name, value in values.items())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE facilities_progressreport SET {sets} WHERE id = {report.pk}")


def test_two_months_that_wait_together_do_not_fall_when_both_are_approved(
    scene: Scene, november: ReportingMonth
) -> None:
    first, second = scene.filed(november, **money("200")), scene.filed(**money("150"))
    approve(scene, first)
    with pytest.raises(RuleViolation, match=r"上月 200\.00，本月填了 150\.00，少 50\.00") as refusal:
        approve(scene, second)
    assert refusal.value.field == "arrived_city"
    with pytest.raises(IntegrityError, match="does not fall"):
        by_sql(scene, second, "approved")
    assert ProgressReport.objects.get(pk=second.pk).state == "submitted"


def test_a_correction_does_not_lift_a_month_above_the_next_one(scene: Scene, november: ReportingMonth) -> None:
    first = scene.approved(november, **money("100"))
    second = scene.approved(**money("150"))
    with pytest.raises(RuleViolation, match=r"2013-12 的月报是“150\.00”，这里填了 151\.00") as refusal:
        correct(scene, first, **money("151"))
    assert refusal.value.field == "arrived_city"
    draft = ProgressReport.objects.get(month=november, revision=2)
    with pytest.raises(IntegrityError, match="does not fall later"):
        by_sql(scene, draft, "submitted", arrived_city="151")
    # The way out that the sentence names: the later month first.
    approve(scene, correct(scene, second, **money("151")))
    values = money("151")
    again = actions.submit_report(scene.project, november, values, actor=scene.entry, expected_version=draft.version)
    assert approve(scene, again).arrived_city == Decimal(151)


def test_the_later_month_is_looked_at_again_when_a_correction_is_approved(
    scene: Scene, november: ReportingMonth
) -> None:
    first = scene.approved(november, **money("100"))
    waiting = correct(scene, first, **money("180"))
    # Approved past the rule that an earlier month is decided first, as two people at once might.
    december = scene.filed(**money("150"))
    by_sql(scene, december, "approved")
    with pytest.raises(RuleViolation, match="先更正 2013-12 的月报"):
        approve(scene, waiting)
    with pytest.raises(IntegrityError, match="does not fall later"):
        by_sql(scene, waiting, "approved")


def test_what_is_known_does_not_become_unknown(scene: Scene, november: ReportingMonth) -> None:
    first = scene.approved(november, **money("100"))
    draft = actions.save_draft(scene.project, scene.month, money(None), actor=scene.entry)
    with pytest.raises(IntegrityError, match="does not fall"):
        by_sql(scene, draft, "submitted", percent="10")
    with pytest.raises(RuleViolation, match="这个月不能空着"):
        actions.submit_report(scene.project, scene.month, {}, actor=scene.entry, expected_version=draft.version)
    again = actions.save_draft(scene.project, scene.month, money("100"), actor=scene.entry, expected_version=1)
    approve(scene, scene_submit(scene, again))
    with pytest.raises(RuleViolation, match="2013-12 的月报是“空”"):
        correct(scene, first, paid_city=Decimal(5))


def scene_submit(scene: Scene, draft: ProgressReport) -> ProgressReport:
    """Hand a draft in as it is."""
    values = {"percent": 10}
    return actions.submit_report(scene.project, scene.month, values, actor=scene.entry, expected_version=draft.version)


def test_a_batch_says_the_same_of_the_month_after(scene: Scene, november: ReportingMonth) -> None:
    scene.approved(**money("150"))
    entries = [Entry(scene.project.pk, None, {"percent": 10, **money(amount)}) for amount in ("151", "150")]
    [filed] = submit_month(november, entries[:1], actor=scene.entry)
    assert filed.refusal is not None and "先更正 2013-12 的月报" in filed.refusal.message
    [filed] = submit_month(
        november, [Entry(scene.project.pk, None, {"percent": 10, **money("150")})], actor=scene.entry
    )
    assert filed.refusal is None


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"housing_topped_out": "5"}, "report_topped_out_of_started"),
        ({"housing_started": "5", "housing_handed_over": "5"}, "report_handed_out_of_topped"),
    ],
)
def test_nothing_is_built_of_an_unknown_number(scene: Scene, fields: dict[str, str], rule: str) -> None:
    draft = actions.save_draft(scene.project, scene.month, {"percent": 10}, actor=scene.entry)
    with pytest.raises(IntegrityError, match=rule):
        by_sql(scene, draft, "submitted", **fields)
    by_sql(scene, draft, "submitted", **dict.fromkeys(fields, "0"))
