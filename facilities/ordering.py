"""Which projects went before what should come first: the ordering rules carried out over the records of a day.

A rule names two traits and a date. In one community, a project of the later trait violates it when it has its date and
no project of the earlier trait has one by then, though there is such a project. The earliest of the earlier trait
counts: a second sewer does not make a house that followed the first one a violation (推定). Where only planned days are
compared, an unknown plan violates nothing. Nothing is stored; an exemption takes a pair of rule and
project out until it is withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from facilities.models import OrderingExemption, OrderingRule, PlannedStage, Position, Project, StageEvent
from facilities.models.projects import HOUSING
from facilities.ordering_words import STAGE_OF, Measure, Trait
from facilities.workflow import Stage

# The two that nobody can tell of a project of which it is not written where it is built.
POSITIONS = frozenset({Trait.UNDERGROUND, Trait.ABOVE_GROUND})
# Which projects have a trait, as recorded on them.
TRAITS: dict[str, Q] = {
    Trait.UNDERGROUND: Q(position=Position.UNDERGROUND),
    Trait.ABOVE_GROUND: Q(position=Position.ABOVE_GROUND),
    Trait.PLATFORM: Q(is_platform=True),
    Trait.HOUSING: Q(kind__in=HOUSING),
    Trait.RESETTLEMENT: Q(kind="resettlement"),
    Trait.COMMERCIAL: Q(kind="commercial"),
}


@dataclass(frozen=True)
class Violation:
    """`project` had its date before `first`, which should have been first; `first_on` is None where it has none yet."""

    rule: OrderingRule
    project: Project
    then_on: dt.date
    first: Project
    first_on: dt.date | None

    @property
    def days(self) -> int | None:
        """By how many days; None while the first one has no date."""
        return None if self.first_on is None else (self.first_on - self.then_on).days

    @property
    def sentence(self) -> str:
        """Both records and both dates."""
        facts = {
            "what": self.rule.get_measure_display(),
            "then": self.project.name,
            "then_on": self.then_on,
            "first": self.first.name,
            "first_on": self.first_on,
            "days": self.days,
        }
        if self.first_on is None:
            return _("%(what)s：“%(then)s” %(then_on)s，“%(first)s”还没有。") % facts
        return _("%(what)s：“%(then)s” %(then_on)s，“%(first)s” %(first_on)s，晚 %(days)d 天。") % facts


def violating(rule: OrderingRule, day: dt.date, rows: Any = None) -> Any:
    """The projects that violate the rule by `day`, with `then_on`, `first_key` and `first_on`.

    `rows` narrows the projects looked at (all unless given); exempt ones are left out.
    """
    firsts = (
        Project.objects.filter(TRAITS[rule.first], community=OuterRef("community"))
        .exclude(pk=OuterRef("pk"))
        .annotate(measured=_date(rule.measure, day))
        .order_by(F("measured").asc(nulls_last=True), "pk")
    )
    if rule.measure == Measure.PLANNED:
        firsts = firsts.filter(measured__isnull=False)
    exempt = OrderingExemption.objects.in_force().filter(rule=rule, project=OuterRef("pk"))
    found = (
        (Project.objects.all() if rows is None else rows)
        .filter(TRAITS[rule.then])
        .annotate(then_on=_date(rule.measure, day))
        .filter(then_on__gte=rule.valid_from)
        .annotate(first_key=Subquery(firsts.values("pk")[:1]), first_on=Subquery(firsts.values("measured")[:1]))
        .filter(Q(first_on__isnull=True) | Q(first_on__gt=F("then_on")), first_key__isnull=False)
        .exclude(Exists(exempt))
    )
    return found if rule.valid_until is None else found.filter(then_on__lt=rule.valid_until)


def violation_condition(day: dt.date, rules: Iterable[OrderingRule] | None = None) -> Q:
    """As a condition on projects: any rule is violated by `day`."""
    condition = Q(pk__in=[])
    for rule in OrderingRule.objects.all() if rules is None else rules:
        condition |= Q(pk__in=violating(rule, day).values("pk"))
    return condition


def violations(day: dt.date, rows: Any = None, rules: Sequence[OrderingRule] | None = None) -> list[Violation]:
    """Every violation by `day` among `rows` (all projects unless given), in the order of rules and communities.

    As many queries as there are rules, and one for the projects that should have been first.
    """
    found = []
    for rule in OrderingRule.objects.all() if rules is None else rules:
        late = violating(rule, day, rows).select_related("community").order_by("community__pinyin", "pk")
        found += [(rule, project) for project in late]
    firsts = Project.objects.select_related("community").in_bulk({project.first_key for _rule, project in found})
    return [
        Violation(rule, project, project.then_on, firsts[project.first_key], project.first_on)
        for rule, project in found
    ]


@dataclass(frozen=True)
class Kept:
    """A rule over some projects: what violates it, what is exempt from it, and what there is not to compare.

    Kept is a rule only where there is something to compare: `missing` is a sentence about the trait that no project
    bears, or about those of which nobody wrote whether they bear it; empty where both sides are there. `later` is
    whether any of the projects is, or may be, one of those that come later.
    """

    rule: OrderingRule
    found: list[Violation]
    exempt: list[OrderingExemption]
    missing: str
    later: bool


def ordering_of(rows: Any, day: dt.date) -> list[Kept]:
    """Each rule over some projects, those of a community, say. As many queries as there are rules and five more."""
    rules = list(OrderingRule.objects.all())
    found, sides, unplaced = violations(day, rows, rules), _sides(rules, rows, day), _unplaced(rows)
    exempt = list(
        OrderingExemption.objects.in_force()
        .filter(project__in=rows.values("pk"))
        .select_related("project__community", "granted_by")
    )
    return [
        Kept(
            rule,
            [each for each in found if each.rule == rule],
            [each for each in exempt if each.rule_id == rule.pk],
            _missing(rule, sides[rule.pk], unplaced),
            sides[rule.pk].then or (rule.then in POSITIONS and unplaced.among > 0),
        )
        for rule in rules
    ]


@dataclass(frozen=True)
class _Sides:
    """Whether there are projects on each side of a rule, and two of them that can be compared."""

    first: bool
    then: bool
    both: bool


def _sides(rules: Sequence[OrderingRule], rows: Any, day: dt.date) -> dict[int, _Sides]:
    """By rule: the later ones among `rows`, the earlier ones in their communities. One query."""
    planned = {"planned": _date(Measure.PLANNED, day)}
    there = Project.objects.filter(community__in=rows.values("community")).annotate(**planned)
    asked = {}
    for rule in rules:
        known = Q(planned__isnull=False) if rule.measure == Measure.PLANNED else Q()
        first, then = known & TRAITS[rule.first], known & TRAITS[rule.then] & Q(pk__in=rows.values("pk"))
        others = Project.objects.annotate(**planned).filter(first, community=OuterRef("community"))
        both = then & Q(Exists(others.exclude(pk=OuterRef("pk"))))
        for side, condition in (("first", first), ("then", then), ("both", both)):
            asked[f"{side}_{rule.pk}"] = Case(When(condition, then=True), default=False)
    kinds = list(there.annotate(**asked).order_by().values(*asked).distinct()) if asked else []
    return {
        rule.pk: _Sides(*(any(kind[f"{side}_{rule.pk}"] for kind in kinds) for side in ("first", "then", "both")))
        for rule in rules
    }


@dataclass(frozen=True)
class _Unplaced:
    """Projects of which it is not written where they are built: among the rows, and in all of their communities."""

    among: int
    around: int


def _unplaced(rows: Any) -> _Unplaced:
    """One query."""
    found = Project.objects.filter(position="", community__in=rows.values("community"))
    return _Unplaced(**found.aggregate(among=Count("pk", filter=Q(pk__in=rows.values("pk"))), around=Count("pk")))


def _missing(rule: OrderingRule, sides: _Sides, unplaced: _Unplaced) -> str:
    if sides.both:
        return ""
    lacking = {trait for trait, there in ((rule.first, sides.first), (rule.then, sides.then)) if not there}
    if unplaced.around and (lacking or {rule.first}) <= POSITIONS:
        return _("%(number)d 个项目没有写地上还是地下，还不能判断。") % {"number": unplaced.around}
    first, then = _("“%s”") % rule.get_first_display(), _("“%s”") % rule.get_then_display()
    if sides.first and sides.then:
        return _("不适用：没有在同一社区可比的%s项目。") % first
    names = _("、").join([then] * (not sides.then) + [first] * (not sides.first))
    if rule.measure == Measure.PLANNED:
        return _("不适用：没有写了计划开工日期的%s项目。") % names
    return _("不适用：没有%s项目。") % names


def _date(measure: str, day: dt.date) -> Combinable:
    """A project's date for a measure: the day of its plan as known by `day`, or since when it stands at a step.

    A step that was taken back by then gives no date, and one that was reached again its new one.
    """
    if measure == Measure.PLANNED:
        return PlannedStage.objects.day_of(Stage.STARTED, day, OuterRef("pk"))
    reached = StageEvent.objects.since(STAGE_OF[Measure(measure)], day, OuterRef("pk"))
    return Subquery(reached.values("occurred_on")[:1])
