"""Puts the parts of the sample city together."""

from __future__ import annotations

import random
from collections.abc import Callable

from django.db import transaction

from communities.models import Community
from dashboards.rollup import roll_up_all
from xiaogan_portal.sample.construction import build_construction
from xiaogan_portal.sample.notices import build_notices
from xiaogan_portal.sample.plan import Plan
from xiaogan_portal.sample.reports import build_reports
from xiaogan_portal.sample.rounds import build_periods, build_rounds
from xiaogan_portal.sample.systems import build_systems
from xiaogan_portal.sample.territory import build_territory
from xiaogan_portal.sample.uploads import build_uploads


def is_empty() -> bool:
    """Whether the register of communities is still empty."""
    return not Community.objects.exists()


def load(size: int, seed: int, say: Callable[[str], None]) -> None:
    """Write a sample city of `size` communities in one transaction, then roll up. The same seed, the same city."""
    plan, rng = Plan(size), random.Random(seed)  # noqa: S311  a reproducible city, not a secret
    with transaction.atomic():
        quarters = build_periods()
        city = build_territory(plan, rng)
        say(f"communities: {plan.programme} of the programme, {plan.existing} existing")
        build_construction(plan, city, rng)
        say("projects, stages and centres")
        # Chances of its own, so that the rest of the city is the same with and without reports.
        build_reports(city, random.Random(f"reports {seed}"))  # noqa: S311
        say("people of the units and their monthly reports")
        build_uploads()
        build_notices()
        say("two uploads, reminders, one 催报, returned reports")
        build_systems(plan, city, rng)
        say("standardisations, organisations, teams")
        build_rounds(plan, city, quarters, rng)
        say("rounds, inspections and scores")
    roll_up_all()
    say("figures")
