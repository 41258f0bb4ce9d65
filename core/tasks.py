"""Entry points for beat: one call each."""

from __future__ import annotations

from celery import shared_task

from core import attachments


@shared_task(
    name="core.tasks.sweep_files",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=240,
    time_limit=270,
    max_retries=0,
)
def sweep_files() -> None:
    """Remove files that no row names."""
    attachments.sweep()
