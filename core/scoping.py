"""What the base views ask of a queryset. The one rule behind it stands in `communities.scoping`."""

from __future__ import annotations

from typing import Any, Protocol, Self

from django.core.exceptions import ImproperlyConfigured

METHODS = ("visible_to", "editable_by", "enterable_by", "creatable_by")


class Scoped(Protocol):
    """A queryset that can be narrowed to what a person may see and change."""

    def visible_to(self, user: Any) -> Self:
        """Rows the person may see."""

    def editable_by(self, user: Any) -> Self:
        """Rows the person may change."""

    def enterable_by(self, user: Any) -> bool:
        """Whether the person has any business with these records: an empty list would say that all is well."""

    def creatable_by(self, user: Any) -> bool:
        """Whether the person may add a row anywhere."""


def require_scoped(owner: object, queryset: Any) -> Any:
    """The queryset, if it is scoped. Raises ImproperlyConfigured otherwise: a page without scope cannot exist."""
    if not all(hasattr(queryset, method) for method in METHODS):
        raise ImproperlyConfigured(f"{type(owner).__name__} needs a scoped queryset")
    return queryset
