"""What beat starts, and how often. Every entry is named like its task; a test holds that each exists and binds."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # The broker only wakes workers: this is what finds work whose wake-up call was lost.
    "jobs.tasks.sweep": {"task": "jobs.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "dashboards.tasks.collect_marks": {
        "task": "dashboards.tasks.collect_marks",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    # In the morning, and every hour of the day again for what could not be done then; one job a day whatever happens.
    "facilities.tasks.remind": {
        "task": "facilities.tasks.remind",
        "schedule": crontab(hour="8-20", minute=5),
        "options": {"expires": 3600},
    },
    # Once a night, when nobody works: every figure recomputed beside the stored one.
    "dashboards.tasks.rebuild_beside": {
        "task": "dashboards.tasks.rebuild_beside",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 6 * 3600},
    },
    # A key is asked for again within minutes, by an offline draft within days.
    "accounts.tasks.clean_receipts": {
        "task": "accounts.tasks.clean_receipts",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 6 * 3600},
    },
    # What a crash between writing a file and its row left behind.
    "core.tasks.sweep_files": {
        "task": "core.tasks.sweep_files",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 6 * 3600},
    },
    # Ten minutes after midnight, and every hour again for what could not be done then.
    "xiaogan_portal.tasks.export_audit": {
        "task": "xiaogan_portal.tasks.export_audit",
        "schedule": crontab(minute=10),
        "options": {"expires": 3600},
    },
    # After the figures were looked through: which lights are red today.
    "facilities.tasks.mark_red_lights": {
        "task": "facilities.tasks.mark_red_lights",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 6 * 3600},
    },
}
