"""What the ledger's page can be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import django_filters
from django.utils.translation import gettext_lazy as _

from jobs import registry
from jobs.models import Job
from jobs.workflow import JobState

if TYPE_CHECKING:
    from jobs.querysets import JobQuerySet


def _kinds() -> list[tuple[str, Any]]:
    return [(code, registry.get(code).label) for code in registry.codes()]


class JobFilter(django_filters.FilterSet):
    """By state and kind. Without a state: all, what a person must look at first."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=JobState.choices, empty_label=_("全部"))
    kind = django_filters.ChoiceFilter(label=_("作业"), choices=_kinds, empty_label=_("全部"))

    class Meta:
        model = Job
        fields = ["state", "kind"]

    def filter_queryset(self, queryset: Any) -> Any:
        """The rows asked for, in the order that suits them: a mixed list opens with what a person must look at."""
        rows = cast("JobQuerySet", super().filter_queryset(queryset))
        return rows.order_by("-pk") if self.form.cleaned_data.get("state") else rows.parked_first()
