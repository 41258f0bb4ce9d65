"""Reads of photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from communities.models import ReportingMonth
from communities.placed import PlacedQuerySet
from communities.scoping import reach_of
from facilities.report_workflow import REPORTERS, ReportState

if TYPE_CHECKING:
    from facilities.models import Photo, Project  # noqa: F401


class PhotoQuerySet(PlacedQuerySet["Photo"]):
    """Photos. Until the report that they came with is approved, and once withdrawn, they are the unit's business."""

    community_path = "project__community"
    editors = frozenset(REPORTERS)

    def visible_to(self, user: Any) -> Self:
        """Rows the person may see today: published ones, and all that they could have uploaded."""
        reach = reach_of(user)
        if reach.city & self.editors:
            return self
        published = self._published()
        if not reach.city:
            published &= self._within(reach.units_as(self.viewers), reach.communities_as(self.viewers))
        return self.filter(published | self._within(reach.units_as(self.editors), []))

    def with_details_for(self, user: Any) -> Self:
        """Rows of which the person may see the original and the place: for the unit and the city office alone."""
        return self._reached(reach_of(user), self.editors)

    def active(self) -> Self:
        """Photos that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def of_month(self, project: Project, month: ReportingMonth | None) -> Self:
        """Those of one project that came with one month's report, or with none."""
        return self.filter(project=project, month=month)

    def published(self) -> Self:
        """Photos that were approved with their report, or came with a stage that was entered directly."""
        return self.filter(self._published())

    def awaiting(self) -> Self:
        """Photos that nobody has decided on yet."""
        return self.active().filter(~self._approved(), month__isnull=False)

    def chronological(self) -> Self:
        """Oldest first: by when they were taken, or else uploaded."""
        return self.order_by(Coalesce(F("taken_at"), F("uploaded_at")), "pk")

    def _published(self) -> Q:
        return Q(withdrawn_at__isnull=True) & (Q(month__isnull=True) | Q(self._approved()))

    def _approved(self) -> Exists:
        from facilities.models import ProgressReport  # models build on this module

        reports = ProgressReport.objects.filter(
            project=OuterRef("project"),
            month=OuterRef("month"),
            state=ReportState.APPROVED,
            reviewed_at__gte=OuterRef("uploaded_at"),
        )
        return Exists(reports)
