"""A few records of everything that is counted, in two units."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from communities.models import Community, ReportingMonth, ReportingQuarter, ReportingUnit
from facilities.models import LightThreshold, OrderingRule, Project, RedMark
from facilities.workflow import Stage
from tests.dashboards.scene import JUNE, MARCH, OCTOBER, inspect, organise, standardise
from tests.factories import make_community, make_inspection, make_month, make_project, make_report, make_round


def build(units: dict[str, ReportingUnit], quarter: ReportingQuarter) -> None:
    """Fill 孝南 and 大悟."""
    round_ = make_round(quarter)
    for place, unit in enumerate((units["XN"], units["DW"])):
        new = [make_community(unit, type=type) for type in ("city", "city", "town", "rural")]
        old = [make_community(unit, type=type, population="existing") for type in ("city", "town", "town")]
        funds = {"fund_city": Decimal("120.50"), "fund_county": Decimal(80), "invested_before": Decimal(30)}
        stages = ((Stage.STARTED, MARCH), (Stage.BASICALLY_BUILT, OCTOBER))
        built = make_project(new[0], "service_centre", *stages, **funds)
        begun = make_project(new[1], "service_centre", (Stage.MAIN_WORKS, JUNE), fund_social=Decimal("40.25"))
        make_project(new[2], "clinic", (Stage.FOUNDATION, JUNE))
        make_project(new[2], "service_centre", (Stage.LAND, JUNE))
        make_project(new[0], "resettlement", (Stage.IN_USE, OCTOBER))
        report(built, begun)
        behind(new[1])
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


def report(built: Project, begun: Project) -> None:
    """November was handed in late; of December one report is approved and one waits."""
    november = month_of(11, dt.date(2013, 12, 6))
    december = month_of(12, dt.date(2099, 12, 31))
    values: dict[str, Any] = {"stage": Stage.BASICALLY_BUILT, "percent": 95, "invested": Decimal("10.25")}
    make_report(built, november, arrived_city=Decimal(60), **values)
    make_report(built, december, arrived_city=Decimal("75.50"), paid_city=Decimal(50), **values)
    make_report(begun, december, "submitted", stage=Stage.MAIN_WORKS, percent=5, explanation="属实")


def behind(community: Community) -> None:
    """One project with a yellow light, one that was and is red, and homes that went before the platform."""
    LightThreshold.objects.get_or_create(
        valid_from=MARCH,
        defaults={
            "yellow_points": 10,
            "red_points": 30,
            "start_red_days": 90,
            "finish_red_days": 90,
            "source": "测试",
        },
    )
    OrderingRule.objects.get_or_create(
        code="platform_first",
        defaults={
            "family": "sequence",
            "name": "先建平台后建房",
            "first": "platform",
            "then": "housing",
            "measure": "started",
            "statement": "测试",
            "valid_from": MARCH,
        },
    )
    make_project(community, "elderly_care", planned_start=MARCH, planned_finish=dt.date(2013, 12, 1))
    red = make_project(community, "other", is_platform=True, planned_start=JUNE)
    make_project(community, "resettlement", (Stage.LAND, OCTOBER), (Stage.STARTED, OCTOBER))
    RedMark.objects.create(project=red, red_on=OCTOBER, sentence="没有动工。")


def month_of(number: int, due_on: dt.date) -> ReportingMonth:
    """A month of 2013, opened once for both units."""
    found = ReportingMonth.objects.filter(year=2013, number=number).first()
    return found or make_month(2013, number, due_on=due_on)
