"""What the state machine of figures does to reports, plans, red marks and rules of the works."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
from django.utils import timezone
from hypothesis.stateful import precondition, rule

from accounts.models import User
from communities.models import Community, ReportingMonth
from facilities.models import LightThreshold, OrderingExemption, OrderingRule, ProgressReport, Project, RedMark
from facilities.workflow import Stage
from tests.dashboards.construction_scene import replan
from tests.factories import make_report

DAYS = st.sampled_from(
    [dt.date(2013, 6, 15), dt.date(2013, 9, 30), dt.date(2013, 10, 1), dt.date(2013, 12, 31), dt.date(2014, 1, 1)]
)
# Which of the communities, organisations and so on a rule takes: counted round where there are fewer.
WHICH = st.integers(0, 5)
MONTHS = st.sampled_from([9, 11, 12])
AMOUNTS = st.decimals(0, 50, places=2)
REPORT_STATES = st.sampled_from(["draft", "submitted", "returned", "approved"])


def any_community(self: Any) -> bool:
    return Community.objects.exists()


class ConstructionRules:
    """Rules of the machine."""

    def pick(self, model: Any, which: int, **filters: Any) -> Any:
        """One of a model's rows, or None."""
        rows = list(model.objects.filter(**filters).order_by("pk"))
        return rows[which % len(rows)] if rows else None

    @precondition(any_community)
    @rule(which=WHICH, month=MONTHS, state=REPORT_STATES, more=AMOUNTS)
    def report(self, which: int, month: int, state: str, more: Decimal) -> None:
        """Each month says a little more than any before it, so that no order of the months makes it fall."""
        project = Project.objects.get(community=self.pick(Community, which), kind="service_centre")
        chosen = ReportingMonth.objects.get(number=month)
        of_project = ProgressReport.objects.filter(project=project)
        # What is handed in first is decided on first.
        waits = of_project.filter(state="submitted", month__number__lt=month).exists() and state == "approved"
        if not waits and not of_project.filter(month=chosen).exists():
            told: dict[str, Any] = {"invested": more, "arrived_city": Decimal(month), "paid_city": Decimal(month)}
            make_report(project, chosen, state, percent=40, explanation="测试", **told)

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        report = self.pick(ProgressReport, which, state="submitted")
        if report:
            ProgressReport.objects.filter(pk=report.pk).update(state="draft")

    @precondition(any_community)
    @rule(which=WHICH, stage=st.sampled_from([Stage.STARTED, Stage.BASICALLY_BUILT]), day=DAYS, holds=DAYS)
    def plan_again(self, which: int, stage: Stage, day: dt.date, holds: dt.date) -> None:
        project = Project.objects.get(community=self.pick(Community, which), kind="service_centre")
        latest = project.plans.filter(stage=stage).order_by("pk").last()
        start, finish = project.planned_start or day, project.planned_finish or day
        fits = day <= finish if stage == Stage.STARTED else day >= start
        if fits and (latest is None or latest.planned_on != day):
            replan(project, stage, day, holds)

    @rule(points=st.integers(5, 40), days=st.integers(1, 200))
    def set_thresholds(self, points: int, days: int) -> None:
        LightThreshold.objects.update(yellow_points=5, red_points=points + 1, start_red_days=days, finish_red_days=days)

    @rule(which=WHICH)
    def exempt(self, which: int) -> None:
        project, rule_ = self.pick(Project, which, kind="resettlement"), OrderingRule.objects.get()
        if project and not OrderingExemption.objects.in_force().filter(project=project).exists():
            office = User.objects.get(username="office")
            OrderingExemption.objects.create(rule=rule_, project=project, reason="测试", granted_by=office)

    @rule(which=WHICH)
    def withdraw_exemption(self, which: int) -> None:
        exemption = self.pick(OrderingExemption, which, withdrawn_at=None)
        if exemption:
            taken = {"withdrawn_by": User.objects.get(username="office"), "withdrawn_reason": "测试"}
            OrderingExemption.objects.filter(pk=exemption.pk).update(withdrawn_at=timezone.now(), **taken)

    @rule(which=WHICH, day=DAYS)
    def mark_red(self, which: int, day: dt.date) -> None:
        project = self.pick(Project, which)
        if project and not RedMark.objects.filter(project=project, red_on=day).exists():
            RedMark.objects.create(project=project, red_on=day, sentence="测试")
