"""Sample projects and their dated stages: the quarters of 2013 differ, and the last is the published state."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from communities.models import Community
from facilities.models import FacilityKind, InfrastructureType, Project, StageEvent
from facilities.workflow import Stage
from services.models import ServiceCentre
from xiaogan_portal.sample.plan import BUILT, MAIN_WORKS, SAMPLE_DAY, STARTED, Plan, reached_in
from xiaogan_portal.sample.territory import BATCH, Territory
from xiaogan_portal.sample.works import SHOPS, begun_before_the_pipes, chances, furnish, homes_under_way, shops_of

Steps = list[tuple[Stage, dt.date]]
QUARTERS = [(dt.date(2013, n * 3 - 2, 1), dt.date(2013, n * 3, 28)) for n in (1, 2, 3, 4)]
BASIS = {
    Stage.SITED: "选址意见书",
    Stage.LAND: "用地批准书",
    Stage.APPROVED: "规划许可证",
    Stage.TENDERED: "中标通知书",
    Stage.STARTED: "施工许可证",
    Stage.FOUNDATION: "基础验收记录",
    Stage.MAIN_WORKS: "监理月报",
    Stage.TOPPED_OUT: "监理月报",
    Stage.FITTING_OUT: "监理月报",
    Stage.BASICALLY_BUILT: "现场核验单",
}
# Before the first month that the sample city reports on.
REGISTERED = dt.date(2013, 1, 1)
# Units, in statutory order, where some works lag behind their plan. Everywhere else the plan is kept.
BEHIND = frozenset({1, 2, 6, 9})


def build_construction(plan: Plan, city: Territory, rng: random.Random) -> None:
    """Write projects, stages and the service centres that refer to them."""
    started = plan.cumulative(STARTED, plan.programme)
    main_works = plan.cumulative(MAIN_WORKS, started[-1])
    built = plan.cumulative(BUILT, main_works[-1])
    order = {unit.pk: position for position, unit in enumerate(city.units)}
    projects: list[Project] = []
    steps: list[Steps] = []
    types = {row.code: row for row in InfrastructureType.objects.all()}
    planted = Planted()
    for position, community in enumerate(city.programme):
        reached = (reached_in(position, started), reached_in(position, main_works), reached_in(position, built))
        drawn = list(_projects(community, reached, rng))
        may_lag = order[city.unit_of[community.pk].pk] in BEHIND
        for project, ladder in planted.add_to(community, drawn):
            if project.kind != FacilityKind.COMMERCIAL:
                _fit_plan(project, ladder, may_lag=may_lag)
            furnish(project, types, len(projects), first_in_order=community is planted.before_the_pipes)
            projects.append(project)
            steps.append(ladder)
    Project.objects.bulk_create(projects, batch_size=BATCH)
    StageEvent.objects.bulk_create(_events(projects, steps), batch_size=BATCH)
    ServiceCentre.objects.bulk_create(
        [
            ServiceCentre(
                community=project.community,
                project=project,
                name=f"{project.community.name}综合服务中心",
                area=rng.randint(300, 1400),
                is_sample=True,
            )
            for project in projects
            if project.kind == FacilityKind.SERVICE_CENTRE
        ],
        batch_size=BATCH,
    )


class Planted:
    """Adds to what is drawn: homes under way, shops, and the two that break the ordering rules."""

    def __init__(self) -> None:
        self.shops = 0
        # The one community where something was begun before the pipes.
        self.before_the_pipes: Community | None = None

    def add_to(self, community: Community, drawn: list[tuple[Project, Steps]]) -> list[tuple[Project, Steps]]:
        """A community's projects with their steps, in the order in which they are built."""
        ladders = {project.kind: ladder for project, ladder in drawn}
        own = chances(community.code)
        if "resettlement" in ladders:
            ladders["resettlement"] = homes_under_way(ladders["resettlement"], ladders["service_centre"], own)
        others = [kind for kind in ladders if kind in ("elderly_care", "clinic", "kindergarten")]
        if self.before_the_pipes is None and begun_before_the_pipes(ladders, others):
            self.before_the_pipes = community
        found = [(project, ladders[project.kind]) for project, _ladder in drawn]
        shops = shops_of(community, ladders, self.shops) if self.shops < SHOPS else None
        if shops is not None:
            self.shops += 1
            found.append((Project(**shops[0], registered_on=REGISTERED, is_sample=True), shops[1]))
        return found


