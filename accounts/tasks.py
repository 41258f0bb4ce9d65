"""Entry points for beat: one call each."""

from __future__ import annotations

from celery import shared_task

from accounts import receipts


@shared_task(
    name="accounts.tasks.clean_receipts",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=20,
    time_limit=30,
    max_retries=0,
)
def clean_receipts() -> None:
    """Forget old receipts."""
    receipts.clean()
