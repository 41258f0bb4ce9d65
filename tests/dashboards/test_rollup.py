"""Marks become jobs, jobs replace figures; twice, late, out of order or at once makes no difference."""

from __future__ import annotations

import threading
import time
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from communities.models import Community, ReportingQuarter, ReportingUnit
from core.periods import today
from dashboards import rollup, tasks
from dashboards.models import Figure, Mark
from facilities.workflow import Stage
from jobs import actions
from jobs.models import Job
from jobs.workflow import JobState
from tests.dashboards.scene import JUNE, Q3, Q4, counted, differences, figure, organise, reach, settle
from tests.dashboards.small_city import build
from tests.dashboards.workers import somebody_waits_for_a_lock
from tests.factories import make_community, make_project, make_quarter, make_units

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db


def table(model: Any, *names: str) -> list[Any]:
    return sorted(model.objects.values_list(*names))


def figures() -> list[Any]:
    return table(Figure, "quarter", "indicator", "unit", "type", "numerator", "denominator", "records")


def waiting() -> list[str]:
    return sorted(Job.objects.waiting().filter(kind=rollup.ROLLUP).values_list("key", flat=True))


def test_marks_become_one_job_for_each_touched_unit(units: Units, half_year: Quarters) -> None:
    make_community(units["XN"])
    make_community(units["XN"])
    make_community(units["DW"])
    assert rollup.pending() == 3
    assert rollup.collect_marks() == ["DW", "XN"]
    assert (waiting(), Mark.objects.count(), rollup.pending()) == (["DW", "XN"], 0, 2)
    make_community(units["XN"])
    tasks.collect_marks()
    assert (waiting(), rollup.pending()) == (["DW", "XN"], 2)
    settle()
    assert rollup.pending() == 0
    assert counted("planned") == 4


def test_a_mark_without_a_unit_is_for_all_of_them(units: Units, half_year: Quarters) -> None:
    make_quarter(2014, 1)
    assert len(rollup.collect_marks()) == 10


def test_without_marks_collecting_costs_one_query(units: Units, django_assert_num_queries: Any) -> None:
    Mark.objects.all().delete()
    with django_assert_num_queries(1):
        assert rollup.collect_marks() == []


