"""Where a report is written: the locked project of a month, with what the checks ask of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from communities.models import ReportingMonth
from core.errors import NotAllowed
from core.sentences import gettext as _
from facilities.evidence import evidence_asked
from facilities.models import ProgressReport, Project
from facilities.report_reads import invested_before, next_approved, prefill
from facilities.report_stages import Standing
from facilities.report_workflow import REPORTERS


@dataclass
class Desk:
    """A project of a month, its row locked, ready to be written: in which capacity, and the newest revision if any.

    What else a check asks is read when it is asked for; who writes many brings it along (`batch_actions`: the prefill,
    by project `following`, the next approved reports, and `spent`, what had been invested before; `proofs`, what proves
    each stage), and with `fields_only` leaves what constraints hold to the database alone. `at`: when it is written;
    many that are handed in together have the same moment, by which they are known as one submission.
    """

    project: Project
    month: ReportingMonth
    capacity: str
    stored: ProgressReport | None
    brought: Mapping[str, Any] | None = None
    month_state: str = ""
    following: Mapping[int, ProgressReport] | None = field(default=None, kw_only=True)
    spent: Mapping[int, Decimal | None] | None = field(default=None, kw_only=True)
    proofs: Mapping[int, str] | None = field(default=None, kw_only=True)
    fields_only: bool = field(default=False, kw_only=True)
    at: dt.datetime = field(default_factory=timezone.now, kw_only=True)

    @cached_property
    def known(self) -> Mapping[str, Any]:
        """What `prefill` gives."""
        return prefill(self.project, self.month) if self.brought is None else self.brought

    @cached_property
    def later(self) -> ProgressReport | None:
        """The next month's report that is approved, None without."""
        found = next_approved([self.project], self.month) if self.following is None else self.following
        return found.get(self.project.pk)

    @cached_property
    def invested(self) -> Decimal | None:
        """What had been invested before the month."""
        found = invested_before([self.project], self.month) if self.spent is None else self.spent
        return found[self.project.pk]

    @cached_property
    def papers(self) -> Mapping[int, str]:
        """What proves each stage."""
        return evidence_asked().papers if self.proofs is None else self.proofs

    @property
    def standing(self) -> Standing:
        """The stage of record by the month's last day."""
        return Standing(self.known["stage"], self.known["stage_on"], self.known["stage_basis"])


def enter(project: Project, actor: User) -> tuple[Project, str]:
    """The project, locked, and the capacity in which the person enters for it. NotAllowed where there is none."""
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    for role in REPORTERS:
        if Project.objects.reached_as(actor, {role}).filter(pk=locked.pk).exists():
            return locked, role
    raise NotAllowed(_("你的岗位不能为这个项目填月报。"))


def desk_of(project: Project, month: ReportingMonth, actor: User) -> Desk:
    """Lock a project for whoever enters its month. Raises NotAllowed."""
    locked, capacity = enter(project, actor)
    return Desk(locked, month, capacity, newest_revision(locked, month))


def desk_at(stored: ProgressReport) -> Desk:
    """Where a report that is there already is moved, not entered."""
    return Desk(stored.project, stored.month, stored.entered_as, stored)


def newest_revision(project: Project, month: ReportingMonth) -> ProgressReport | None:
    """The newest revision of a project's month."""
    return ProgressReport.objects.filter(project=project, month=month).order_by("-revision").first()
