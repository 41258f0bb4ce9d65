"""Files without a row: what a crash between file and row leaves behind is taken away a day later."""

from __future__ import annotations

import datetime as dt

from django.core.files.storage import default_storage
from django.utils import timezone

from exchange.actions import FOLDER
from exchange.models import Batch

SAFE_AFTER = dt.timedelta(days=1)


def sweep_files(now: dt.datetime | None = None) -> int:
    """Delete originals that no upload names and that are older than a day; how many."""
    before = (now or timezone.now()) - SAFE_AFTER
    if not default_storage.exists(FOLDER):
        return 0
    _folders, names = default_storage.listdir(FOLDER)
    paths = {f"{FOLDER}/{name}" for name in names}
    orphans = paths - set(Batch.objects.filter(original__in=paths).values_list("original", flat=True))
    old = [path for path in sorted(orphans) if default_storage.get_modified_time(path) < before]
    for path in old:
        default_storage.delete(path)
    return len(old)
