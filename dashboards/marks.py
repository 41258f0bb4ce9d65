"""How a change is noticed: statement-level triggers that this app's own migrations install on the source tables.

Each appends the touched units, old and new, to `dashboards_mark`, in the transaction of the change, whoever writes and
however: bulk statements and raw SQL too. Lower apps need not know. A table's triggers hang on a proxy of its model,
which makes them part of this app's migrations and has no other use.

A body names tables and columns of lower apps, and neither `migrate` nor `makemigrations --check` notices when one is
renamed: every write would fail then. `tests/dashboards/test_marks.py` writes to each table for that reason.
"""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Placement, ReportingMonth, ReportingQuarter
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

# Keys of the touched units, from `changed`: the rows before and after the statement.
_OWN_UNIT = "SELECT unit_id FROM changed WHERE unit_id IS NOT NULL"
_OF_COMMUNITY = """
    SELECT placement.unit_id FROM changed
        JOIN communities_placement placement ON placement.community_id = changed.community_id
"""
_OF_PROJECT = """
    SELECT placement.unit_id FROM changed
        JOIN facilities_project project ON project.id = changed.project_id
        JOIN communities_placement placement ON placement.community_id = project.community_id
"""
_OF_CENTRE = """
    SELECT placement.unit_id FROM changed
        JOIN services_servicecentre centre ON centre.id = changed.centre_id
        JOIN communities_placement placement ON placement.community_id = centre.community_id
"""
# Only what is submitted counts: work on a draft leaves every figure as it is.
_OF_SUBMITTED = f"{_OF_COMMUNITY} WHERE changed.submitted_at IS NOT NULL"
_OF_FILED = f"{_OF_PROJECT} WHERE changed.state <> 'draft'"
_EVERY_UNIT = "SELECT NULL::bigint AS unit_id FROM changed"


def _appends(units: str, columns: str = "") -> list[pgtrigger.Trigger]:
    """The three triggers of a table; `units` selects the touched units' keys (NULL for all) from `changed`.

    With `columns`, an update touches only where one of them differs; otherwise every update does.
    """
    old = f"SELECT {columns or '*'} FROM old_rows"  # noqa: S608  constants of this module
    new = f"SELECT {columns or '*'} FROM new_rows"  # noqa: S608
    both = f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})" if columns else f"{old} UNION ALL {new}"
    return [
        _append("insert", pgtrigger.Insert, _rows(new="new_rows"), new, units),
        _append("update", pgtrigger.Update, _rows(old="old_rows", new="new_rows"), both, units),
        _append("delete", pgtrigger.Delete, _rows(old="old_rows"), old, units),
    ]


def _rows(**names: str) -> pgtrigger.Referencing:
    return pgtrigger.Referencing(**names)  # type: ignore[no-untyped-call]


def _append(
    name: str, operation: pgtrigger.Operation, rows: pgtrigger.Referencing, changed: str, units: str
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"marks_units_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=rows,
        func=f"""
            INSERT INTO dashboards_mark (unit_id, source, created_at)
            WITH changed AS ({changed})
            SELECT DISTINCT touched.unit_id, TG_TABLE_NAME, statement_timestamp() FROM ({units}) AS touched;
            RETURN NULL;
        """,  # noqa: S608
    )


class Source:
    """Options that all proxies share."""

    proxy = True
    default_permissions = ()
    verbose_name = verbose_name_plural = _("汇总来源")


class PlacementSource(Placement):
    """Marks the unit that a community left and the one it came to."""

    class Meta(Source):
        triggers = _appends(_OWN_UNIT)


class CommunitySource(Community):
    """Marks where a community became a pilot or ceased to be one: nothing else of it is counted here."""

    class Meta(Source):
        triggers = _appends(_OF_COMMUNITY, "id AS community_id, pilot_from, pilot_until")


class ProjectSource(Project):
    """Marks where a project stands."""

    class Meta(Source):
        triggers = _appends(_OF_COMMUNITY)


class StageEventSource(StageEvent):
    """Marks where a project reached a stage."""

    class Meta(Source):
        triggers = _appends(_OF_PROJECT)


class ProgressReportSource(ProgressReport):
    """Marks where a report was handed in, decided on or taken back: drafts count nowhere."""

    class Meta(Source):
        triggers = _appends(_OF_FILED)


class PlannedStageSource(PlannedStage):
    """Marks where a step was planned: lights and ordering rules ask for the plan of the day."""

    class Meta(Source):
        triggers = _appends(_OF_PROJECT)


class RedMarkSource(RedMark):
    """Marks where a light was red."""

    class Meta(Source):
        triggers = _appends(_OF_PROJECT)


class OrderingExemptionSource(OrderingExemption):
    """Marks where a project was let go first."""

    class Meta(Source):
        triggers = _appends(_OF_PROJECT)


class OrderingRuleSource(OrderingRule):
    """Marks all units: a rule judges every project."""

    class Meta(Source):
        triggers = _appends(_EVERY_UNIT)


class LightThresholdSource(LightThreshold):
    """Marks all units: a threshold judges every project."""

    class Meta(Source):
        triggers = _appends(_EVERY_UNIT)


class ServiceCentreSource(ServiceCentre):
    """Marks where a service centre stands."""

    class Meta(Source):
        triggers = _appends(_OF_COMMUNITY)


class StandardisationSource(Standardisation):
    """Marks where a centre's standardisation was accepted or withdrawn."""

    class Meta(Source):
        triggers = _appends(_OF_CENTRE)


class OrganisationSource(Organisation):
    """Marks where an organisation stands, in a community or not."""

    class Meta(Source):
        triggers = _appends(f"{_OWN_UNIT} UNION ALL {_OF_COMMUNITY}")


class InspectionSource(Inspection):
    """Marks where an inspection was submitted."""

    class Meta(Source):
        triggers = _appends(_OF_SUBMITTED)


class RoundSource(Round):
    """Marks all units: a round that moves to another quarter takes its scores with it."""

    class Meta(Source):
        triggers = _appends(_EVERY_UNIT, "id, quarter_id")


class ReportingMonthSource(ReportingMonth):
    """Marks all units: reports are expected of months that were opened."""

    class Meta(Source):
        triggers = _appends(_EVERY_UNIT, "id, year, number, state")


class ReportingQuarterSource(ReportingQuarter):
    """Marks all units: only open quarters are computed."""

    class Meta(Source):
        triggers = _appends(_EVERY_UNIT, "id, year, number, state")
