"""The one page of history that every kind of record has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.components import Tab
from core.history import Trail, own, read_history
from core.views import ScopedDetailView

M = TypeVar("M", bound=models.Model)


class ScopedHistoryView(ScopedDetailView[M]):
    """What was done to a record and to what belongs to it: who, when, in which capacity, what changed.

    Whoever may see the record may see its history, but not from which address it came.
    """

    template_name = "core/record_history.html"
    subtitle: str | Promise = _("谁在什么时候、以什么身份改了什么；只增不改。")
    # Every kind of record whose events the page shows (tests/core/test_history_reach.py walks them).
    shows: ClassVar[Sequence[type[models.Model]]] = ()

    def trails(self) -> Sequence[Trail]:
        """The record's own events; a view adds those of what belongs to it."""
        return [own(self.object)]

    def crumbs(self) -> Sequence[Tab]:
        """The way to the page: the list, and the record where it has a page of its own."""
        return []

    def tabs(self) -> Sequence[Tab]:
        """The other parts of the record, where it has some."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds a page of the history and the way to what came before."""
        return super().get_context_data(
            history=read_history(self.trails(), before=self.request.GET.get("before", "")),
            crumbs=self.crumbs(),
            tabs=self.tabs(),
            subtitle=self.subtitle,
            **kwargs,
        )
