"""What Celery runs for the portal as a whole."""

from __future__ import annotations

from celery import shared_task

from xiaogan_portal import audit_job


@shared_task(
    name="xiaogan_portal.tasks.export_audit",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def export_audit() -> None:
    """Have yesterday's log exported."""
    audit_job.ask()
