"""What Celery runs for the exchange. Reading and writing batches are jobs of the ledger; this only tidies up."""

from __future__ import annotations

from celery import shared_task

from exchange import sweeping


@shared_task(
    name="exchange.tasks.sweep_files",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=120,
    time_limit=150,
    max_retries=0,
)
def sweep_files() -> None:
    """Take away originals without a row."""
    sweeping.sweep_files()
