"""What Celery runs for construction."""

from __future__ import annotations

from celery import shared_task

from facilities import reminders


@shared_task(
    name="facilities.tasks.remind",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def remind() -> None:
    """Have the day's reminders sent."""
    reminders.ask()
