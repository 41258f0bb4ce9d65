"""Reads of figures and their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from communities.roles import EVERYBODY, Role
from communities.scoping import ScopedQuerySet, reach_of
from core.periods import Quarter

if TYPE_CHECKING:
    from dashboards.models import Display, Figure, LastLook, Mark, PublishedFigure  # noqa: F401


class FigureQuerySet(ScopedQuerySet["Figure"]):
    """Stored sums of facts, one for each finest cell. Written by the roll-up alone."""

    unit_path = "unit"
    editors = frozenset()

    def visible_to(self, user: Any) -> Self:
        """Cells the person may see one by one: all for city roles, one's own unit otherwise, all once published."""
        reach = reach_of(user)
        if not reach.roles & EVERYBODY:
            return self.none()
        if reach.city & {Role.CITY_OFFICE, Role.LEADER}:
            return self
        own = reach.units_as(EVERYBODY)
        published = self.filter(quarter__published_on__isnull=False)
        return published | self.filter(unit__in=own)

    def of_quarter(self, quarter: Quarter) -> Self:
        """Cells of a quarter."""
        return self.filter(quarter__year=quarter.year, quarter__number=quarter.number)


class MarkQuerySet(ScopedQuerySet["Mark"]):
    """Units whose records changed and whose figures are not yet recomputed."""

    editors = frozenset()


class PublishedFigureQuerySet(ScopedQuerySet["PublishedFigure"]):
    """The register of published figures. Everybody with a role reads it."""

    editors = frozenset()


class LastLookQuerySet(ScopedQuerySet["LastLook"]):
    """When people last looked: each their own, and nobody another's."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(user=user.pk)

    def editable_by(self, user: Any) -> Self:
        """One's own."""
        return self.visible_to(user)

    def enterable_by(self, user: Any) -> bool:
        """Everybody who is signed in has a first page, be it only to learn who grants roles."""
        return bool(user.is_authenticated)

    def creatable_by(self, user: Any) -> bool:
        """The same."""
        return self.enterable_by(user)


class DisplayQuerySet(ScopedQuerySet["Display"]):
    """How figures are shown. Everybody with a role reads it, the city office sets it."""

    def ranks(self) -> bool:
        """Whether units are ranked for anybody at all. One query."""
        return self.values_list("ranking", flat=True).first() is not False
