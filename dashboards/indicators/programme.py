"""Indicators of the programme of 89 new communities: planned, started, service centres, pilots.

Source of the names and the figures: the city's report of 2014-02-26. It does not say what exactly counts as
动工, 主体工程动工 or 基本建成, so those rules are presumed.
"""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Population
from core.periods import Quarter
from dashboards.indicators.base import Indicator, Rows, with_place
from facilities.models import Project, StageEvent
from facilities.workflow import Stage


class ProgrammeIndicator(Indicator):
    """Counts communities of the programme."""

    subject = Community
    population_label = _("规划新社区")

    def population(self, quarter: Quarter) -> Rows:
        return with_place(Community.objects.all(), quarter.last_day, population=Population.PROGRAMME)


class Planned(ProgrammeIndicator):
    """Communities of the programme."""

    code = "planned"
    label = _("规划建设新社区")
    rule = _("季度最后一天归属口径为“规划新社区”的社区，每个计 1。")
    presumed = False
    evidence_label = _("列入日期")

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("placed__valid_from"), evidence=F("placed__reason"))


class StageIndicator(ProgrammeIndicator):
    """Programme communities that have a project at a stage or later on the quarter's last day."""

    stage: Stage
    projects = Project.objects.all()

    def condition(self, quarter: Quarter) -> Combinable | Q:
        reached = self.projects.reached(self.stage, quarter.last_day)
        return Exists(reached.filter(community=OuterRef("pk")))

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        standing = StageEvent.objects.standing_at(self.stage, quarter.last_day)
        first = standing.filter(project__in=self.projects, project__community=OuterRef("pk"))
        return rows.annotate(
            evidence_on=Subquery(first.values("occurred_on")[:1]), evidence=Subquery(first.values("basis")[:1])
        )


class Started(StageIndicator):
    """Programme communities where anything is being built."""

    code = "started"
    label = _("已开工新社区")
    stage = Stage.STARTED
    rule = _("规划新社区中，到季度最后一天至少有一个项目的最新阶段在“动工”或以后，每个社区计 1。推定，待核定。")
    evidence_label = _("开工日期")


class CentresBegun(StageIndicator):
    """Programme communities whose service centre's main works have begun."""

    code = "centres_begun"
    label = _("服务中心主体动工")
    stage = Stage.MAIN_WORKS
    projects = Project.objects.service_centres()
    rule = _("规划新社区中，综合服务中心项目到季度最后一天的最新阶段在“主体施工”或以后，每个社区计 1。推定，待核定。")
    evidence_label = _("主体动工日期")


class CentresBuilt(StageIndicator):
    """Programme communities whose service centre is basically built."""

    code = "centres_built"
    label = _("服务中心基本建成")
    stage = Stage.BASICALLY_BUILT
    projects = Project.objects.service_centres()
    rule = _("规划新社区中，综合服务中心项目到季度最后一天的最新阶段在“基本建成”或以后，每个社区计 1。推定，待核定。")
    evidence_label = _("基本建成日期")


class Pilots(Indicator):
    """Communities that are a pilot, of whichever population."""

    code = "pilots"
    label = _("新社区建设试点")
    rule = _("季度最后一天列为试点的社区，不分口径，每个计 1。")
    presumed = False
    population_label = _("试点社区")
    subject = Community
    evidence_label = _("列为试点日期")

    def population(self, quarter: Quarter) -> Rows:
        return with_place(Community.objects.pilots(quarter.last_day), quarter.last_day)

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("pilot_from"), evidence=Value(""))
