"""The community's service centre, its organisations, and its inspections."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from communities.models import Community
from dashboards.selectors import difference, shown_value
from inspections.models import Inspection, ItemScore
from services.models import Organisation, OrganisationKind, ServiceCentre, Standardisation

QUARTERS = 6
NAMED = 5


@dataclass(frozen=True)
class Centre:
    """The centre with its acceptances, newest first; `accepted` is the one in force."""

    record: ServiceCentre
    terms: Sequence[Standardisation]
    accepted: Standardisation | None


def centre_of(user: Any, community: Community) -> Centre | None:
    """None where the register has no centre. Two queries."""
    centre = ServiceCentre.objects.visible_to(user).filter(community=community).first()
    if centre is None:
        return None
    terms = list(Standardisation.objects.visible_to(user).filter(centre=centre).order_by("-valid_from"))
    return Centre(centre, terms, next((term for term in terms if term.valid_until is None), None))


@dataclass(frozen=True)
class OrganisationGroup:
    """Organisations of one kind: those that exist, the first of them by name, and how many have ended."""

    label: str
    kind: str
    count: int
    named: Sequence[Organisation]
    ended: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.named)


def organisations_of(user: Any, community: Community, day: dt.date) -> list[OrganisationGroup]:
    """One group for each kind, in the order of the register. One query; a community has dozens at most."""
    rows = list(Organisation.objects.visible_to(user).filter(community=community).order_by("valid_from", "pk"))
    standing = [row for row in rows if row.valid_until is None or row.valid_until > day]
    ended = Counter(row.kind for row in rows if row not in standing)
    groups = []
    for kind in OrganisationKind:
        mine = [row for row in standing if row.kind == kind]
        groups.append(OrganisationGroup(str(kind.label), kind.value, len(mine), mine[:NAMED], ended[kind.value]))
    return groups


@dataclass(frozen=True)
class Score:
    """One inspection. `change` is against the inspection before it by the same full marks; None without one."""

    inspection: Inspection
    quarter: str
    score: Decimal | None
    full: Decimal
    change: Decimal | None
    published: bool
    submitted: bool


@dataclass(frozen=True)
class Scores:
    """Inspections newest first; `worst` is the section in which the newest scored one lost most, with the points."""

    rows: Sequence[Score]
    newest: Score | None
    worst: tuple[str, Decimal] | None


def scores_of(user: Any, community: Community) -> Scores:
    """The newest inspections that the person may see. A draft has no score yet. Two queries."""
    found = list(
        Inspection.objects.visible_to(user)
        .filter(community=community)
        .select_related("round__quarter", "round__sheet")
        .order_by("-round__quarter__year", "-round__quarter__number", "-pk")[: QUARTERS + 1]
    )
    done = [inspection for inspection in found if inspection.submitted_at is not None]
    before = dict(zip([inspection.pk for inspection in done], [*done[1:], None], strict=False))
    rows = [_score(inspection, before.get(inspection.pk)) for inspection in found[:QUARTERS]]
    newest = next((row for row in rows if row.submitted), None)
    return Scores(rows, newest, _worst(user, newest.inspection) if newest is not None else None)


def _score(inspection: Inspection, before: Inspection | None) -> Score:
    score, full = shown_value(inspection.total), inspection.round.sheet.full_marks
    comparable = before is not None and before.round.sheet.full_marks == full
    earlier = shown_value(before.total) if before is not None and comparable else None
    quarter = inspection.round.quarter
    return Score(
        inspection=inspection,
        quarter=str(quarter),
        score=score,
        full=full,
        change=difference(score, earlier),
        published=quarter.published_on is not None,
        submitted=inspection.submitted_at is not None,
    )


def _worst(user: Any, inspection: Inspection) -> tuple[str, Decimal] | None:
    lost = ItemScore.objects.visible_to(user).filter(inspection=inspection, deduction__gt=0).order_by()
    sections = lost.values("item__section").annotate(lost=Sum("deduction")).order_by("-lost", "item__section")
    first = sections.first()
    return (first["item__section"], first["lost"]) if first is not None else None
