"""The REST resource of background work, for system administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.api import ResourceViewSet, deed
from core.api_fields import Answer
from jobs import actions
from jobs.filters import JobFilter
from jobs.models import Job


class JobAnswer(Answer[Job]):
    """A piece of background work."""

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "key",
            "period",
            "state",
            "attempts",
            "run_after",
            "created_at",
            "started_at",
            "finished_at",
            "error",
        ]


class JobViewSet(ResourceViewSet[Job]):
    """The ledger."""

    queryset = Job.objects.all()
    serializer_class = JobAnswer
    filterset_class = JobFilter
    ordering_fields: ClassVar[dict[str, str]] = {"created_at": "pk", "finished_at": "finished_at"}
    default_ordering = "-created_at"

    @deed("retry", _("重试"))
    def retry(self, record: Job, values: dict[str, Any]) -> Job:
        """Let it wait again."""
        return actions.retry(record, actor=self.person)
