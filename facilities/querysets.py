"""Reads of construction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db.models import Case, Exists, F, Model, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from communities.models import Placement, ReportingMonth
from communities.placed import PlacedQuerySet
from communities.roles import Role
from communities.scoping import ScopedQuerySet, reach_of
from facilities.report_workflow import REPORTERS
from facilities.workflow import Stage

if TYPE_CHECKING:
    from facilities.models import Project, StageEvent  # noqa: F401

M = TypeVar("M", bound=Model)


class LadderQuerySet(ScopedQuerySet[M]):
    """What steps mean and which kinds there are: everybody reads it, the city office sets it."""

    editors = frozenset({Role.CITY_OFFICE})


class ProjectQuerySet(PlacedQuerySet["Project"]):
    """Construction projects."""

    editors = frozenset({Role.CITY_OFFICE, Role.COUNTY_ENTRY})

    def reached_as(self, user: Any, roles: Iterable[str]) -> Self:
        """Projects for which the person acts today in one of `roles`."""
        return self._reached(reach_of(user), frozenset(roles))

    def reportable_by(self, user: Any) -> Self:
        """Projects for which the person may fill in monthly reports today."""
        return self.reached_as(user, REPORTERS)

    def expected_in(self, month: ReportingMonth) -> Self:
        """Projects of which a report is expected: registered by the month's end, of a community that stood then."""
        last = month.month.last_day
        placed = Placement.objects.on_day(last).filter(community=OuterRef("community"))
        return self.filter(Exists(placed), registered_on__lte=last)

    def with_stage(self, day: dt.date | None = None) -> Self:
        """Adds `stage` and `stage_on`: the latest row by `day` (by now unless given). Without one: 谋划, None."""
        from facilities.models import StageEvent  # models build on this module

        events = StageEvent.objects.filter(project=OuterRef("pk"))
        if day is not None:
            events = events.filter(occurred_on__lte=day)
        latest = events.latest_first()
        return self.annotate(
            stage=Coalesce(Subquery(latest.values("stage")[:1]), Stage.CONCEIVED.value),
            stage_on=Subquery(latest.values("occurred_on")[:1]),
        )

    def with_newest_plan(self) -> Self:
        """Adds `plan_version`: the key of the project's newest plan row; 0 where nothing was planned yet."""
        from facilities.models import PlannedStage  # models build on this module

        newest = PlannedStage.objects.filter(project=OuterRef("pk")).order_by("-pk")
        return self.annotate(plan_version=Coalesce(Subquery(newest.values("pk")[:1]), 0))

    def reached(self, stage: Stage, day: dt.date) -> Self:
        """Projects that stood at `stage` or later on `day`."""
        return self.with_stage(day).filter(stage__gte=stage)

    def late(self, day: dt.date, kind: str = "") -> Self:
        """Projects behind their plan on `day`, by its planned days alone; needs `with_place()`.

        Adds `late_kind` (`finish`: should have been built; else `start`: should have begun) and `late_since`, the
        planned day that was missed. `kind` keeps one of the two. A community that counts nowhere now is nobody's
        to be late with, so its projects are left out.
        """
        from facilities.models import StageEvent  # models build on this module

        events = StageEvent.objects.filter(project=OuterRef("pk"), occurred_on__lte=day).latest_first()
        stage = Coalesce(Subquery(events.values("stage")[:1]), Stage.CONCEIVED.value)
        rows = self.filter(Q(planned_finish__lt=day) | Q(planned_start__lt=day), placed__isnull=False)
        finish = Q(planned_finish__lt=day, stage_late__lt=Stage.BASICALLY_BUILT)
        start = Q(planned_start__lt=day, stage_late__lt=Stage.STARTED)
        rows = rows.annotate(stage_late=stage).annotate(
            late_kind=Case(When(finish, then=Value("finish")), When(start, then=Value("start")), default=Value("")),
            late_since=Case(When(finish, then=F("planned_finish")), When(start, then=F("planned_start"))),
        )
        return rows.filter(late_kind=kind) if kind else rows.exclude(late_kind="")

    def search(self, text: str) -> Self:
        """By part of the project's or the community's name, the code's beginning, or pinyin initials."""
        word = text.strip()
        if not word:
            return self
        return self.filter(
            Q(name__icontains=word)
            | Q(community__name__icontains=word)
            | Q(community__code__istartswith=word)
            | Q(community__initials__contains=word.lower())
        )

    def service_centres(self) -> Self:
        """Projects that build a community's service centre."""
        return self.filter(kind="service_centre")


class StageEventQuerySet(PlacedQuerySet["StageEvent"]):
    """Dated stages."""

    # Counties enter stages by their monthly report; a row entered directly is the city office's (补登).
    community_path = "project__community"
    editors = frozenset({Role.CITY_OFFICE})

    def latest_first(self) -> Self:
        """Newest first: by day, then by the order of entry."""
        return self.order_by("-occurred_on", "-pk")

    def latest_of_each(self) -> Self:
        """The latest row of each project."""
        return self.order_by("project_id", "-occurred_on", "-pk").distinct("project_id")

    def since(self, stage: int, day: dt.date, project: OuterRef) -> Self:
        """A project's rows of `stage` or later from which on, by `day`, it never fell back below; the first one first.

        The first one's day is since when it stands there; none where it does not.
        """
        return self.standing_at(stage, day).filter(project=project)

    def standing_at(self, stage: int, day: dt.date) -> Self:
        """The same rows of whichever projects."""
        following = Q(occurred_on__gt=OuterRef("occurred_on"))
        following |= Q(occurred_on=OuterRef("occurred_on"), pk__gt=OuterRef("pk"))
        rows = self.filter(occurred_on__lte=day)
        fallen = rows.filter(following, project=OuterRef("project"), stage__lt=stage)
        return rows.filter(~Exists(fallen), stage__gte=stage).order_by("occurred_on", "pk")

    def stage_by(self, day: dt.date, project: OuterRef) -> Coalesce:
        """A project's stage by `day` as an expression: the latest row's, 谋划 without one."""
        rows = self.filter(project=project, occurred_on__lte=day).latest_first()
        return Coalesce(Subquery(rows.values("stage")[:1]), Stage.CONCEIVED.value)
