"""Points lost by section of the scoring sheet: the card of the leadership page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from communities.models import ReportingUnit
from core.periods import Quarter
from dashboards.facts import ALL
from dashboards.losses import Loss, Losses
from dashboards.selectors import Sight


@dataclass(frozen=True)
class LossRow:
    """One unit, or the city: the whole loss, and that of each section."""

    name: str
    whole: Loss
    cells: Sequence[Loss]
    sections: Sequence[str]

    @property
    def labelled(self) -> list[tuple[Loss, str]]:
        """Each loss with its section."""
        return list(zip(self.cells, self.sections, strict=True))


@dataclass(frozen=True)
class Worst:
    """The section in which a unit lost most."""

    section: str
    loss: Loss


@dataclass(frozen=True)
class SectionCard:
    """Units that the person may see, in statutory order, and the city as the foot."""

    sections: Sequence[str]
    rows: Sequence[LossRow]
    city: LossRow
    # By unit code; none for a unit that lost nothing, or was not inspected.
    worst: Mapping[str, Worst]

    @property
    def scored(self) -> bool:
        """Whether anything was inspected."""
        return bool(self.city.whole.inspections)


def losses_url(quarter: Quarter, unit: str = ALL, section: int = 0) -> str:
    """The deductions themselves."""
    query = ({"unit": unit} if unit != ALL else {}) | ({"section": str(section)} if section else {})
    address = reverse("dashboards:losses", args=[str(quarter)])
    return f"{address}?{urlencode(query)}" if query else address


def section_card(quarter: Quarter, sight: Sight) -> SectionCard:
    """What was lost where, as far as the person may see it. Three queries."""
    losses = Losses(quarter)
    rows = {unit.code: _row(losses, unit.short_name, unit) for unit in sight.shown}
    worst = {
        code: Worst(losses.sections[place], row.cells[place])
        for code, row in rows.items()
        if (place := _worst(row.cells)) is not None
    }
    return SectionCard(losses.sections, list(rows.values()), _row(losses, _("全市"), None), worst)


def _row(losses: Losses, name: str, unit: ReportingUnit | None) -> LossRow:
    key, code = (unit.pk, unit.code) if unit else (ALL, ALL)
    cells = [
        losses.loss(key, number, losses_url(losses.quarter, code, number))
        for number in range(1, len(losses.sections) + 1)
    ]
    return LossRow(name, losses.loss(key, url=losses_url(losses.quarter, code)), cells, losses.sections)


def _worst(cells: Sequence[Loss]) -> int | None:
    """Where most was lost; the first of several."""
    most = max((cell.points for cell in cells), default=0)
    return next((place for place, cell in enumerate(cells) if most and cell.points == most), None)
