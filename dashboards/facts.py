"""Facts: the records behind a figure. In an open quarter they are the indicator's queryset itself."""

from __future__ import annotations

from communities.models import ReportingUnit
from core.periods import Quarter
from dashboards.indicators.base import Indicator, Rows

ALL = "all"


def facts(indicator: Indicator, quarter: Quarter, unit: str = ALL, type: str = ALL) -> Rows:
    """The contributions that add up to one figure, with their evidence.

    `unit` is a unit's code or `all`, `type` a cell type or `all`. Rows are records of `indicator.subject` with
    `fact_unit` (key), `fact_type`, `counted`, `numerator`, `denominator`, `evidence_on`, `evidence`.
    """
    return indicator.with_evidence(narrow(indicator.contributions(quarter), unit, type), quarter)


def left_out(indicator: Indicator, quarter: Quarter, unit: str = ALL, type: str = ALL) -> Rows:
    """Those of the population that are not counted (未计入); none where the indicator counts its whole population."""
    rows = indicator.candidates(quarter)
    rows = rows.filter(counted=False) if indicator.has_candidates else rows.none()
    return indicator.with_evidence(narrow(rows, unit, type), quarter)


def narrow(rows: Rows, unit: str = ALL, type: str = ALL, kind: str = ALL) -> Rows:
    """Rows of one unit, one type, and of projects one kind."""
    if unit != ALL:
        rows = rows.filter(fact_unit__in=ReportingUnit.objects.filter(code=unit).values("pk"))
    if type != ALL:
        rows = rows.filter(fact_type=type)
    if kind != ALL:
        rows = rows.filter(kind=kind)
    return rows
