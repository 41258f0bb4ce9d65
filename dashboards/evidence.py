"""One page of facts as lines: the record, what it rests on, and where its history is read.

What stands behind a community's fact (its project, its service centre, its inspection) is fetched for the whole
page at once: one query more, however many lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.models import Community, ReportingUnit
from core.formats import decimal
from core.periods import Quarter
from dashboards.indicators.base import Indicator, Sort
from dashboards.indicators.programme import Planned, StageIndicator
from dashboards.indicators.rounds import AverageScore, InspectedShare
from dashboards.indicators.systems import OrganisationIndicator, StandardisedIndicator
from facilities.workflow import Stage
from inspections.models import Inspection
from services.models import CountingRule, ServiceCentre


@dataclass(frozen=True)
class Ground:
    """The record of another kind that a fact rests on: a project with its stage, a centre, an inspection."""

    label: str
    url: str
    state: str
    history_url: str


@dataclass(frozen=True)
class FactRow:
    """One line of the list. `counted` is False in the list of those that do not count.

    The addresses are empty where the person may not open the record, because it has left their unit since.
    """

    name: str
    url: str
    is_sample: bool
    unit: str
    type: str
    on: dt.date | None
    basis: str
    ground: Ground | None
    amount: str
    counted: bool
    history_url: str


# Head of the column with the grounds, and of the one with the other record; empty: the indicator has none.
Heads = tuple[str | Promise, str | Promise]


def heads_of(indicator: Indicator) -> Heads:
    """What the two columns that differ between indicators are called."""
    if isinstance(indicator, StageIndicator):
        return _("认定依据"), _("项目与阶段")
    if isinstance(indicator, StandardisedIndicator):
        return _("认定依据"), _("服务中心")
    if isinstance(indicator, InspectedShare):
        return "", _("检查")
    if isinstance(indicator, OrganisationIndicator):
        return _("计数口径"), ""
    if isinstance(indicator, AverageScore):
        return _("检查人"), ""
    return (_("说明") if isinstance(indicator, Planned) else ""), ""


def rows_of(
    indicator: Indicator,
    quarter: Quarter,
    records: Sequence[Any],
    units: Sequence[ReportingUnit],
    openable: Container[int],
) -> list[FactRow]:
    """The lines of a page. `records` carry what `facts` or `left_out` annotate; those in `openable` get links."""
    if indicator.subject is Inspection:
        prefetch_related_objects(records, "community")
    names = {unit.pk: unit.short_name for unit in units}
    grounds = _grounds(indicator, quarter, [record.pk for record in records])
    rows = [(record, _row(indicator, record, names, grounds.get(record.pk))) for record in records]
    return [row if record.pk in openable else _closed(row) for record, row in rows]


def _closed(row: FactRow) -> FactRow:
    """The line without its doors. What does not count rests on nothing: a record found there may be the new unit's."""
    ground = replace(row.ground, url="", history_url="") if row.ground and row.counted else None
    return replace(row, url="", history_url="", ground=ground)


def _row(indicator: Indicator, record: Any, names: Mapping[int, str], ground: Ground | None) -> FactRow:
    counted = bool(record.counted)
    return FactRow(
        name=str(record.community if isinstance(record, Inspection) else record.name),
        url=record.get_absolute_url(),
        is_sample=record.is_sample,
        unit=names.get(record.fact_unit, ""),
        type=record.fact_type,
        on=record.evidence_on,
        basis=_basis(indicator, record.evidence or ""),
        ground=ground,
        amount=_amount(indicator, record),
        counted=counted,
        history_url=ground.history_url if ground else _history_url(record),
    )


def _basis(indicator: Indicator, text: str) -> str:
    return str(dict(CountingRule.choices).get(text, text)) if isinstance(indicator, OrganisationIndicator) else text


def _amount(indicator: Indicator, record: Any) -> str:
    numerator: Decimal | None = getattr(record, "numerator", None)
    if numerator is None:
        return ""
    if indicator.sort is Sort.MEAN:
        return decimal(numerator, 2)
    return decimal(numerator, 0) if indicator.sort is Sort.SUM else f"{decimal(numerator, 0)} / 1"


def _history_url(record: Any) -> str:
    if isinstance(record, Inspection):
        return reverse("inspections:history", args=[record.pk])
    if isinstance(record, Community):
        return reverse("communities:history", args=[record.pk])
    return reverse("services:organisation_history", args=[record.pk])


def _grounds(indicator: Indicator, quarter: Quarter, communities: Sequence[int]) -> Mapping[int, Ground]:
    """By community, for the indicators whose facts rest on another record."""
    makers: list[tuple[type[Indicator], Callable[..., dict[int, Ground]]]] = [
        (StageIndicator, _projects),
        (StandardisedIndicator, _centres),
        (InspectedShare, _inspections),
    ]
    maker = next((make for kind, make in makers if isinstance(indicator, kind)), None)
    return maker(indicator, quarter, communities) if maker and communities else {}


def _projects(indicator: StageIndicator, quarter: Quarter, communities: Sequence[int]) -> dict[int, Ground]:
    """The project that reached the stage first, or else the one that has come furthest, with its stage on the day."""
    day = quarter.last_day
    reached = Q(stages__stage__gte=indicator.stage, stages__occurred_on__lte=day)
    projects = (
        indicator.projects.with_stage(day)
        .filter(community__in=communities)
        .annotate(first_on=Min("stages__occurred_on", filter=reached))
    )

    def order(project: Any) -> tuple[bool, dt.date, int, int]:
        counts = project.stage >= indicator.stage and project.first_on is not None
        return (not counts, project.first_on if counts else dt.date.max, -project.stage, project.pk)

    found: dict[int, Ground] = {}
    for project in sorted(projects, key=order):
        found.setdefault(project.community_id, _project_ground(project))
    return found


def _project_ground(project: Any) -> Ground:
    return Ground(
        project.name,
        project.get_absolute_url(),
        str(Stage(project.stage).label),
        reverse("facilities:history", args=[project.pk]),
    )


def _centres(indicator: Indicator, quarter: Quarter, communities: Sequence[int]) -> dict[int, Ground]:
    centres = ServiceCentre.objects.filter(community__in=communities)
    return {
        centre.community_id: Ground(
            centre.name, centre.get_absolute_url(), "", reverse("services:centre_history", args=[centre.pk])
        )
        for centre in centres
    }


def _inspections(indicator: Indicator, quarter: Quarter, communities: Sequence[int]) -> dict[int, Ground]:
    done = Inspection.objects.submitted().of_quarter(quarter).filter(community__in=communities)
    return {
        inspection.community_id: Ground(
            str(_("得分 %(total)s") % {"total": decimal(inspection.total, 1)}),
            inspection.get_absolute_url(),
            "",
            reverse("inspections:history", args=[inspection.pk]),
        )
        for inspection in done
    }
