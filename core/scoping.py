"""What the base views ask of a queryset. The one rule behind it stands in `communities.scoping`."""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar



from django.core.exceptions import ImproperlyConfigured

Q = TypeVar("Q", bound="Scoped")


class Scoped(Protocol):
    """A queryset that can be narrowed to what a person may see and change."""

    def visible_to(self, user: Any) -> Self:
        """Rows the person may see."""

    def editable_by(self, user: Any) -> Self:
        """Rows the person may change."""

    def creatable_by(self, user: Any) -> bool:
        """Whether the person may add a row anywhere."""


def require_scoped(owner: object, queryset: Any) -> Any:
    """The queryset, if it is scoped. Raises ImproperlyConfigured otherwise: a page without scope cannot exist."""
    if not all(hasattr(queryset, method) for method in ("visible_to", "editable_by", "creatable_by")):
        raise ImproperlyConfigured(f"{type(owner).__name__} needs a scoped queryset")
    return queryset
