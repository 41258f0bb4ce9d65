"""Reads of the ledger, in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, Q, Value, When
from django.db.models.functions import Now

from accounts.models import Administrator, AdministratorKind
from jobs.workflow import JobState

if TYPE_CHECKING:
    from jobs.models import Job  # noqa: F401


def is_system_administrator(user: Any) -> bool:
    """Whether the person keeps the portal running. The ledger concerns nobody else; it knows no business role."""
    return bool(user.is_authenticated and user.is_active) and _system_administrators(user).exists()


def _system_administrators(user: Any) -> models.QuerySet[Administrator]:
    return Administrator.objects.filter(user_id=user.pk, user__is_active=True, kind=AdministratorKind.SYSTEM)


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs. Times are compared on the database's clock: the hosts' clocks may differ."""

    def visible_to(self, user: Any) -> Self:
        """All jobs for a system administrator, none for anybody else."""
        return self.filter(Exists(_system_administrators(user)))

    def editable_by(self, user: Any) -> Self:
        """Whoever sees a job may retry it."""
        return self.visible_to(user)

    def enterable_by(self, user: Any) -> bool:
        """The ledger concerns system administrators alone."""
        return is_system_administrator(user)

    def creatable_by(self, user: Any) -> bool:
        """Nobody adds a job by hand."""
        return False

    def waiting(self) -> Self:
        """Not begun, or given back after a failure."""
        return self.filter(state=JobState.WAITING)

    def running(self) -> Self:
        """Claimed by a worker, which may have died since."""
        return self.filter(state=JobState.RUNNING)

    def parked(self) -> Self:
        """Given up after three attempts; a person must look."""
        return self.filter(state=JobState.PARKED)

    def not_done(self) -> Self:
        """Everything that has not come to a good end."""
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING, JobState.PARKED])

    def parked_first(self) -> Self:
        """What a person must look at, then what runs, then what waits; the newest first in each."""
        order = [JobState.PARKED, JobState.RUNNING, JobState.WAITING, JobState.DONE]
        whens = [When(state=state, then=Value(place)) for place, state in enumerate(order)]
        return self.order_by(Case(*whens, output_field=models.IntegerField()), "-pk")

    def pending(self, kind: str) -> Self:
        """Work of a kind that has not come to its end: waiting or running."""
        return self.filter(kind=kind, state__in=[JobState.WAITING, JobState.RUNNING])

    def claimable(self, kinds: list[str]) -> Self:
        """Waiting jobs of these kinds whose time has come, the one that has waited longest first."""
        return self.waiting().filter(kind__in=kinds, run_after__lte=Now()).order_by("run_after", "pk")

    def expired(self) -> Self:
        """Running jobs whose claim has run out."""
        return self.running().filter(lease_until__lt=Now())

    def twins_of(self, kind: str, keys: list[str]) -> Self:
        """The waiting rows that stand for this work already. Scheduled runs are never merged."""
        return self.waiting().filter(Q(period=""), kind=kind, key__in=keys)
