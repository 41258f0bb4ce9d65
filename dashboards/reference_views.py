"""The history of what is loaded and not entered: divisions, units, standards, published figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse

from communities.models import Division, ReportingUnit, UnitMember
from core.components import Tab
from core.history import Trail, read_history, under
from core.views import ScopedPageView
from dashboards.models import PublishedFigure
from services.models import Standard


class ReferenceHistoryView(ScopedPageView):
    """Who loaded or corrected the reference data, kind by kind. These records have no pages of their own."""

    queryset = ReportingUnit.objects.all()
    template_name = "dashboards/reference_history.html"
    shows: ClassVar[Sequence[type[models.Model]]] = (ReportingUnit, UnitMember, Division, Standard, PublishedFigure)
    # The field that tells the records of a kind apart.
    names: ClassVar[dict[type[models.Model], str]] = {
        ReportingUnit: "name",
        UnitMember: "division",
        Division: "name",
        Standard: "item",
        PublishedFigure: "indicator",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One kind's history, and the way to the others. An unknown kind is the first."""
        asked = self.request.GET.get("kind", "")
        chosen = next((model for model in self.shows if model._meta.model_name == asked), self.shows[0])
        history = read_history([self.trail(chosen)], before=self.request.GET.get("before", ""))
        return super().get_context_data(
            history=history,
            keep=f"kind={chosen._meta.model_name}",
            tabs=[self.tab(model, model is chosen) for model in self.shows],
            **kwargs,
        )

    def trail(self, model: type[models.Model]) -> Trail:
        """All records of the kind, as far as the person sees them: everybody with a role does."""
        return under(model, self.names[model])

    def tab(self, model: type[models.Model], current: bool) -> Tab:
        """The way to one kind."""
        address = f"{reverse('dashboards:reference')}?kind={model._meta.model_name}"
        return Tab(str(model._meta.verbose_name), address, current=current)
