"""Histories of uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import Tab
from core.history import Names, Trail, own
from core.history_views import ScopedHistoryView
from exchange.models import Batch, ColumnMap


def _what(event: Any, names: Names) -> str:
    return _("记住的列")


class BatchHistory(ScopedHistoryView[Batch]):
    """Who uploaded, decided and took back, and what was remembered of the columns of such a sheet."""

    queryset = Batch.objects.all()
    shows = (Batch, ColumnMap)

    def trails(self) -> Sequence[Trail]:
        """The upload's own, and the columns remembered for its heads."""
        batch = self.object
        heads = {"target": batch.target, "place": batch.place, "signature": batch.layout.get("signature", "")}
        return [own(batch), Trail(ColumnMap, heads, _what, said=("target", "place", "signature"))]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the upload."""
        return [
            Tab(_("导入与导出"), reverse("exchange:list")),
            Tab(self.object.original_name, self.object.get_absolute_url()),
        ]
