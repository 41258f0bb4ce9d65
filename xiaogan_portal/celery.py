"""The portal's Celery application. Tasks are found in every app's `tasks.py`; the schedule is static."""

from __future__ import annotations

import os

from celery import Celery

from xiaogan_portal.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaogan_portal.settings")

app = Celery("xiaogan_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
