"""Histories of rounds, inspections and scoring sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Tab
from core.formats import decimal
from core.history import Names, Trail, own, under
from core.history_views import ScopedHistoryView
from inspections.models import Inspection, ItemScore, Round, ScoringSheet, SheetItem


def words_of(score: Any) -> str:
    """A score as a reader says it: full marks, or how much is deducted and why."""
    if not score.deduction:
        return _("满分")
    return _("扣 %(lost)s：%(why)s") % {"lost": decimal(score.deduction), "why": score.reason}


def _score_line(event: Any, names: Names) -> tuple[str, str]:
    return names.of(SheetItem, event.item_id), words_of(event)


def trail_of_scores(**where: Any) -> Trail:
    """Scores of single items: those saved together are one entry."""
    return Trail(ItemScore, where, line=_score_line)


class InspectionHistory(ScopedHistoryView[Inspection]):
    """Who scored what, when, and who submitted."""

    queryset = Inspection.objects.select_related("community")
    shows = (Inspection, ItemScore)

    def trails(self) -> Sequence[Trail]:
        """The inspection's own, and each saving of scores."""
        return [own(self.object), trail_of_scores(inspection_id=self.object.pk)]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the inspection."""
        return [Tab(_("检查"), reverse("inspections:list")), Tab(str(self.object), self.object.get_absolute_url())]


class RoundHistory(ScopedHistoryView[Round]):
    """Who opened and closed the round."""

    queryset = Round.objects.select_related("quarter")
    shows = (Round,)

    def crumbs(self) -> Sequence[Tab]:
        """The list and the round."""
        return [
            Tab(_("检查轮次"), reverse("inspections:rounds")),
            Tab(str(self.object), self.object.get_absolute_url()),
        ]


class SheetHistory(ScopedHistoryView[ScoringSheet]):
    """Who made an edition of a scoring sheet, item by item."""

    queryset = ScoringSheet.objects.all()
    shows = (ScoringSheet, SheetItem)

    def trails(self) -> Sequence[Trail]:
        """The sheet's own, and its items'."""
        return [own(self.object), under(SheetItem, "title", sheet_id=self.object.pk)]

    def crumbs(self) -> Sequence[Tab]:
        """The sheet."""
        return [Tab(str(self.object), reverse("inspections:sheet", args=[self.object.pk]))]
