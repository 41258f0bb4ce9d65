"""What Celery runs for this app."""

from __future__ import annotations

from celery import shared_task

from communities.models import ReportingUnit
from core.periods import today
from dashboards import rollup
from jobs.actions import enqueue_once


# Runs every two seconds, so one that is lost needs no second try.
@shared_task(
    name="dashboards.tasks.collect_marks",
    ignore_result=True,
    acks_late=False,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def collect_marks() -> None:
    """Turn what changed into roll-ups."""
    rollup.collect_marks()


@shared_task(
    name="dashboards.tasks.rebuild_beside",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def rebuild_beside() -> None:
    """Have every unit recomputed beside its figures, once a night."""
    for code in ReportingUnit.objects.order_by("code").values_list("code", flat=True):
        enqueue_once(rollup.CHECK, code, str(today()))
