"""From when on reports of a project are expected: from the month in which it was registered, and no month before."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from communities.calendar import working_day
from communities.models import ReportingUnit, SampleDay
from core.formats import day
from core.periods import today
from dashboards.completeness import missing_projects
from facilities import actions
from facilities.models import ProgressReport, Project
from facilities.report_reads import month_work, unit_progress
from facilities.workflow import Stage
from tests import factories
from tests.facilities.report_scene import Scene, make_scene

Units = dict[str, ReportingUnit]
DECEMBER, JANUARY = dt.date(2013, 12, 31), dt.date(2014, 1, 1)


@pytest.fixture
def scene(units: Units) -> Scene:
    """The usual one."""
    return make_scene(units["XC"])


def made_on(scene: Scene, day: dt.date) -> Project:
    """A second project of the community, registered on a day."""
    SampleDay.objects.update_or_create(id=1, defaults={"day": day})
    return actions.create_project(community=scene.project.community, kind="other", name="新建", actor=scene.entry)


@pytest.mark.parametrize(("day", "expected"), [(DECEMBER, 2), (JANUARY, 1)])
def test_no_report_is_expected_for_months_that_were_over(
    scene: Scene, units: Units, day: dt.date, expected: int
) -> None:
    """Neither in the count, nor in the list of what is missing, nor on the desk."""
    new = made_on(scene, day)
    assert new.registered_on == day == working_day()
    (progress,) = unit_progress(scene.month, [units["XC"]])
    assert (progress.expected, progress.missing, progress.required) == (expected, expected, 3 * expected)
    missing = missing_projects(scene.office, scene.month, units["XC"])
    assert missing.count() == len(month_work(scene.entry, scene.month)) == expected
    assert (new in missing) == (expected == 2)
    february = factories.make_month(2014, 2)
    assert Project.objects.expected_in(february).count() == 2


def test_a_report_that_nobody_expected_does_not_count(scene: Scene, units: Units) -> None:
    """Or more would be filed than was expected; the list behind the number leaves it out, too."""
    new = made_on(scene, JANUARY)
    scene.filed(project=new)
    scene.filed()
    (progress,) = unit_progress(scene.month, [units["XC"]])
    assert (progress.expected, progress.filed, progress.missing) == (1, 1, 0)
    rows = ProgressReport.objects.of_month(scene.month)
    assert rows.count() == 2 and rows.counted_in("XC").count() == rows.counted_in().count() == 1


def test_the_day_is_shown_and_answered(scene: Scene, as_user: Any) -> None:
    new = made_on(scene, JANUARY)
    client = as_user(scene.entry)
    assert "建档日期" in client.get(new.get_absolute_url()).content.decode()
    assert day(JANUARY) in client.get(new.get_absolute_url()).content.decode()
    assert client.get(f"/api/v1/projects/{new.pk}/").json()["registered_on"] == "2014-01-01"
    body = {"name": "改名", "registered_on": "2000-01-01"}
    client.patch(f"/api/v1/projects/{new.pk}/", body, content_type="application/json", headers={"If-Match": '"v1"'})
    assert Project.objects.get(pk=new.pk).registered_on == JANUARY, "nobody types it"


def test_what_is_there_already_gets_its_day_from_history(scene: Scene) -> None:
    """The first entry; or the month of a report before it; sample projects as the loader writes them."""
    community = scene.project.community
    entered = factories.make_project(community, "other", (Stage.STARTED, dt.date(2012, 5, 1)))
    sample = factories.make_project(community, "clinic", is_sample=True)
    scene.filed()
    Project.objects.update(registered_on=dt.date(1990, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute(import_module("facilities.migrations.0011_registered_on").FILL)
    days = dict(Project.objects.values_list("pk", "registered_on"))
    assert days == {
        entered.pk: today(),
        scene.project.pk: dt.date(2013, 12, 1),
        sample.pk: dt.date(2013, 1, 1),
    }
