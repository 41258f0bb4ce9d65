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

from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.models import Community, ReportingUnit
from core.formats import day, decimal
from core.periods import Quarter
from dashboards.indicators.base import Indicator
from dashboards.indicators.construction import ProjectIndicator, ProjectStage
from dashboards.indicators.money import MoneyIndicator, PlannedFunds
from dashboards.indicators.programme import Planned, StageIndicator
from dashboards.indicators.reporting import LateReports
from dashboards.indicators.rounds import AverageScore, InspectedShare
from dashboards.indicators.rules import LightIndicator, OnceRed, OutOfOrder, judged_on
from dashboards.indicators.systems import OrganisationIndicator, StandardisedIndicator
from facilities.lights import light_of, standing_of, with_standing
from facilities.models import LightThreshold, Project, StageEvent
from facilities.ordering import violations
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
    base: str
    counted: bool
    history_url: str


# Head of the column with the grounds, and of the one with the other record; empty: the indicator has none.
Heads = tuple[str | Promise, str | Promise]


def heads_of(indicator: Indicator) -> Heads:
    """What the two columns that differ between indicators are called."""
    if isinstance(indicator, StageIndicator):
        return _("认定依据"), _("项目与阶段")
    if isinstance(indicator, ProjectIndicator):
        # Beside amounts there is no room for more, and the amount says more.
        return _project_basis(indicator), _project_ground_head(indicator) if indicator.even else ""
    if isinstance(indicator, StandardisedIndicator):
        return _("认定依据"), _("服务中心")
    if isinstance(indicator, InspectedShare):
        return "", _("检查")
    if isinstance(indicator, OrganisationIndicator):
        return _("计数口径"), ""
    if isinstance(indicator, AverageScore):
        return _("检查人"), ""
    return (_("说明") if isinstance(indicator, Planned) else ""), ""


def _project_basis(indicator: ProjectIndicator) -> str | Promise:
    if isinstance(indicator, ProjectStage):
        return _("认定依据")
    if isinstance(indicator, LateReports | OnceRed):
        return _("迟报月份") if isinstance(indicator, LateReports) else _("当时的原因")
    return _("最新月报") if isinstance(indicator, MoneyIndicator) and not isinstance(indicator, PlannedFunds) else ""


def _project_ground_head(indicator: ProjectIndicator) -> str | Promise:
    if isinstance(indicator, LightIndicator):
        return _("亮灯原因")
    return _("违反了什么") if isinstance(indicator, OutOfOrder) else _("目前阶段")


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
        name=_name(record),
        url=record.get_absolute_url(),
        is_sample=record.is_sample,
        unit=names.get(record.fact_unit, ""),
        type=record.fact_type,
        on=record.evidence_on,
        basis=_basis(indicator, record.evidence or ""),
        ground=ground,
        amount=_amount(indicator, record),
        base=_base(indicator, record),
        counted=counted,
        history_url=(ground.history_url if ground else "") or _history_url(record),
    )


def _basis(indicator: Indicator, text: str) -> str:
    return str(dict(CountingRule.choices).get(text, text)) if isinstance(indicator, OrganisationIndicator) else text


def _name(record: Any) -> str:
    if isinstance(record, Project):
        return str(record)
    return str(record.community if isinstance(record, Inspection) else record.name)


def _amount(indicator: Indicator, record: Any) -> str:
    numerator: Decimal | None = getattr(record, "numerator", None)
    if numerator is None:
        return ""
    text = decimal(numerator, indicator.places)
    return f"{text} / 1" if indicator.lists_whole else text


def _base(indicator: Indicator, record: Any) -> str:
    denominator: Decimal | None = getattr(record, "denominator", None) if indicator.base_label else None
    return "" if denominator is None else decimal(denominator, indicator.places)


def _history_url(record: Any) -> str:
    if isinstance(record, Inspection):
        return reverse("inspections:history", args=[record.pk])
    if isinstance(record, Community):
        return reverse("communities:history", args=[record.pk])
    if isinstance(record, Project):
        return reverse("facilities:history", args=[record.pk])
    return reverse("services:organisation_history", args=[record.pk])


def _grounds(indicator: Indicator, quarter: Quarter, keys: Sequence[int]) -> Mapping[int, Ground]:
    """By the record's key, for the indicators whose facts rest on another record."""
    makers: list[tuple[Any, Callable[..., dict[int, Ground]]]] = [
        (StageIndicator, _projects),
        (LightIndicator, _lights),
        (OutOfOrder, _violations),
        (ProjectIndicator, _stages),
        (StandardisedIndicator, _centres),
        (InspectedShare, _inspections),
    ]
    maker = next((make for kind, make in makers if isinstance(indicator, kind)), None)
    return maker(indicator, quarter, keys) if maker and keys else {}


def _projects(indicator: StageIndicator, quarter: Quarter, communities: Sequence[int]) -> dict[int, Ground]:
    """The project that reached the stage first, or else the one that has come furthest, with its stage on the day."""
    last = quarter.last_day
    since = StageEvent.objects.since(indicator.stage, last, OuterRef("pk"))
    projects = (
        indicator.projects.with_stage(last)
        .filter(community__in=communities)
        .annotate(first_on=Subquery(since.values("occurred_on")[:1]))
    )

    def order(project: Any) -> tuple[bool, dt.date, int, int]:
        counts = project.first_on is not None
        return (not counts, project.first_on if counts else dt.date.max, -project.stage, project.pk)

    found: dict[int, Ground] = {}
    for project in sorted(projects, key=order):
        found.setdefault(project.community_id, _project_ground(project))
    return found


def _stages(indicator: Indicator, quarter: Quarter, projects: Sequence[int]) -> dict[int, Ground]:
    """Where each project stood on the day. It is the project's own record, so it has no other page."""
    events = StageEvent.objects.filter(project__in=projects, occurred_on__lte=quarter.last_day).latest_of_each()
    return {event.project_id: Ground(str(Stage(event.stage).label), "", day(event.occurred_on), "") for event in events}


def _lights(indicator: LightIndicator, quarter: Quarter, projects: Sequence[int]) -> dict[int, Ground]:
    """Why each project has the light that it has. Two queries more."""
    on = judged_on(quarter)
    thresholds = LightThreshold.objects.on_day(on)
    rows = with_standing(Project.objects.filter(pk__in=projects), on)
    lights = {project.pk: light_of(standing_of(project), on, thresholds) for project in rows}
    return {key: Ground(f"{light.word}{_('：')}{light.sentence}", "", "", "") for key, light in lights.items()}


def _violations(indicator: OutOfOrder, quarter: Quarter, projects: Sequence[int]) -> dict[int, Ground]:
    """Which rules each project violates, with both records and both dates. As many queries as there are rules."""
    found: dict[int, list[str]] = {}
    for violation in violations(quarter.last_day, Project.objects.filter(pk__in=projects)):
        words = f"{violation.rule.name}{_('：')}{violation.sentence}"
        found.setdefault(violation.project.pk, []).append(words)
    return {key: Ground("".join(words), "", "", "") for key, words in found.items()}


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
