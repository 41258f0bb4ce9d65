"""What a project's money and homes are: planned on the project, the rest as the newest approved report says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, OuterRef, Q, Subquery, Sum, When

from core.periods import Month
from facilities.models import ProgressReport, Project
from facilities.money import ARRIVED, FUNDS, PAID, Source, known_total, total_of
from facilities.report_workflow import HOUSING_COUNTS


@dataclass(frozen=True)
class SourceLine:
    """One source, in 万元; None is not known."""

    label: str
    planned: Decimal | None
    arrived: Decimal | None
    paid: Decimal | None


@dataclass(frozen=True)
class ProjectMoney:
    """A project's money by source and in all, and its homes, as of the newest approved report (`report`)."""

    lines: list[SourceLine]
    planned: Decimal | None
    arrived: Decimal | None
    paid: Decimal | None
    invested: Decimal | None
    homes: list[tuple[str, int | None]]
    report: ProgressReport | None

    @property
    def known(self) -> bool:
        """Whether anything is known at all."""
        return any(value is not None for value in (self.planned, self.arrived, self.paid, self.invested))


def months_over(day: dt.date, path: str = "month") -> Q:
    """A condition on rows with a month: the month was over by `day`."""
    month = Month.of(day + dt.timedelta(days=1))
    earlier = Q(**{f"{path}__year": month.year, f"{path}__number__lt": month.number})
    return Q(**{f"{path}__year__lt": month.year}) | earlier


def newest_approved(day: dt.date, project: OuterRef, field: str) -> Subquery:
    """As an expression: what the newest approved report of a month that was over by `day` says of `field`."""
    rows = ProgressReport.objects.approved().filter(months_over(day), project=project).newest_first()
    return Subquery(rows.values(field)[:1])


def with_reported_money(rows: Any) -> Any:
    """Adds to projects `arrived_total` and `paid_total` of the newest approved report; None where it knows none."""
    reports = ProgressReport.objects.approved().filter(project=OuterRef("pk")).newest_first()
    found = {"arrived_total": ARRIVED, "paid_total": PAID}
    sums = {name: Case(When(~_none_known(fields), then=total_of(*fields))) for name, fields in found.items()}
    return rows.annotate(
        **{name: Subquery(reports.annotate(sum=total).values("sum")[:1]) for name, total in sums.items()}
    )


def _none_known(names: tuple[str, ...]) -> Q:
    return Q(**{f"{name}__isnull": True for name in names})


def money_of(project: Project) -> ProjectMoney:
    """The project's money now. Two queries."""
    reports = ProgressReport.objects.approved().filter(project=project).select_related("month")
    last: Any = reports.newest_first().first()
    reported = ProgressReport.objects.newest_approved().filter(project=project).aggregate(sum=Sum("invested"))["sum"]
    lines = [
        SourceLine(
            str(source.label),
            getattr(project, funds),
            getattr(last, arrived, None),
            getattr(last, paid, None),
        )
        for source, funds, arrived, paid in zip(Source, FUNDS, ARRIVED, PAID, strict=True)
    ]
    said = {name: getattr(last, name, None) for name in (*ARRIVED, *PAID)}
    return ProjectMoney(
        lines=lines,
        planned=project.fund_total,
        arrived=known_total(said, ARRIVED),
        paid=known_total(said, PAID),
        invested=known_total({"before": project.invested_before, "reported": reported}, ("before", "reported")),
        homes=_homes(project, last),
        report=last,
    )


def _homes(project: Project, last: Any) -> list[tuple[str, int | None]]:
    if not project.builds_homes:
        return []
    names = [str(ProgressReport._meta.get_field(name).verbose_name) for name in HOUSING_COUNTS]  # type: ignore[union-attr]
    counts = [getattr(last, name, None) for name in HOUSING_COUNTS]
    planned = str(Project._meta.get_field("housing_planned").verbose_name)
    return [(planned, project.housing_planned), *zip(names, counts, strict=True)]
