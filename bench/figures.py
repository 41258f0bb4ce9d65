"""The roll-up of a quarter, whole and after one edit, beside the bare sums over the same rows."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from accounts.models import User
from bench.owner import analyse, past_the_rules
from bench.report import compare
from communities.models import Community, ReportingQuarter, ReportingUnit
from core.periods import Quarter
from dashboards.indicators import READINGS
from dashboards.rollup import collect_marks, roll_up, roll_up_all
from facilities.models import Project
from facilities.workflow import Stage


def only_newest_open() -> Quarter:
    """Leaves one quarter to be computed; which.

    The portal closes none (docs/decisions/0007-quarters-are-not-closed-yet.md): the owner does, past the rules.
    """
    newest = ReportingQuarter.objects.chronological().last()
    assert newest is not None
    table = ReportingQuarter._meta.db_table
    with past_the_rules(ReportingQuarter) as cursor:
        cursor.execute(f"UPDATE {table} SET state = 'closed' WHERE id <> %s", [newest.pk])  # noqa: S608  its table
    return newest.quarter


def bare_sums(quarter: Quarter, unit: int | None = None) -> Callable[[], object]:
    """One aggregate for each reading of the roll-up, by unit and type; of one unit, or of all."""
    statements: list[tuple[str, Any]] = []
    for _code, indicator in READINGS:
        parts = [indicator.contributions(quarter)] if unit is None else indicator.within(quarter, unit)
        for rows in parts:
            sums = (
                rows.order_by()
                .values("fact_unit", "fact_type")
                .annotate(part=Sum("numerator"), whole=Sum("denominator"), n=Count("pk"))
            )
            statements.append(sums.query.sql_with_params())

    def run() -> None:
        with connection.cursor() as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
                cursor.fetchall()

    return run


def rollups() -> None:
    """Whole, and after one edit."""
    quarter, size = only_newest_open(), Community.objects.count()
    analyse()
    compare(
        "roll-up of a quarter, whole",
        roll_up_all,
        "the bare sums over the same rows, by unit and type",
        bare_sums(quarter),
        times=5,
        communities=size,
    )
    unit = ReportingUnit.objects.order_by("pk")[0]
    compare(
        "roll-up after one edit",
        _after_one_edit(unit),
        "the bare sums over that unit's rows",
        bare_sums(quarter, unit.pk),
        times=20,
        communities=size,
    )


def _after_one_edit(unit: ReportingUnit) -> Callable[[], object]:
    """What happens between an edit and the new figure: its mark is collected, its unit computed and replaced."""
    project = Project.objects.filter(community__placements__unit=unit).order_by("pk")[0]
    author = User.objects.order_by("pk")[0]

    days = (dt.date(2015, 1, 1) + dt.timedelta(days=number) for number in itertools.count())

    def run() -> None:
        project.stages.create(stage=Stage.STARTED, occurred_on=next(days), reason="比对", recorded_by=author)
        collect_marks()
        roll_up(unit)

    return run
