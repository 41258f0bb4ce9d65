"""Reads of the monthly reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import BooleanField, DateField, Exists, F, Func, OuterRef, Q, Subquery

from communities.models import Membership, Placement, ReportingMonth
from communities.placed import PlacedQuerySet
from communities.roles import Role
from communities.scoping import reach_of
from core.periods import today
from facilities.report_workflow import REPORTERS, ReportState

if TYPE_CHECKING:
    from facilities.models import ProgressReport


class IsAmong(Func):
    """Whether the first expression is an element of the second, an array."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()
    conditional = True


class DayAfterMonth(Func):
    """The first day after a month, from its year and number."""

    template = "(make_date(%(expressions)s, 1) + INTERVAL '1 month')::date"
    output_field = DateField()


class ProgressReportQuerySet(PlacedQuerySet["ProgressReport"]):
    """Monthly reports. Until one is approved it is the business of the unit and of the city office alone."""

    community_path = "project__community"
    editors = frozenset(REPORTERS)

    def visible_to(self, user: Any) -> Self:
        """Rows the person may see today: what is approved, and all that they could change."""
        reach = reach_of(user)
        if reach.city & self.editors:
            return self
        approved = Q(state=ReportState.APPROVED)
        if not reach.city:
            approved &= self._within(reach.units_as(self.viewers), reach.communities_as(self.viewers))
        return self.filter(approved | self._within(reach.units_as(self.editors), []))

    def of_month(self, month: ReportingMonth) -> Self:
        """One month's reports, corrections included."""
        return self.filter(month=month)

    def open(self) -> Self:
        """Reports that are not approved yet."""
        return self.exclude(state=ReportState.APPROVED)

    def begun(self) -> Self:
        """Without drafts that only an import taken back left behind: nobody has begun those."""
        return self.filter(is_blank=False)

    def in_state(self, state: str) -> Self:
        """Reports in a state as people read it: a draft is one that somebody has begun."""
        return self.begun().filter(state=state) if state == ReportState.DRAFT else self.filter(state=state)

    def waiting(self) -> Self:
        """Submitted reports that nobody has decided on."""
        return self.filter(state=ReportState.SUBMITTED)

    def returned(self) -> Self:
        """Reports that came back."""
        return self.filter(state=ReportState.RETURNED)

    def approved(self) -> Self:
        """Approved reports, each revision of them."""
        return self.filter(state=ReportState.APPROVED)

    def late(self) -> Self:
        """Reports that were first submitted after the due date."""
        return self.filter(is_late=True)

    def newest_revision(self) -> Self:
        """Of each project and month the last revision: the one that can be worked on."""
        return self.filter(~Exists(self._later()))

    def newest_approved(self) -> Self:
        """Of each project and month the last approved revision: what stands."""
        return self.approved().filter(~Exists(self._later().filter(state=ReportState.APPROVED)))

    def asking_help(self) -> Self:
        """Approved reports that ask for help and are the newest approved of their project: what still waits."""
        newest = self.model._default_manager.approved().filter(project=OuterRef("project")).newest_first()
        return self.approved().exclude(help_wanted="").filter(pk=Subquery(newest.values("pk")[:1]))

    def standing(self) -> Self:
        """Of each project and month one row: what stands, or, before anything is approved, what is on its way."""
        approved = self._later().filter(state=ReportState.APPROVED)
        return self.filter(Q(state=ReportState.APPROVED) | Q(revision=1)).filter(~Exists(approved))

    def counted_in(self, code: str = "") -> Self:
        """Reports that count in a unit, given by its code, or in any: by the placement on their month's last day.

        Not those of projects that were registered later: none was expected.
        """
        rows = self.annotate(month_over=DayAfterMonth(F("month__year"), F("month__number")))
        over = OuterRef("month_over")
        placed = Placement.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=over),
            community=OuterRef("project__community"),
            valid_from__lt=over,
        )
        here = placed.filter(unit__code=code) if code else placed
        return rows.filter(Exists(here), project__registered_on__lt=F("month_over"))

    def chronological(self) -> Self:
        """Oldest first, corrections after what they correct."""
        return self.order_by("month__year", "month__number", "revision", "pk")

    def newest_first(self) -> Self:
        """Newest first."""
        return self.order_by("-month__year", "-month__number", "-revision", "-pk")

    def newest_of_each_project(self) -> Self:
        """The newest row of each project: of the last month, its last revision."""
        order = ("project_id", "-month__year", "-month__number", "-revision")
        return self.order_by(*order).distinct("project_id")

    def oldest_of_each_project(self) -> Self:
        """The oldest month's row of each project: of that month, its last revision."""
        order = ("project_id", "month__year", "month__number", "-revision")
        return self.order_by(*order).distinct("project_id")

    def unsettled_before(self, month: ReportingMonth) -> Self:
        """Reports of earlier months that are not approved, and newer than what is: `prefill` knows nothing of them."""
        later = Q(month__year__gt=OuterRef("month__year")) | Q(
            month__year=OuterRef("month__year"), month__number__gt=OuterRef("month__number")
        )
        approved = self.model._default_manager.approved().until(month).filter(later, project=OuterRef("project"))
        return self.open().until(month).filter(~Exists(approved))

    def with_previous(self) -> Self:
        """Adds `previous`: the key of what was approved last before it, an earlier revision or month; None without."""
        year, number = OuterRef("month__year"), OuterRef("month__number")
        earlier = (
            Q(month__year__lt=year)
            | Q(month__year=year, month__number__lt=number)
            | Q(month=OuterRef("month"), revision__lt=OuterRef("revision"))
        )
        rows = self.model._default_manager.filter(earlier, project=OuterRef("project"), state=ReportState.APPROVED)
        return self.annotate(previous=Subquery(rows.newest_first().values("pk")[:1]))

    def before(self, report: ProgressReport) -> Self:
        """The same project's reports of earlier months, and earlier revisions of the same month."""
        month = report.month
        return self.filter(project=report.project_id).filter(
            Q(month__year__lt=month.year)
            | Q(month__year=month.year, month__number__lt=month.number)
            | Q(month=month, revision__lt=report.revision)
        )

    def until(self, month: ReportingMonth) -> Self:
        """Reports of earlier months."""
        return self.filter(Q(month__year__lt=month.year) | Q(month__year=month.year, month__number__lt=month.number))

    def after(self, month: ReportingMonth) -> Self:
        """Reports of later months."""
        return self.filter(Q(month__year__gt=month.year) | Q(month__year=month.year, month__number__gt=month.number))

    def withdrawable_by(self, user: Any) -> Self:
        """Waiting reports that this person may take back today: of their own unit, for its entry team; otherwise those
        that they entered or submitted, where they may still report."""
        reach = reach_of(user)
        theirs = Q(IsAmong(user.pk, F("authors")))
        if not reach.city & self.editors:
            theirs &= self._within(reach.units_as(self.editors), [])
        return self.waiting().filter(theirs | self._within(reach.units_as({Role.COUNTY_ENTRY}), []))

    def reviewable_by(self, user: Any) -> Self:
        """Waiting reports that this person may approve or return today.

        Of their own unit for its reviewers; for the city office those of units where every reviewer is away or an
        author of the report. Never what the person entered.
        """
        reach = reach_of(user)
        rows = self.waiting().filter(~IsAmong(user.pk, F("authors")))
        own = self._within(reach.units_as({Role.COUNTY_REVIEWER}), [])
        if Role.CITY_OFFICE not in reach.city:
            return rows.filter(own)
        return rows.with_home_unit().filter(own | ~Exists(_available()))

    def without_reviewer(self) -> Self:
        """Reports that no reviewer of the unit could decide on today: each is away or an author, or there is none."""
        return self.with_home_unit().filter(~Exists(_available()))

    def with_home_unit(self) -> Self:
        """Adds `home_unit`: the key of the unit where the community counts now, or counted when it ended."""
        newest = Placement.objects.filter(community=OuterRef("project__community")).order_by("-valid_from")
        return self.annotate(home_unit=Subquery(newest.values("unit")[:1]))

    def _later(self) -> Any:
        return self.model._default_manager.filter(
            project=OuterRef("project"), month=OuterRef("month"), revision__gt=OuterRef("revision")
        )


def _available() -> Any:
    """Reviewers who could decide on the outer report instead of the city office."""
    there = Membership.objects.reviewing(today()).filter(unit=OuterRef("home_unit"))
    return there.filter(~IsAmong(F("user_id"), OuterRef("authors")))
