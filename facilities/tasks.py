"""What Celery runs for construction."""

from __future__ import annotations

from celery import shared_task

from core.periods import today
from facilities import jobs, reminders
from jobs.actions import enqueue_once


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


@shared_task(
    name="facilities.tasks.mark_red_lights",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def mark_red_lights() -> None:
    """Have red lights marked, once a night."""
    enqueue_once(jobs.RED_MARKS, "all", str(today()))
