"""A new community with something in every panel, as it stands on 2013-12-31, and its neighbour in another unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from communities.models import Community, ReportingMonth, ReportingUnit, SampleDay
from coordination.models import Pairing, SupportTeam
from facilities.models import LightThreshold, Project
from facilities.workflow import Stage
from inspections.models import Round
from services.models import Organisation, ServiceCentre
from tests import factories
from tests.dashboards.scene import JUNE, LAST_DAY, LONG_AGO, MARCH, OCTOBER, inspect

NOVEMBER = dt.date(2013, 11, 27)


@dataclass
class City:
    """The community, what stands in it, and the foreign one."""

    units: dict[str, ReportingUnit]
    community: Community
    foreign: Community
    housing: Project
    centre: ServiceCentre
    month: ReportingMonth
    rounds: list[Round]


def build(units: dict[str, ReportingUnit]) -> City:
    """Two communities alike, one in 孝昌 and one in 大悟."""
    SampleDay.objects.create(day=LAST_DAY)
    limits = {"yellow_points": 10, "red_points": 30, "start_red_days": 90, "finish_red_days": 90}
    LightThreshold.objects.create(valid_from=MARCH, source="测试", **limits)
    sheet = factories.make_sheet()
    rounds = [factories.make_round(factories.make_quarter(2013, n), sheet, state="closed") for n in (3, 4)]
    month = factories.make_month(2013, 12)
    found = [_community(units[code], name, rounds) for code, name in (("XC", "金桥社区"), ("DW", "外县社区"))]
    housing = found[0].projects.get(kind="resettlement")
    return City(units, found[0], found[1], housing, found[0].centre, month, rounds)


def _community(unit: ReportingUnit, name: str, rounds: list[Round]) -> Community:
    community = factories.make_community(
        unit, type="town", name=name, code=f"{unit.code}-P-003", households=1286, pilot_from=MARCH
    )
    plan = {"position": "above", "planned_start": MARCH, "planned_finish": NOVEMBER}
    factories.make_project(
        community, "resettlement", (Stage.STARTED, MARCH), (Stage.MAIN_WORKS, OCTOBER), name="还建房一期", **plan
    )
    built = factories.make_project(
        community, "service_centre", (Stage.STARTED, MARCH), (Stage.BASICALLY_BUILT, OCTOBER), name="中心工程", **plan
    )
    later: dict[str, Any] = {
        "position": "above",
        "planned_start": dt.date(2014, 3, 1),
        "planned_finish": dt.date(2014, 9, 1),
    }
    factories.make_project(community, "kindergarten", name="幼儿园", **later)
    ServiceCentre.objects.create(community=community, project=built, name=f"{name}服务中心")
    for kind, number in (("party", 1), ("social", 7)):
        rule = {"party": "party", "social": "filed"}[kind]
        for n in range(number):
            fields = {"kind": kind, "counting_rule": rule, "valid_from": LONG_AGO}
            Organisation.objects.create(community=community, name=f"{name}{kind}{n}", **fields)
    team = SupportTeam.objects.create(name=f"{unit.code}住建局工作队", department="市住建局")
    Pairing.objects.create(team=team, community=community, valid_from=JUNE)
    inspect(rounds[0], community, 12, 8)
    inspect(rounds[1], community, 10, 7)
    return community
