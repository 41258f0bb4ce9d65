"""A few records of everything that is counted, in two units."""

from __future__ import annotations

from communities.models import ReportingQuarter, ReportingUnit
from facilities.workflow import Stage
from tests.dashboards.scene import JUNE, MARCH, OCTOBER, inspect, organise, standardise
from tests.factories import make_community, make_inspection, make_project, make_round


def build(units: dict[str, ReportingUnit], quarter: ReportingQuarter) -> None:
    """Fill 孝南 and 大悟."""
    round_ = make_round(quarter)
    for place, unit in enumerate((units["XN"], units["DW"])):
        new = [make_community(unit, type=type) for type in ("city", "city", "town", "rural")]
        old = [make_community(unit, type=type, population="existing") for type in ("city", "town", "town")]
        make_project(new[0], "service_centre", (Stage.STARTED, MARCH), (Stage.BASICALLY_BUILT, OCTOBER))
        make_project(new[1], "service_centre", (Stage.MAIN_WORKS, JUNE))
        make_project(new[2], "clinic", (Stage.FOUNDATION, JUNE))
        make_project(new[2], "service_centre", (Stage.LAND, JUNE))
        new[0].pilot_from = MARCH
        new[0].save()
        standardise(old[0], JUNE)
        standardise(old[1], MARCH, until=OCTOBER)
        inspect(round_, new[0], 5 + place, 10)
        inspect(round_, new[3])
        inspect(round_, old[2], 40)
        make_inspection(round_, new[1])
        for kind in ("party", "autonomous", "social"):
            organise(kind, community=old[0])
            organise(kind, unit=unit)
