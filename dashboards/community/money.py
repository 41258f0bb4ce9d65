"""Money and homes of the community's projects: what is planned, and what the newest approved reports say of it.

What nobody knows stays unknown: it is in no sum, and each sum says how many it lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from facilities.models import ProgressReport, Project
from facilities.money import ARRIVED, PAID, known_total
from facilities.report_workflow import HOUSING_COUNTS

MONEY_HEADS: Sequence[Promise] = (_("计划资金"), _("到位"), _("支付"), _("完成投资"))
HOMES_HEADS: Sequence[Promise] = (_("计划"), _("开工"), _("封顶"), _("交付"))


@dataclass(frozen=True)
class Known:
    """What is known of a number; `value` is None where nobody knows it, `unknown` how many parts are missing."""

    label: str
    value: Decimal | None
    unknown: int = 0


@dataclass(frozen=True)
class ProjectLine:
    """One project with its numbers, in the order of the heads."""

    project: Project
    numbers: Sequence[Known]


@dataclass(frozen=True)
class Ledger:
    """A table of numbers by project, and their sums."""

    heads: Sequence[str]
    lines: Sequence[ProjectLine]
    totals: Sequence[Known]


@dataclass(frozen=True)
class Means:
    """Money of all projects in 万元, and homes of those that build any."""

    money: Ledger
    homes: Ledger


def means_of(user: Any, projects: Sequence[Project]) -> Means:
    """Of `projects`, as far as the person may read reports. Two queries."""
    keys = [project.pk for project in projects]
    reports = ProgressReport.objects.visible_to(user).approved().filter(project__in=keys)
    newest = {report.project_id: report for report in reports.newest_of_each_project()}
    standing = reports.newest_approved().order_by().values_list("project")
    invested = dict(standing.annotate(invested=Sum("invested")))
    money = [(project, _money(project, newest.get(project.pk), invested.get(project.pk))) for project in projects]
    homes = [(project, _homes(project, newest.get(project.pk))) for project in projects if project.builds_homes]
    return Means(_ledger(MONEY_HEADS, money), _ledger(HOMES_HEADS, homes))


def _money(project: Project, report: ProgressReport | None, invested: Decimal | None) -> list[Decimal | None]:
    told: dict[str, Any] = vars(report) if report is not None else {}
    so_far = known_total({"before": project.invested_before, "reported": invested}, ("before", "reported"))
    return [project.fund_total, known_total(told, ARRIVED), known_total(told, PAID), so_far]


def _homes(project: Project, report: ProgressReport | None) -> list[Decimal | None]:
    counts = [project.housing_planned, *(getattr(report, name, None) for name in HOUSING_COUNTS)]
    return [None if count is None else Decimal(count) for count in counts]


def _ledger(heads: Sequence[Promise], rows: Sequence[tuple[Project, list[Decimal | None]]]) -> Ledger:
    names = [str(head) for head in heads]
    lines = [
        ProjectLine(project, [Known(name, value) for name, value in zip(names, values, strict=True)])
        for project, values in rows
    ]
    return Ledger(
        names, lines, [_total(name, [values[place] for _p, values in rows]) for place, name in enumerate(names)]
    )


def _total(label: str, values: Sequence[Decimal | None]) -> Known:
    known = [value for value in values if value is not None]
    return Known(label, sum(known, Decimal(0)) if known else None, len(values) - len(known))
