"""What sample projects cost and where they are built, homes under way, and a few shops: two break the ordering rules.

Everything is drawn from a seed of the community's own code, so that the rest of the sample stays as it is drawn.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from accounts.models import User
from communities.models import Community
from facilities.calendar import present_day
from facilities.light_actions import mark_red_lights
from facilities.models import FacilityKind, InfrastructureType, OrderingRule, Position, Project
from facilities.money import ARRIVED, FUNDS, PAID, ZERO
from facilities.ordering import violating
from facilities.plan_actions import plan_stages
from facilities.report_workflow import HOUSING_COUNTS
from facilities.rule_actions import exempt
from facilities.workflow import Stage

Steps = list[tuple[Stage, dt.date]]
# 万元: what a project of a kind costs, from and to.
COSTS = {
    FacilityKind.SERVICE_CENTRE: (180, 520),
    FacilityKind.RESETTLEMENT: (1800, 6400),
    FacilityKind.ELDERLY_CARE: (60, 160),
    FacilityKind.CLINIC: (40, 110),
    FacilityKind.KINDERGARTEN: (150, 420),
    FacilityKind.INFRASTRUCTURE: (120, 900),
    FacilityKind.COMMERCIAL: (2400, 8000),
}
# What a project of infrastructure lays, by the code of its kind, and how many of a hundred do.
NETWORKS = {
    "sewage": ("道路和排水管网", 40),
    "water": ("供水管网", 20),
    "gas": ("燃气管网", 10),
    "roads": ("社区道路", 20),
    "power": ("供电线路", 10),
}
BURIED = frozenset({"sewage", "water", "gas"})
# Plans that were changed: how many at most, on which day, by how many days, and why.
REPLANNED, REPLANNED_ON, POSTPONED = 12, dt.date(2013, 11, 18), 75
REASONS = ("示例：秋季连续降雨，工期顺延", "示例：征地补偿协议签订较晚", "示例：施工图审查后变更基础设计")
# Shares of the sources by level, in per cent; homes and shops are mostly built with others' money.
PUBLIC, PRIVATE = (20, 25, 15, 30, 10), (5, 5, 5, 15, 70)
CENT = Decimal("0.01")
# Of the communities with shops, in their order, these are out of order; the third one may be.
SHOPS = 9
OUT_OF_ORDER, EXEMPT = 2, 5
# When a night of the past marked red lights.
EARLIER = dt.date(2013, 11, 30)


def chances(seed: str) -> random.Random:
    """Reproducible chances, no secret."""
    return random.Random(seed)  # noqa: S311


def furnish(
    project: Project, types: dict[str, InfrastructureType], number: int, *, first_in_order: bool = False
) -> None:
    """Money, place and traits of one project; `number` counts the projects of the city.

    `first_in_order` keeps infrastructure under the ground: something planted goes before it.
    """
    kind, rng = FacilityKind(project.kind), chances(f"{project.community.code}{project.name}")
    total = Decimal(rng.randrange(*COSTS[kind], 10))
    shares = PRIVATE if kind in (FacilityKind.RESETTLEMENT, FacilityKind.COMMERCIAL) else PUBLIC
    for name, share in zip(FUNDS, shares, strict=True):
        setattr(project, name, (total * share / 100).quantize(CENT))
    project.position = Position.ABOVE_GROUND
    if kind == FacilityKind.INFRASTRUCTURE:
        own = chances(f"{project.community.code} infrastructure")
        code = own.choices(list(NETWORKS), [share for _name, share in NETWORKS.values()])[0]
        code = code if code in BURIED or not first_in_order else "sewage"
        project.name, project.infrastructure = NETWORKS[code][0], types.get(code)
        if code in BURIED:
            project.position = Position.UNDERGROUND
    if project.builds_homes:
        project.housing_planned = rng.randrange(60, 320, 12)
    project.is_platform = kind == FacilityKind.SERVICE_CENTRE
    if kind == FacilityKind.SERVICE_CENTRE and number % 9 == 0 and number // 9 < 10:
        project.major_number = number // 9 + 1


def homes_under_way(ladder: Steps, centre: Steps, rng: random.Random) -> Steps:
    """Homes follow the centre: begun a month after it, some of them at their main works by the end of 2013."""
    begun = next((day for stage, day in centre if stage == Stage.STARTED), None)
    if begun is None or rng.random() < 0.4:
        return ladder
    paper = [(stage, day) for stage, day in ladder if stage < Stage.STARTED]
    day = begun + dt.timedelta(days=rng.randint(20, 45))
    found = [*paper, (Stage.STARTED, day)]
    for stage in (Stage.FOUNDATION, Stage.MAIN_WORKS, Stage.TOPPED_OUT):
        day += dt.timedelta(days=rng.randint(45, 80))
        if day > dt.date(2013, 12, 28):
            break
        found.append((stage, day))
    return found


def shops_of(community: Community, ladders: dict[str, Steps], position: int) -> tuple[dict[str, Any], Steps] | None:
    """Shops beside homes: a project's fields and its steps; None where the community has no homes under way.

    They follow the homes by a month, but where `position` says otherwise.
    """
    homes = next((day for stage, day in ladders.get("resettlement", []) if stage == Stage.STARTED), None)
    if homes is None:
        return None
    days = -14 if position in (OUT_OF_ORDER, EXEMPT) else 30
    begun = homes + dt.timedelta(days=days)
    steps = [(Stage.SITED, dt.date(2012, 12, 1)), (Stage.LAND, dt.date(2013, 1, 20)), (Stage.STARTED, begun)]
    if begun > dt.date(2013, 12, 28):
        steps.pop()
    plan = {"planned_start": begun + dt.timedelta(days=10), "planned_finish": begun + dt.timedelta(days=500)}
    return {"name": "商品房一期", "kind": FacilityKind.COMMERCIAL, "community": community, **plan}, steps


def begun_before_the_pipes(ladders: dict[str, Steps], others: Sequence[str]) -> str:
    """The project of a community that is to be begun too early: one above ground that nobody has begun; or none."""
    pipes = ladders.get(FacilityKind.INFRASTRUCTURE, [])
    day = next((day for stage, day in pipes if stage == Stage.STARTED), None)
    # Five days before, in the same quarter: the figures of the quarters stay.
    if day is None or day.month % 3 != 1 or day.day < 12:
        return ""
    for name in others:
        if all(stage < Stage.STARTED for stage, _day in ladders[name]):
            ladders[name] = [*ladders[name], (Stage.STARTED, day - dt.timedelta(days=5))]
            return name
    return ""


def judge(office: User) -> None:
    """Some plans were changed; one of the works out of order is exempt; the lights that are red leave their marks."""
    _replan(office)
    rule = OrderingRule.objects.get(code="resettlement_first")
    late = list(violating(rule, present_day()).order_by("pk"))
    if len(late) > 1:
        exempt(rule, late[-1], reason="示例：还建房用地调整，市政府专题会议同意商品房先行。", actor=office)
    # As every night would have: some that were red a month ago have recovered, and keep the mark.
    for day in (EARLIER, present_day()):
        mark_red_lights(day)


def _replan(office: User) -> None:
    """Works under way that were not late got more time: what was planned first stays beside it."""
    under_way: Any = Project.objects.filter(is_sample=True, planned_finish__gt=present_day()).with_stage()
    under_way = under_way.filter(stage__range=(Stage.STARTED, Stage.BASICALLY_BUILT - 1)).order_by("pk")
    for number, project in enumerate(under_way[: 4 * REPLANNED : 4]):
        assert project.planned_finish is not None
        days: dict[int, dt.date | None] = {Stage.BASICALLY_BUILT: project.planned_finish + dt.timedelta(days=POSTPONED)}
        reason = REASONS[number % len(REASONS)]
        plan_stages(project, days, actor=office, reason=reason, holds_from=REPLANNED_ON)


class Books:
    """What one project's reports say of its money and homes, month by month, each figure no less than before."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.last: dict[str, Any] = {}
        self.invested = ZERO

    def entry(self, percent: int, stage: int) -> dict[str, Any]:
        """The content fields of the next report."""
        found: dict[str, Any] = {}
        for funds, arrived, paid in zip(FUNDS, ARRIVED, PAID, strict=True):
            planned = getattr(self.project, funds) or ZERO
            came = self._grown(arrived, planned * min(100, percent + 12) / 100 if percent else ZERO)
            found[arrived], found[paid] = came, min(came, self._grown(paid, planned * percent / 100))
        total = self.project.fund_total or ZERO
        done = (total * percent / 100).quantize(CENT)
        if not self.last:
            # What was done before the first report is on the project.
            self.project.invested_before = self.invested = (done * 9 / 10).quantize(CENT)
        found["invested"] = max(ZERO, done - self.invested)
        self.invested = max(done, self.invested)
        if self.project.builds_homes:
            found |= self._homes(stage)
        self.last = found
        return found

    def _grown(self, name: str, value: Decimal) -> Decimal:
        return max(self.last.get(name) or ZERO, value.quantize(CENT))

    def _homes(self, stage: int) -> dict[str, int]:
        planned = self.project.housing_planned or 0
        begun = planned if stage >= Stage.STARTED else 0
        topped = planned * 3 // 4 if stage >= Stage.TOPPED_OUT else 0
        handed = planned // 2 if stage >= Stage.IN_USE else 0
        return dict(zip(HOUSING_COUNTS, (begun, topped, handed), strict=True))
