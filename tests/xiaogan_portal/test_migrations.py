"""Migrations, backwards and forwards on data: what the version before knew is untouched, and the schema is the same."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.models import F

from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from core.history import events_of
from dashboards.models import Mark
from facilities.models import FacilityKind, PlannedStage, ProgressReport, Project
from facilities.models.plan_rules import PLAN_COLUMNS
from facilities.notice_kinds import URGED, about
from facilities.plan_actions import plan_stages
from facilities.report_querysets import DayAfterMonth
from facilities.workflow import Stage
from jobs import broker
from jobs.models import Job
from notices.actions import send
from tests import factories
from tests.architecture.matrix import world_api
from tests.conftest import DEEP
from tests.xiaogan_portal.copied_database import Copy, copied_database

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

# The version before projects had plans, money and photos, and before there were notices and uploads.
BEFORE = {
    "dashboards": "0004_display",
    "exchange": "zero",
    "notices": "zero",
    "facilities": "0005_percent_at_most_100",
    "communities": "0005_membership_rules",
}
# What migrating itself writes: its own list, that figures are to be computed again, and work that nobody knows.
WRITTEN = {"django_migrations", "dashboards_mark", "jobs_job"}
FORGOTTEN = ("notices.", "exchange.")

MONTH_OVER = DayAfterMonth(F("month__year"), F("month__number"))

SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
        || coalesce(' ' || character_maximum_length, '') || coalesce(' default ' || column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL SELECT 'rights ' || relname || ' ' || array_to_string(ARRAY(SELECT unnest(relacl)::text ORDER BY 1), ' ')
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
"""
UNFOCUSED = "SELECT count(*) FROM facilities_project WHERE (priority = '') <> (kind = 'commercial')"
COLUMNS = """
    SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY table_name
"""


def ask(query: str) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def schema() -> set[str]:
    """Columns, constraints, indexes, triggers with their functions, and rights, a line for each."""
    return {line for (line,) in ask(SCHEMA)}


def columns() -> dict[str, list[str]]:
    """The columns of every table but those that migrating writes."""
    return {table: names for table, names in ask(COLUMNS) if table not in WRITTEN}


def contents(of: dict[str, list[str]]) -> dict[str, tuple[Any, ...]]:
    """How many rows each table has, and a digest of them as far as these columns go."""
    found = {}
    for table, names in of.items():
        row = ", ".join(f'"{name}"' for name in names)
        found[table] = ask(
            f"SELECT count(*), md5(string_agg(line, E'\\n' ORDER BY line))"
            f' FROM (SELECT ROW({row})::text AS line FROM "{table}") AS lines'
        )[0]
    return found


def go(app: str = "", target: str = "") -> None:
    """`manage.py migrate`."""
    words = [each for each in (app, target) if each]
    call_command("migrate", *words, database="owner", interactive=False, verbosity=0, stdout=io.StringIO())


def load() -> None:
    """One of everything, and what the version before has no place for; in a deep run a whole city instead."""
    if DEEP:
        call_command("load_reference", stdout=io.StringIO())
        call_command("load_sample", stdout=io.StringIO())
        return
    own = world_api.build().records["own"]
    homes = factories.make_project(
        own["community"],
        FacilityKind.COMMERCIAL,
        (Stage.STARTED, factories.LONG_AGO),
        planned_start=dt.date(2012, 1, 1),
        planned_finish=dt.date(2014, 6, 1),
        housing_planned=300,
        fund_city=Decimal(2000),
    )
    office = factories.make_user(Role.CITY_OFFICE)
    plan_stages(homes, {Stage.BASICALLY_BUILT: dt.date(2014, 9, 1)}, actor=office, reason="雨季")
    factories.make_report(homes, own["month"], invested=Decimal(30), arrived_city=Decimal(900), housing_started=120)
    for kind in ("notices.deliver", "exchange.read", "facilities.red_marks"):
        Job.objects.create(kind=kind, key="1")


def use_before() -> None:
    """The version before goes on, in the portal's role: it moves a planned day, and history tells of it."""
    told = "SELECT count(*) FROM facilities_projectevent"
    before = ask(told)[0][0]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE facilities_project SET planned_finish = planned_finish + 1"
            " WHERE id = (SELECT max(id) FROM facilities_project WHERE planned_finish IS NOT NULL)"
        )
    assert ask(told)[0][0] == before + 1


def use() -> None:
    """The portal goes on, in its own role: a project with its plan, its report and photo, and a notice."""
    month = ReportingMonth.objects.filter(state="open").latest("year", "number")
    unit = ReportingUnit.objects.earliest("order")
    days = {"planned_start": dt.date(2013, 3, 1), "planned_finish": dt.date(2013, 9, 1)}
    project = factories.make_project(factories.make_community(unit), FacilityKind.CLINIC, **days)
    assert project.plans.count() == 2
    author = factories.make_user(Role.COUNTY_ENTRY, unit=unit)
    assert factories.make_report(project, month, entry=author, invested=Decimal(1)).state == "approved"
    factories.make_photo(project, month, by=author)
    assert send(URGED, [author], title="催报", about=about(month, unit), step="1")
    assert events_of(project).count() == 1


@pytest.fixture
def copy(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    monkeypatch.setattr(broker, "_publish", lambda: None)
    load()
    with copied_database() as copy:
        yield copy


def test_backwards_and_forwards(copy: Copy) -> None:
    with copy.as_it_was():
        whole, now = schema(), columns()
    for app, target in BEFORE.items():
        go(app, target)
    before = {table: [name for name in names if name in now[table]] for table, names in columns().items()}
    assert ask(UNFOCUSED) == [(0,)], "what follows from the kind is filled in again"
    gone = {table: now[table] for table in now.keys() - before.keys()}
    kept = contents(before)
    left = work()
    with copy.as_it_was():
        assert left == [kind for kind in work() if not kind.startswith(FORGOTTEN)]
        assert kept == contents(before), "a step backwards changed what it should have kept"
        assert len(filled(gone)) >= 20, "there was something to lose"
    use_before()
    kept = contents(before)
    go()
    assert contents(before) == kept
    assert schema() == whole
    # What cannot come back, and what is worked out anew: the plans from the days on the projects, and since when a
    # project is reported on, for which it must have been there.
    assert filled(gone) == {"facilities_plannedstage", "facilities_plannedstageevent"}
    assert set(PlannedStage.objects.values_list("project", "stage", "planned_on")) == planned()
    assert not ProgressReport.objects.exclude(invested=None).exists()
    assert not ProgressReport.objects.filter(project__registered_on__gte=MONTH_OVER).exists()
    new_figures_are_asked_for()
    use()


def new_figures_are_asked_for() -> None:
    """Also of who comes from the version that had the first figures of construction, and not those since."""
    go("dashboards", "0005_construction_figures")
    Mark.objects.all().delete()
    go()
    assert [mark.unit_id for mark in Mark.objects.filter(source="new indicators")] == [None]


def work() -> list[str]:
    """The kinds of the jobs in the ledger."""
    return list(Job.objects.order_by("pk").values_list("kind", flat=True))


def filled(tables: dict[str, list[str]]) -> set[str]:
    """Those that hold anything."""
    return {table for table, (number, _digest) in contents(tables).items() if number}


def planned() -> set[tuple[int, int, dt.date]]:
    """The two planned days of every project, as the steps that they stand for."""
    rows = Project.objects.values_list("pk", "planned_start", "planned_finish")
    steps = {(pk, stage, day) for pk, *days in rows for stage, day in zip(PLAN_COLUMNS, days, strict=True)}
    return {(pk, stage, day) for pk, stage, day in steps if day is not None}