def test_marks_stay_where_the_jobs_could_not_be_written(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    make_community(units["XN"])
    before = table(Mark, "pk")
    monkeypatch.setattr(rollup, "enqueue_many", Mock(side_effect=RuntimeError))
    with pytest.raises(RuntimeError):
        rollup.collect_marks()
    assert table(Mark, "pk") == before


def test_a_cell_whose_last_fact_has_gone_vanishes(units: Units, half_year: Quarters) -> None:
    community = make_community(units["XN"], type="rural")
    organise("party", unit=units["XN"])
    assert counted("planned", type="rural") == 1
    community.placements.update(type="town")
    assert (counted("planned", type="rural"), counted("planned", type="town")) == (0, 1)
    assert not Figure.objects.filter(type="rural").exists()
    assert counted("party_organisations", type="none") == 1


def test_only_open_quarters_are_computed(units: Units) -> None:
    make_quarter(2013, 4)
    third = make_quarter(2013, 3, state="planned")
    project = make_project(make_community(units["XN"]))
    assert counted("started") == 0
    reach(project, Stage.STARTED, JUNE)
    assert (counted("started", Q3), counted("started", Q4)) == (0, 1)
    ReportingQuarter.objects.filter(pk=third.pk).update(state="open")
    assert counted("started", Q3) == 1


def test_rolling_up_once_or_three_times_leaves_the_same_tables(units: Units, half_year: Quarters) -> None:
    build(units, half_year["2013Q4"])
    settle()
    once = figures()
    assert len(once) > 40
    for _ in range(3):
        rollup.roll_up(units["XN"])
    rollup.roll_up_all()
    assert figures() == once
    assert differences() == differences(Q3) == []


def test_rolling_up_everything_mends_whatever_was_there_and_takes_the_marks(units: Units, half_year: Quarters) -> None:
    build(units, half_year["2013Q4"])
    settle()
    right = figures()
    Figure.objects.filter(indicator="planned").update(numerator=7)
    Figure.objects.filter(indicator="started").delete()
    values = {"numerator": 1, "records": 1, "computed_at": half_year["2013Q4"].opens_on.strftime("%Y-%m-%dT00:00Z")}
    Figure.objects.create(indicator="pilots", unit=units["HC"], type="city", quarter=half_year["2013Q4"], **values)
    make_community(units["XN"]).placements.all().delete()
    assert rollup.roll_up_all() == len(right)
    assert (figures(), Mark.objects.count()) == (right, 0)


def test_a_units_roll_up_takes_a_handful_of_queries_however_much_there_is(
    units: Units, half_year: Quarters, django_assert_num_queries: Any
) -> None:
    build(units, half_year["2013Q4"])
    rollup.roll_up(units["XN"])  # writes the statement out
    make_project(make_community(units["XN"]), "clinic", (Stage.STARTED, JUNE))
    # Savepoint and its end, lock, quarters, rules in force (3), one for each of two quarters, to write, what vanished.
    with django_assert_num_queries(11):
        rollup.roll_up(units["XN"])


def check(unit: str) -> Job:
    return Job.objects.get(kind=rollup.CHECK, key=unit, period=str(today()))


def nightly() -> None:
    tasks.rebuild_beside()
    while claimed := actions.claim([rollup.CHECK]):
        actions.execute(claimed)


def test_the_nightly_check_is_silent_where_everything_agrees(
    units: Units, half_year: Quarters, caplog: pytest.LogCaptureFixture
) -> None:
    build(units, half_year["2013Q4"])
    settle()
    nightly()
    tasks.rebuild_beside()
    assert Job.objects.filter(kind=rollup.CHECK).count() == 10
    assert check("XN").result == {"differences": 0, "first": []}
    assert not [record for record in caplog.records if record.name == "portal.figures"]


def test_the_nightly_check_raises_the_alarm_and_has_the_unit_mended(
    units: Units, half_year: Quarters, caplog: pytest.LogCaptureFixture
) -> None:
    build(units, half_year["2013Q4"])
    settle()
    Figure.objects.filter(indicator="planned", type="rural", unit=units["DW"], quarter=half_year["2013Q4"]).update(
        numerator=9
    )
    nightly()
    assert check("DW").result["differences"] == 1
    assert "2013Q4 DW planned rural: 9.00/None" in check("DW").result["first"][0]
    assert check("XN").result["differences"] == 0
    assert "figures of DW differ" in caplog.text
    settle()
    assert differences() == []


def test_a_change_that_still_waits_is_no_alarm(units: Units, half_year: Quarters) -> None:
    settle()
    make_community(units["XN"])
    assert rollup.check_unit(units["XN"]) == []
    rollup.collect_marks()
    assert rollup.check_unit(units["XN"]) == []
    Job.objects.all().delete()
    assert len(rollup.check_unit(units["XN"])) == 4  # planned and inspected_share in two quarters


@pytest.fixture
def parallel(transactional_db: None, half_year: Quarters) -> Units:
    """Ten units, committed, so that other connections see them."""
    return make_units()


def in_threads(*works: Any) -> list[BaseException]:
    """Run each at once on a connection of its own; what they raised."""
    errors: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return errors


def test_two_workers_and_people_who_save_at_once_end_with_the_right_figures(
    parallel: Units, half_year: Quarters
) -> None:
    def people() -> None:
        for number in range(12):
            community = make_community(parallel["XN" if number % 2 else "DW"])
            make_project(community, "service_centre", (Stage.MAIN_WORKS, JUNE))

    def worker() -> None:
        for _ in range(12):
            rollup.collect_marks()
            actions.work_off()

    assert in_threads(people, worker, worker) == []
    settle()
    assert [figure(code).value for code in ("planned", "centres_begun")] == [12, 12]
    assert differences() == differences(Q3) == []


def test_a_late_worker_does_not_write_an_old_number_over_a_new_one(parallel: Units, half_year: Quarters) -> None:
    began, may_end = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            rollup.roll_up(parallel["XN"])
            began.set()
            may_end.wait(30)

    def prompt() -> None:
        began.wait(30)
        make_community(parallel["XN"])
        # Waits for the late one, then reads: not the other way round.
        timer = threading.Timer(0.3, may_end.set)
        timer.start()
        rollup.roll_up(parallel["XN"])

    assert in_threads(late, prompt) == []
    assert figure("planned").value == Community.objects.count() == 1


def test_the_unit_is_locked_before_its_records_are_read(parallel: Units, half_year: Quarters) -> None:
    locked, may_end = threading.Event(), threading.Event()

    def holder() -> None:
        with transaction.atomic():
            rollup._lock(parallel["XN"])
            locked.set()
            may_end.wait(30)

    def worker() -> None:
        locked.wait(30)
        rollup.roll_up(parallel["XN"])

    def person() -> None:
        locked.wait(30)
        while not somebody_waits_for_a_lock():
            time.sleep(0.005)
        make_community(parallel["XN"])
        may_end.set()

    assert in_threads(holder, worker, person) == []
    assert figure("planned").value == 1


def test_a_killed_roll_up_leaves_nothing_and_its_rerun_leaves_the_same(
    parallel: Units, half_year: Quarters, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_community(parallel["XN"])
    Mark.objects.exclude(unit=parallel["XN"]).delete()
    rollup.collect_marks()
    whole = rollup._replace

    def dies(*args: Any) -> None:
        whole(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(rollup, "_replace", dies)
    claimed = actions.claim([rollup.ROLLUP])
    assert claimed
    with pytest.raises(KeyboardInterrupt):
        actions.execute(claimed)
    assert not Figure.objects.exists()
    monkeypatch.setattr(rollup, "_replace", whole)
    Job.objects.filter(pk=claimed.pk, state=JobState.RUNNING).update(lease_until="2013-01-01T00:00Z")
    actions.sweep()
    settle()
    call_command("figures", "2013Q4", "--verify")
    assert figure("planned").value == 1