def _projects(
    community: Community, reached: tuple[int | None, int | None, int | None], rng: random.Random
) -> Iterator[tuple[Project, Steps]]:
    """A community's projects: pipes and roads first, then the centre, then housing (三先三后)."""
    started, main_works, built = reached
    pipes = _infrastructure(started, rng)
    yield _project(community, FacilityKind.INFRASTRUCTURE, "道路和排水管网", rng), pipes
    centre = _centre(pipes, main_works, built, rng)
    yield _project(community, FacilityKind.SERVICE_CENTRE, "社区综合服务中心", rng), centre
    if rng.random() < 0.6:
        yield _project(community, FacilityKind.RESETTLEMENT, "还建房一期", rng), _early(rng, 4)
    if rng.random() < 0.4:
        kind = rng.choice([FacilityKind.ELDERLY_CARE, FacilityKind.CLINIC, FacilityKind.KINDERGARTEN])
        yield _project(community, kind, str(kind.label), rng), _early(rng, 3)


def _project(community: Community, kind: str, name: str, rng: random.Random) -> Project:
    start = dt.date(2013, 1, 1) + dt.timedelta(days=rng.randint(0, 250))
    return Project(
        community=community,
        kind=kind,
        name=name,
        planned_start=start,
        planned_finish=start + dt.timedelta(days=rng.randint(180, 420)),
        registered_on=REGISTERED,
        is_sample=True,
    )


def _fit_plan(project: Project, ladder: Steps, *, may_lag: bool) -> None:
    """Move the drawn plan to where the works are: kept, or missed by one to seven weeks where a unit lags."""
    assert project.planned_start is not None and project.planned_finish is not None
    wait = (project.planned_start - dt.date(2013, 1, 1)).days
    length = (project.planned_finish - project.planned_start).days
    days = dict(ladder)
    begun, built = days.get(Stage.STARTED), days.get(Stage.BASICALLY_BUILT)
    lags = may_lag and built is None and wait < 40
    missed = SAMPLE_DAY - dt.timedelta(days=wait + 7)
    if begun is not None:
        project.planned_start = begun + dt.timedelta(days=wait % 15)
    else:
        project.planned_start = missed if lags else SAMPLE_DAY + dt.timedelta(days=5 + wait // 2)
    if built is not None:
        project.planned_finish = built + dt.timedelta(days=wait % 30)
    elif begun is not None and lags:
        project.planned_finish = max(missed, project.planned_start)
    else:
        project.planned_finish = max(project.planned_start, SAMPLE_DAY) + dt.timedelta(days=length // 2)


def _early(rng: random.Random, most: int) -> Steps:
    """Steps on paper only, all before the first quarter of the sample."""
    day, ladder = dt.date(2012, 9, 20), []
    for stage in list(Stage)[1 : rng.randint(1, most) + 1]:
        ladder.append((stage, day))
        day += dt.timedelta(days=rng.randint(10, 25))
    return ladder


def _infrastructure(started: int | None, rng: random.Random) -> Steps:
    if started is None:
        return _early(rng, 4)
    first, _last = QUARTERS[started]
    day = first + dt.timedelta(days=rng.randint(0, 20))
    return [*_early(rng, 4), (Stage.STARTED, day)]


def _centre(pipes: Steps, main_works: int | None, built: int | None, rng: random.Random) -> Steps:
    """The centre's ladder, each step inside the quarter that the plan gives it and after the pipes were begun."""
    begun = pipes[-1][1] if pipes[-1][0] == Stage.STARTED else None
    if main_works is None:
        ladder = _early(rng, 4)
        if begun is not None and rng.random() < 0.5:
            ladder.append((Stage.STARTED, begun + dt.timedelta(days=5)))
            # Entered for January 2014: no figure of 2013Q4 may know of it.
            ladder.append((Stage.FOUNDATION, dt.date(2014, 1, 2)))
        return ladder
    assert begun is not None
    floor = max(begun, QUARTERS[main_works][0])
    ladder = [*_early(rng, 4), (Stage.STARTED, begun + dt.timedelta(days=3))]
    ladder.append((Stage.FOUNDATION, floor + dt.timedelta(days=10)))
    day = floor + dt.timedelta(days=rng.randint(12, 30))
    ladder.append((Stage.MAIN_WORKS, day))
    if built is not None:
        floor = max(day, QUARTERS[built][0])
        ladder.append((Stage.TOPPED_OUT, floor + dt.timedelta(days=4)))
        ladder.append((Stage.FITTING_OUT, floor + dt.timedelta(days=12)))
        ladder.append((Stage.BASICALLY_BUILT, min(QUARTERS[built][1], floor + dt.timedelta(days=rng.randint(15, 60)))))
    return ladder


def _events(projects: list[Project], steps: list[Steps]) -> Iterator[StageEvent]:
    for project, ladder in zip(projects, steps, strict=True):
        before: int | None = None
        for stage, day in ladder:
            yield StageEvent(
                project=project,
                stage=stage,
                stage_before=before,
                occurred_on=day,
                basis=BASIS.get(stage, ""),
                recorded_at=dt.datetime.combine(day, dt.time(9), tzinfo=dt.timezone(dt.timedelta(hours=8))),
                is_sample=True,
            )
            before = stage
