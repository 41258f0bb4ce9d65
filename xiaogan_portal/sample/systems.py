"""Sample centres of existing communities, their standardisation, organisations, teams and pairings."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from communities.models import Community, ReportingUnit
from coordination.models import Pairing, SupportTeam
from services.models import Organisation, ServiceCentre, Standardisation
from xiaogan_portal.sample.names import DEPARTMENTS, place_names
from xiaogan_portal.sample.plan import ORGANISATIONS, STANDARDISED, Plan, apportion, reached_in
from xiaogan_portal.sample.territory import BATCH, Territory

SOCIAL = ("文体活动", "志愿服务", "维权咨询")


def build_systems(plan: Plan, city: Territory, rng: random.Random) -> None:
    """Write everything of the three 1+X that the published figures need."""
    _centres(plan, city, rng)
    Organisation.objects.bulk_create(_organisations(plan, city, rng), batch_size=BATCH)
    _teams(city)


def _centres(plan: Plan, city: Territory, rng: random.Random) -> None:
    centres = ServiceCentre.objects.bulk_create(
        [
            ServiceCentre(
                community=community,
                name=f"{community.name}综合服务中心",
                area=rng.randint(120, 900),
                is_sample=True,
            )
            for community in city.existing
        ],
        batch_size=BATCH,
    )
    counts = plan.cumulative(STANDARDISED, plan.existing)
    accepted = []
    for position, centre in enumerate(centres):
        quarter = reached_in(position, counts)
        if quarter is not None:
            day = dt.date(2013, quarter * 3 + 1, 1) + dt.timedelta(days=rng.randint(0, 80))
            if quarter == 0:
                day = dt.date(2011, 6, 1) + dt.timedelta(days=rng.randint(0, 600))
            accepted.append(Standardisation(centre=centre, valid_from=day, basis="规范化建设验收单", is_sample=True))
    Standardisation.objects.bulk_create(accepted, batch_size=BATCH)


def _organisations(plan: Plan, city: Territory, rng: random.Random) -> Iterator[Organisation]:
    """One of each kind in every existing community first, the rest in villages of the units."""
    for kind, number in ORGANISATIONS.items():
        total = plan.scaled(number)
        inside = city.existing[:total]
        for community in inside:
            yield _organisation(kind, rng, community=community)
        shares = apportion(total - len(inside), city.weights)
        for unit, share in zip(city.units, shares, strict=True):
            villages = place_names(random.Random(f"{unit.code}{kind}"))  # noqa: S311  names, not secrets
            for _ in range(share):
                yield _organisation(kind, rng, unit=unit, village=next(villages) + "村")


def _organisation(
    kind: str,
    rng: random.Random,
    *,
    community: Community | None = None,
    unit: ReportingUnit | None = None,
    village: str = "",
) -> Organisation:
    place = community.name if community is not None else village
    if kind == "party":
        rule, name = "party", f"{place}党支部"
    elif kind == "social":
        rule, name = rng.choice(["registered", "filed"]), f"{place}{rng.choice(SOCIAL)}协会"
    elif community is not None:
        rule, name = "committee", f"{place}居民委员会"
    else:
        rule = rng.choice(["committee", "group", "group"])
        name = f"{place}{'村民委员会' if rule == 'committee' else '村民小组'}"
    return Organisation(
        kind=kind,
        name=name,
        counting_rule=rule,
        community=community,
        unit=unit,
        village_name=village,
        valid_from=dt.date(2008, 1, 1) + dt.timedelta(days=rng.randint(0, 1800)),
        is_sample=True,
    )


def _teams(city: Territory) -> None:
    pilots = [community for community in city.programme if community.pilot_from is not None]
    teams = SupportTeam.objects.bulk_create(
        SupportTeam(name=f"{department}工作队", department=department, is_sample=True)
        for department in DEPARTMENTS[: len(pilots)]
    )
    Pairing.objects.bulk_create(
        Pairing(team=team, community=community, valid_from=dt.date(2013, 3, 20), is_sample=True)
        for team, community in zip(teams, pilots, strict=True)
    )
