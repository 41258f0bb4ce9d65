"""Every source table marks the units that a write touches, whoever writes and however, as the portal's own role.

Each table is written once in each way, so that a column that a trigger's body names cannot be renamed unnoticed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.utils import timezone

from communities.models import Community, Placement, ReportingMonth, ReportingQuarter, ReportingUnit
from communities.roles import Role
from dashboards import marks
from dashboards.models import Mark
from facilities.models import (
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    PlannedStage,
    ProgressReport,
    Project,
    RedMark,
    StageEvent,
)
from inspections.models import Inspection, Round
from services.models import Organisation, ServiceCentre, Standardisation
from tests.dashboards.construction_scene import platform_first, thresholds
from tests.dashboards.scene import JUNE, LONG_AGO, MARCH, move, reach, standardise
from tests.factories import (
    make_community,
    make_month,
    make_project,
    make_quarter,
    make_report,
    make_round,
    make_sheet,
    make_user,
)

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
EVERY = {"every unit"}
PROXIES = [proxy for proxy in vars(marks).values() if isinstance(proxy, type) and issubclass(proxy, models.Model)]
SOURCES = {proxy._meta.db_table for proxy in PROXIES if proxy._meta.proxy}


def marked(write: Callable[[], Any]) -> set[str]:
    """Codes of the units that a write marks."""
    Mark.objects.all().delete()
    write()
    return set(Mark.objects.values_list("unit__code", flat=True)) if not _all() else EVERY


def _all() -> bool:
    return Mark.objects.filter(unit__isnull=True).exists()


def sql(statement: str, *values: Any) -> Callable[[], None]:
    """Raw SQL, as anybody might run it on the portal's connection."""

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


@pytest.fixture
def there(units: Units) -> Community:
    """A community in 孝昌 that once stood in 孝南."""
    community = make_community(units["XC"], since=MARCH)
    Placement.objects.create(
        community=community,
        unit=units["XN"],
        type="city",
        population="programme",
        valid_from=LONG_AGO,
        valid_until=MARCH,
    )
    return community


# Both units of the community: a figure of an earlier quarter may change too.
BOTH = {"XC", "XN"}


def _project(community: Community) -> Project:
    return Project(community=community, kind="clinic", name="测试卫生室")


def _stage(community: Community) -> StageEvent:
    project = community.projects.first() or make_project(community, "clinic")
    return StageEvent(project=project, stage=5, occurred_on=JUNE)


def _centre(community: Community) -> ServiceCentre:
    return ServiceCentre(community=community, name="测试中心")


def _standardisation(community: Community) -> Standardisation:
    centre, _ = ServiceCentre.objects.get_or_create(community=community, name="测试中心")
    return Standardisation(centre=centre, valid_from=JUNE)


def _organisation(community: Community) -> Organisation:
    return Organisation(kind="party", name="测试组织", counting_rule="party", community=community, valid_from=LONG_AGO)


def _inspection(community: Community) -> Inspection:
    round_ = Round.objects.first() or make_round(make_quarter(2013, 4))
    return Inspection(
        round=round_, community=community, inspected_on=JUNE, submitted_at=timezone.now(), total=Decimal(90)
    )


