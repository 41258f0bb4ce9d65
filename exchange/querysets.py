"""Reads of what was uploaded, in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Case, Value, When

from exchange.places import places_of
from exchange.workflow import WRITTEN, BatchState, Outcome

if TYPE_CHECKING:
    from exchange.models import Batch, ColumnMap, StagedRow  # noqa: F401

M = TypeVar("M", bound=models.Model)


class PlacedQuerySet(models.QuerySet[M]):
    """Rows that belong to a place, whose people see and change them."""

    place_path: ClassVar[str] = "place"

    def visible_to(self, user: Any) -> Self:
        """Rows of the places that the person sees."""
        seen = places_of(user).seen
        return self if seen is None else self.filter(**{f"{self.place_path}__in": seen})

    def editable_by(self, user: Any) -> Self:
        """Rows of the places in which the person may upload."""
        return self.filter(**{f"{self.place_path}__in": places_of(user).entered})

    def enterable_by(self, user: Any) -> bool:
        """Whether the person sees the batches of any place."""
        seen = places_of(user).seen
        return seen is None or bool(seen)

    def creatable_by(self, user: Any) -> bool:
        """Whether the person may upload anywhere."""
        return bool(places_of(user).entered)

    def place_words(self, user: Any) -> str:
        """The places whose rows the person sees, by name."""
        places = places_of(user)
        codes = [*places.names] if places.seen is None else [code for code in places.names if code in places.seen]
        return "、".join(places.names[code] for code in codes)


class BatchQuerySet(PlacedQuerySet["Batch"]):
    """Uploads."""

    def newest_first(self) -> Self:
        """The last upload on top."""
        return self.order_by("-pk")

    def same_file(self, batch: Batch) -> Self:
        """Other uploads of the same bytes for the same target, place and scope that were taken over and still stand."""
        same = {"target": batch.target, "place": batch.place, "scope": batch.scope, "sha256": batch.sha256}
        return self.filter(**same, state=BatchState.APPLIED).exclude(pk=batch.pk).order_by("-pk")


class StagedRowQuerySet(PlacedQuerySet["StagedRow"]):
    """Rows of uploads."""

    place_path = "batch__place"

    def of_outcome(self, outcome: str) -> Self:
        """Rows that became this."""
        return self.filter(outcome=outcome)

    def written(self) -> Self:
        """Rows that are (or were) taken over, in the order of the sheet."""
        return self.filter(outcome__in=WRITTEN).order_by("number")

    def counts(self) -> dict[str, int]:
        """How many rows of each outcome, all four of them."""
        found = dict(self.order_by().values_list("outcome").annotate(models.Count("pk")))
        return {outcome: found.get(outcome, 0) for outcome in Outcome.values}

    def rejected_first(self) -> Self:
        """What a person must look at, then the rest, each in the order of the sheet."""
        order = [Outcome.REJECTED, Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED]
        whens = [When(outcome=outcome, then=Value(place)) for place, outcome in enumerate(order)]
        return self.order_by("batch", Case(*whens, output_field=models.IntegerField()), "number")


class ColumnMapQuerySet(PlacedQuerySet["ColumnMap"]):
    """Remembered columns."""

    def for_upload(self, target: str, place: str) -> Self:
        """What is remembered for sheets of this kind and place."""
        return self.filter(target=target, place=place)
