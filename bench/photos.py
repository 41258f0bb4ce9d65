"""Which photos look alike, asked of a table that is as full as years make it."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterator

from accounts.models import User
from bench.owner import analyse, past_the_rules
from bench.report import compare
from bench.web import person_as
from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from facilities.models import MOST_PHOTOS, Photo, Project
from facilities.photo_reads import likenesses
from facilities.workflow import Stage

PHOTOS, FEW = 20_000, 2_000
# Photos of an inbox: three of each of sixty reports.
INBOX = 180
# Turned over in the hash of the planted twins: as many bits as a picture loses that is saved again.
TURNED = 0b111
NOON = dt.time(12, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def alike(*, full: bool) -> None:
    """One report's photos and a whole inbox's against all others. Ends the bench unless the planted twins are found."""
    unit = ReportingUnit.objects.order_by("order")[0]
    reviewer = person_as(Role.COUNTY_REVIEWER, unit)
    with past_the_rules(Photo):
        made = Photo.objects.using("owner").bulk_create(
            _photos(PHOTOS if full else FEW, unit, reviewer), batch_size=2_000
        )
    analyse()
    waiting = list(Photo.objects.filter(pk__in=[photo.pk for photo in made[:INBOX]]))
    found = sum(map(len, likenesses(waiting, reviewer).values()))
    if found != INBOX:
        raise SystemExit(f"Of {INBOX} photos that were used twice {found} were found.")
    for name, asked, times in (("one report", waiting[:MOST_PHOTOS], 20), ("an inbox", waiting, 5)):
        compare(
            f"photos that look alike, {name}",
            lambda asked=asked: likenesses(asked, reviewer),  # type: ignore[misc]
            "count of the same table",
            Photo.objects.count,
            times=times,
            asked=len(asked),
            rows=Photo.objects.count(),
        )


def _photos(count: int, unit: ReportingUnit, person: User) -> Iterator[Photo]:
    """Rows without files: first what waits in the unit, then a twin of each elsewhere, then all others."""
    everywhere = Project.objects.order_by("pk")
    own = everywhere.filter(community__placements__unit=unit)
    others = list(everywhere.exclude(pk__in=own.values("pk")).values_list("pk", flat=True))
    mine, months = list(own.values_list("pk", flat=True)), list(ReportingMonth.objects.order_by("year", "number"))
    hashes, chance = list[int](), random.Random(20131231)  # noqa: S311  reproducible rows, no secret
    for number in range(count):
        twin = INBOX <= number < 2 * INBOX
        phash = hashes[number - INBOX] ^ TURNED if twin else chance.getrandbits(64) - 2**63
        hashes.append(phash)
        homes = mine if number < INBOX else others
        yield _photo(number, homes[number % len(homes)], months[-1 - number % 3], phash, person)


def _photo(number: int, project: int, month: ReportingMonth, phash: int, person: User) -> Photo:
    return Photo(
        project_id=project,
        month=month,
        stage=Stage.STARTED,
        original=f"bench/{number}.jpg",
        display=f"bench/{number}-d.jpg",
        thumb=f"bench/{number}-t.jpg",
        sha256=hashlib.sha256(str(number).encode()).hexdigest(),
        size=2_000_000,
        width=4000,
        height=3000,
        phash=phash,
        uploaded_by=person,
        uploaded_as=Role.COUNTY_REVIEWER,
        uploaded_at=dt.datetime.combine(month.month.first_day, NOON),
        is_sample=True,
    )