@pytest.mark.parametrize(
    ("make", "column", "value"),
    [
        (_project, "kind", "other"),
        (_centre, "name", "另一中心"),
        (_standardisation, "valid_from", MARCH),
        (_organisation, "valid_from", MARCH),
    ],
    ids=["project", "centre", "standardisation", "organisation"],
)
def test_each_way_of_writing_marks_both_units(
    there: Community, make: Callable[[Community], Any], column: str, value: Any
) -> None:
    record = make(there)
    rows = type(record).objects
    table = type(record)._meta.db_table
    assert marked(record.save) == BOTH
    assert marked(lambda: rows.filter(pk=record.pk).update(**{column: value})) == BOTH
    assert marked(sql(f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s', value, record.pk)) == BOTH
    assert marked(lambda: rows.filter(pk=record.pk).delete()) == BOTH
    assert marked(lambda: rows.bulk_create([make(there)])) == BOTH
    assert marked(sql(f'DELETE FROM "{table}"')) == BOTH
    assert marked(sql(f'UPDATE "{table}" SET "{column}" = %s', value)) == set()


@pytest.mark.django_db(transaction=True)
def test_each_way_of_writing_stages_marks_both_units(there: Community) -> None:
    """The portal can only add to them; the owner, who repairs, changes and removes them too."""
    record = _stage(there)
    rows = StageEvent.objects.using("owner")
    assert marked(record.save) == BOTH
    assert marked(lambda: rows.filter(pk=record.pk).update(stage=6)) == BOTH
    assert marked(lambda: rows.filter(pk=record.pk).delete()) == BOTH
    assert marked(lambda: StageEvent.objects.bulk_create([_stage(there)])) == BOTH
    assert marked(lambda: rows.filter(pk__gt=record.pk).update(stage=6)) == BOTH
    assert marked(lambda: rows.all()._raw_delete("owner")) == BOTH
    assert marked(lambda: rows.update(stage=6)) == set()


def test_a_placement_marks_its_own_unit_old_and_new(units: Units, there: Community) -> None:
    past = there.placements.get(valid_until__isnull=False)
    assert marked(lambda: make_community(units["DW"])) == {"DW"}
    assert marked(lambda: Placement.objects.filter(pk=past.pk).update(unit=units["HC"])) == {"XN", "HC"}
    assert marked(sql("UPDATE communities_placement SET type = 'town' WHERE id = %s", past.pk)) == {"HC"}
    assert marked(past.delete) == {"HC"}
    assert marked(lambda: move(there, units["SF"], JUNE)) == {"XC", "SF"}


def test_of_a_community_only_its_time_as_a_pilot_marks(units: Units, there: Community) -> None:
    row = Community.objects.filter(pk=there.pk)
    assert marked(lambda: row.update(name="改名社区")) == set()
    assert marked(lambda: row.update(pilot_from=MARCH)) == BOTH
    assert marked(sql("UPDATE communities_community SET pilot_until = %s WHERE id = %s", JUNE, there.pk)) == BOTH
    assert marked(lambda: row.update(pilot_from=MARCH)) == set()
    lonely = Community(code="L", name="无归属", pinyin="wu", initials="w", pilot_from=MARCH)
    assert marked(lonely.save) == set()
    assert marked(lambda: Community.objects.filter(pk=lonely.pk).delete()) == set()
    with transaction.atomic():
        # The key of the placements is checked at the end of the transaction, so this order is possible.
        assert marked(sql("DELETE FROM communities_community WHERE id = %s", there.pk)) == BOTH
        transaction.set_rollback(True)


def test_an_organisation_in_no_community_marks_its_unit(units: Units, there: Community) -> None:
    values = {"kind": "party", "name": "村支部", "counting_rule": "party", "valid_from": LONG_AGO}
    village = Organisation(unit=units["LK"], village_name="甲村", **values)
    assert marked(village.save) == {"LK"}
    into = {"unit": None, "village_name": "", "community": there}
    assert marked(lambda: Organisation.objects.filter(pk=village.pk).update(**into)) == BOTH | {"LK"}


def test_a_project_that_changes_hands_marks_both_communities_units(units: Units, there: Community) -> None:
    project = make_project(there, "clinic")
    other = make_community(units["YC"])
    assert marked(lambda: Project.objects.filter(pk=project.pk).update(community=other)) == BOTH | {"YC"}


def test_an_inspection_marks_when_it_is_submitted(there: Community) -> None:
    draft = _inspection(there)
    draft.submitted_at = draft.total = None
    row = Inspection.objects.filter(community=there)
    assert marked(draft.save) == set()
    assert marked(lambda: row.update(inspected_on=MARCH)) == set()
    assert marked(row.delete) == set()
    assert marked(lambda: Inspection.objects.bulk_create([draft])) == set()
    assert marked(lambda: row.update(submitted_at=timezone.now(), total=80)) == BOTH


def test_a_report_marks_once_it_is_handed_in(units: Units, there: Community) -> None:
    """Work on a draft leaves every figure as it is; what is handed in, taken back and decided does not."""
    project, month = make_project(there, "clinic"), make_month()
    people = {"entry": make_user(Role.COUNTY_ENTRY, unit=units["XC"])}
    row = ProgressReport.objects.filter(project=project)
    assert marked(lambda: make_report(project, month, "draft", **people)) == set()
    assert marked(lambda: row.update(text="改了")) == set()
    filed = {"state": "submitted", "submitted_by": people["entry"], "submitted_at": timezone.now()}
    assert marked(lambda: row.update(**filed)) == BOTH
    assert marked(sql("UPDATE facilities_progressreport SET state = 'draft' WHERE project_id = %s", project.pk)) == BOTH


def test_plans_red_lights_and_exemptions_mark_where_the_project_stands(units: Units, there: Community) -> None:
    project, rule = make_project(there, "clinic"), platform_first()
    plan = {"project": project, "stage": 7, "planned_on": JUNE}
    assert marked(lambda: PlannedStage.objects.create(**plan)) == BOTH
    assert marked(lambda: RedMark.objects.create(project=project, red_on=JUNE, sentence="晚")) == BOTH
    exemption = {"rule": rule, "project": project, "reason": "测试", "granted_by": make_user(Role.CITY_OFFICE)}
    assert marked(lambda: OrderingExemption.objects.create(**exemption)) == BOTH
    office = exemption["granted_by"]
    taken = {"withdrawn_at": timezone.now(), "withdrawn_by": office, "withdrawn_reason": "作废"}
    assert marked(lambda: OrderingExemption.objects.update(**taken)) == BOTH


def test_rules_thresholds_and_months_mark_every_unit(units: Units) -> None:
    assert marked(platform_first) == EVERY
    assert marked(lambda: OrderingRule.objects.update(valid_until=LONG_AGO.replace(year=2050))) == EVERY
    assert marked(thresholds) == EVERY
    assert marked(lambda: LightThreshold.objects.update(red_points=40)) == EVERY
    made: list[ReportingMonth] = []
    assert marked(lambda: made.append(make_month())) == EVERY
    row = ReportingMonth.objects.filter(pk=made[0].pk)
    assert marked(lambda: row.update(due_on=dt.date(2098, 1, 1), due_reason="测试")) == set()
    assert marked(lambda: row.update(state="closed")) == EVERY
    assert marked(make_month(2014, 1, state="planned").delete) == EVERY, "what was opened is never deleted"


def test_rounds_and_quarters_mark_every_unit(units: Units) -> None:
    quarter = ReportingQuarter(year=2013, number=4, opens_on=JUNE, due_on=JUNE, state="open")
    assert marked(quarter.save) == EVERY
    row = ReportingQuarter.objects.filter(pk=quarter.pk)
    assert marked(lambda: row.update(due_on=dt.date(2014, 2, 1), due_reason="测试")) == set()
    planned = make_quarter(2013, 2, state="planned")
    assert marked(lambda: ReportingQuarter.objects.filter(pk=planned.pk).update(state="open")) == EVERY
    sheet = make_sheet()
    made: list[Round] = []
    assert marked(lambda: made.append(make_round(quarter, sheet))) == EVERY
    other = make_quarter(2013, 3)
    assert marked(sql("UPDATE inspections_round SET state = 'closed'")) == set()
    assert marked(sql("UPDATE inspections_round SET quarter_id = %s", other.pk)) == EVERY
    assert marked(make_month(2014, 1, state="planned").delete) == EVERY, "what was opened is never deleted"
    assert marked(make_quarter(2013, 1, state="planned").delete) == EVERY


def test_one_statement_marks_each_unit_once_however_many_rows_it_writes(units: Units) -> None:
    projects = [make_project(make_community(units[code])) for code in ("XN", "XN", "XN", "DW")]
    Mark.objects.all().delete()
    StageEvent.objects.bulk_create(StageEvent(project=p, stage=5, occurred_on=JUNE) for p in projects)
    assert sorted(Mark.objects.values_list("unit__code", "source")) == [
        ("DW", "facilities_stageevent"),
        ("XN", "facilities_stageevent"),
    ]


def test_a_write_that_is_undone_leaves_no_mark(units: Units, there: Community) -> None:
    def undone() -> None:
        with transaction.atomic():
            reach(make_project(there, "clinic"), 5, JUNE)
            standardise(there, JUNE)
            transaction.set_rollback(True)

    assert marked(undone) == set()


def test_every_source_table_has_all_three_triggers_and_runs_them_as_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, (tgtype & 28) AS moment, prosecdef FROM pg_trigger"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgname LIKE 'pgtrigger\\_marks\\_units\\_%%'"
        )
        found = cursor.fetchall()
    assert len(SOURCES) == 17
    assert {(table, moment) for table, moment, _ in found} == {(t, m) for t in SOURCES for m in (4, 8, 16)}
    assert all(definer for _, _, definer in found)
