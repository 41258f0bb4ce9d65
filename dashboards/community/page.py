"""The page put together: every panel read once, through the rights of the person who looks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from communities.calendar import working_day
from communities.models import Community, Placement, ReportingMonth
from communities.roles import Role
from communities.scoping import reach_of
from coordination.models import Pairing
from core.components import Action, Moment, Tab
from core.history import read_history
from dashboards.community.building import Building, building_of
from dashboards.community.money import Means, means_of
from dashboards.community.places import Place, pairing_of, place_of
from dashboards.community.steps import Coming, Known, Step, Unknown, coming_of, steps_of, unknowns_of
from dashboards.community.systems import Centre, OrganisationGroup, Scores, centre_of, organisations_of, scores_of
from dashboards.community.trails import trails_of
from facilities.calendar import present_day
from facilities.models import Project
from facilities.ordering import Kept, ordering_of
from inspections.models import Round, RoundState
from services.models import Organisation, ServiceCentre

FIRST_STEPS = 3
NEWEST = 5
NAMED = 3


@dataclass(frozen=True)
class Doors:
    """Where the person may change what a panel shows; an empty address where they may not."""

    project: str
    centre: str
    organisation: str
    move: str
    succeed: str
    pairing: str


@dataclass(frozen=True)
class CommunityPage:
    """The whole page."""

    community: Community
    place: Place
    is_pilot: bool
    pairing: Pairing | None
    building: Building
    means: Means
    order: Sequence[Kept]
    centre: Centre | None
    organisations: Sequence[OrganisationGroup]
    scores: Scores
    steps: Sequence[Step]
    unknowns: Sequence[Unknown]
    coming: Sequence[Coming]
    moments: Sequence[Moment]
    doors: Doors
    judged_on: dt.date

    @property
    def first_steps(self) -> Sequence[Step]:
        """What to do first."""
        return self.steps[:FIRST_STEPS]

    @property
    def more_steps(self) -> Sequence[Step]:
        """What comes after that."""
        return self.steps[FIRST_STEPS:]

    @property
    def centre_stage(self) -> str:
        """How far the project of the centre has come, as registered; empty where nothing is."""
        project = self.centre.record.project_id if self.centre is not None else None
        return next((row.stage for row in self.building.rows if row.project.pk == project), "")

    @property
    def lagging(self) -> int:
        """How many projects are behind their plan."""
        return sum(row.light.behind for row in self.building.rows)


def community_page(user: Any, community: Community, *, may_edit: bool) -> CommunityPage:
    """`community` is read `with_placement()` and within the person's rights. The number of queries does not grow."""
    today, judged_on = working_day(), present_day()
    place = place_of(user, community)
    pairing = pairing_of(user, community, today)
    building = building_of(user, community, judged_on, ReportingMonth.objects.current())
    centre, scores = centre_of(user, community), scores_of(user, community)
    going_on = Round.objects.visible_to(user).filter(state=RoundState.OPEN).select_related("quarter").first()
    known = Known(community, place, building, centre, scores, pairing, going_on, today, judged_on, may_edit)
    return CommunityPage(
        community=community,
        place=place,
        is_pilot=community.is_pilot_on(today),
        pairing=pairing,
        building=building,
        means=means_of(user, [row.project for row in building.rows]),
        order=ordering_of(Project.objects.filter(pk__in=[row.project.pk for row in building.rows]), judged_on),
        centre=centre,
        organisations=organisations_of(user, community, today),
        scores=scores,
        steps=steps_of(known),
        unknowns=unknowns_of(known),
        coming=coming_of(known),
        moments=_newest(user, community),
        doors=_doors(user, known),
        judged_on=judged_on,
    )


def _newest(user: Any, community: Community) -> list[Moment]:
    moments = read_history(trails_of(user, community), size=4 * NEWEST).moments
    return [in_brief(moment) for moment in moments[:NEWEST]]


def in_brief(moment: Moment) -> Moment:
    """An event beside the record: which fields and records, not which texts; those are in the history."""
    fields = "" if moment.fresh else _("、").join(change.label for change in moment.changes)
    others = [part.title for part in moment.also[:NAMED]]
    if len(moment.also) > NAMED:
        others.append(_("等 %(count)d 条") % {"count": len(moment.also)})
    return replace(moment, text=_("；").join(filter(None, [fields, *others])), changes=(), also=())


def _doors(user: Any, known: Known) -> Doors:
    """What may be added or changed here: only where the community stands, and only by whoever may."""
    community, stands = known.community, known.place.present is not None
    places = stands and Placement.objects.all().creatable_by(user)
    here = f"?community={community.code}"

    def door(name: str, allowed: bool, tail: str = "", *key: int) -> str:
        return reverse(name, args=key) + tail if allowed else ""

    adds = stands and known.may_edit
    return Doors(
        project=door("facilities:create", adds and Project.objects.all().creatable_by(user), here),
        centre=door(
            "services:centre_create",
            adds and known.centre is None and ServiceCentre.objects.all().creatable_by(user),
            here,
        ),
        organisation=door("services:organisation_create", adds and Organisation.objects.all().creatable_by(user), here),
        move=door("communities:move", places, "", community.pk),
        succeed=door("communities:succeed", places, "", community.pk),
        pairing=door(
            "coordination:pairing_create",
            community.is_pilot_on(known.today) and known.pairing is None and Pairing.objects.all().creatable_by(user),
            here,
        ),
    )


def tabs_of(community: Community, current: str) -> list[Tab]:
    """The parts of what is known of a community: gathered, as registered, and what was done to it."""
    parts = [
        ("community", _("概况"), "dashboards:community"),
        ("register", _("登记信息"), "communities:detail"),
        ("history", _("全部历史"), "dashboards:community_history"),
    ]
    return [Tab(label, reverse(name, args=[community.pk]), current=part == current) for part, label, name in parts]


def actions_of(user: Any, page: CommunityPage, may_edit: bool) -> list[Action]:
    """What anybody may do with the whole, what an editor may, and first of all the month of whoever fills it in."""
    key, building = [page.community.pk], page.building
    found = [Action(_("打印卡片"), reverse("dashboards:community_card", args=key), "printer")]
    if may_edit:
        found.append(Action(_("修改"), reverse("communities:edit", args=key), "edit"))
    waiting = [row.report for row in building.rows if row.report is not None and row.report.unfiled]
    if waiting and reach_of(user).units_as({Role.COUNTY_ENTRY}):
        label = _("填 %(month)s 月报（%(count)d 个）") % {"month": building.month, "count": len(waiting)}
        found.append(Action(label, waiting[0].url, "writing-sign", primary=True))
    return found
