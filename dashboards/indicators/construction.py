"""Indicators of projects: how many there are, how far they have come, and the two rates of stages.

Source of the rates' names: the city's report of 2014-02-26 and common practice of construction reporting. What
exactly counts as a step is not public, so every rule that asks for one is presumed.
"""

from __future__ import annotations

from copy import copy
from typing import Self

from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from communities.models import Population
from core.periods import Quarter
from dashboards.indicators.base import Indicator, Rows, Sort, with_place
from facilities.models import FacilityKind, Project, StageEvent
from facilities.workflow import Stage


class ProjectIndicator(Indicator):
    """Counts projects of programme communities; as long as nothing narrows them, all of them."""

    subject = Project
    population_label = _("规划新社区的项目")
    # The one kind of project that it counts; empty: every kind.
    kind: str = ""

    def population(self, quarter: Quarter) -> Rows:
        rows = Project.objects.with_stage(quarter.last_day)
        rows = rows.filter(kind=self.kind) if self.kind else rows
        return with_place(rows, quarter.last_day, "community__", population=Population.PROGRAMME)

    def of_kind(self, kind: FacilityKind, code: str) -> Self:
        """The same indicator for one kind of project, under a code of its own."""
        one = copy(self)
        one.kind, one.code = kind.value, code
        one.label = format_lazy("{kind} · {label}", kind=kind.label, label=self.label)
        one.rule = format_lazy(_("只算“{kind}”。{rule}"), kind=kind.label, rule=self.rule)
        return one


class Projects(ProjectIndicator):
    """Projects of programme communities."""

    code = "projects"
    label = _("建设项目")
    rule = _("季度最后一天归属口径为“规划新社区”的社区，已登记的项目每个计 1，不论建到哪一步。")
    presumed = False
    evidence_label = _("计划建成")

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("planned_finish"), evidence=Value(""))


class ProjectStage(ProjectIndicator):
    """Asks whether a project stood at a stage or later on the quarter's last day."""

    stage: Stage

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(stage__gte=self.stage)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        first = StageEvent.objects.since(self.stage, quarter.last_day, OuterRef("pk"))
        return rows.annotate(
            evidence_on=Subquery(first.values("occurred_on")[:1]), evidence=Subquery(first.values("basis")[:1])
        )


class AtStep(ProjectStage):
    """Projects that stand at one step and no further; over all steps they make up `projects`."""

    evidence_label = _("到达日期")

    def __init__(self, step: Stage, code: str) -> None:
        self.stage, self.code = step, code
        self.label = format_lazy(_("处于“{step}”的项目"), step=step.label)
        self.rule = format_lazy(
            _(
                "规划新社区的项目中，到季度最后一天的最新阶段正是“{step}”，每个计 1；"
                "没有登记阶段的算“谋划”。推定，待核定。"
            ),
            step=step.label,
        )

    def condition(self, quarter: Quarter) -> Combinable | Q:
        return Q(stage=self.stage)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        latest = StageEvent.objects.filter(project=OuterRef("pk"), occurred_on__lte=quarter.last_day).latest_first()
        return rows.annotate(evidence_on=F("stage_on"), evidence=Subquery(latest.values("basis")[:1]))


class ProjectsStarted(ProjectStage):
    """Projects on which works have begun."""

    code = "projects_started"
    label = _("已开工项目")
    stage = Stage.STARTED
    rule = _("规划新社区的项目中，到季度最后一天的最新阶段在“动工”或以后，每个计 1。推定，待核定。")
    evidence_label = _("开工日期")


class ProjectsMainWorks(ProjectStage):
    """Projects whose main works have begun."""

    code = "projects_main_works"
    label = _("主体施工项目")
    stage = Stage.MAIN_WORKS
    rule = _("规划新社区的项目中，到季度最后一天的最新阶段在“主体施工”或以后，每个计 1。推定，待核定。")
    evidence_label = _("主体施工日期")


class ProjectsBuilt(ProjectStage):
    """Projects that are basically built."""

    code = "projects_built"
    label = _("基本建成项目")
    stage = Stage.BASICALLY_BUILT
    rule = _("规划新社区的项目中，到季度最后一天的最新阶段在“基本建成”或以后，每个计 1。推定，待核定。")
    evidence_label = _("基本建成日期")


class ProjectsInUse(ProjectStage):
    """Projects that are in use."""

    code = "projects_in_use"
    label = _("投入使用项目")
    stage = Stage.IN_USE
    rule = _("规划新社区的项目中，到季度最后一天的最新阶段是“投入使用”，每个计 1。推定，待核定。")
    evidence_label = _("投入使用日期")


class StartedRate(ProjectStage):
    """The share of projects on which works have begun."""

    code = "started_rate"
    label = _("开工率")
    measure = "%"
    sort = Sort.RATE
    stage = Stage.STARTED
    rule = _("已开工项目数除以规划新社区的全部项目数，同在季度最后一天计；先各自相加，最后相除。推定，待核定。")
    evidence_label = _("开工日期")


class BuiltRate(ProjectStage):
    """The share of projects that are basically built."""

    code = "built_rate"
    label = _("竣工率")
    measure = "%"
    sort = Sort.RATE
    stage = Stage.BASICALLY_BUILT
    rule = _("基本建成项目数除以规划新社区的全部项目数，同在季度最后一天计；先各自相加，最后相除。推定，待核定。")
    evidence_label = _("基本建成日期")
