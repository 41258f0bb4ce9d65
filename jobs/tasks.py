"""What Celery runs. Ids in, one call out: everything that counts stands in the ledger, not in the message."""

from __future__ import annotations

from celery import shared_task

from jobs import actions


# Acknowledged late and given back when the child is killed, so that the other waiting jobs go on at once;
# a job that kills children cannot loop, for the ledger counted its attempt.
@shared_task(
    name="jobs.tasks.work",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    soft_time_limit=270,
    time_limit=300,
    max_retries=0,
)
def work() -> None:
    """Do what is waiting, for a while."""
    actions.work_off()


@shared_task(
    name="jobs.tasks.sweep", ignore_result=True, acks_late=False, soft_time_limit=20, time_limit=30, max_retries=0
)
def sweep() -> None:
    """Give back what dead workers left, and wake a worker where anything waits."""
    actions.sweep()
