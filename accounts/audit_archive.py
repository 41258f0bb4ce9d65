"""Taking old lines of the log out of the database: by the schema's owner, after the signed export, in due time.

The portal's own role may not delete a line. Nothing does this by itself: somebody runs the command, on the machine,
with the owner's address, which the portal's processes do not have.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from accounts import audit_check, log_days
from accounts.audit import record
from accounts.models import AuditEntry, AuditExport, AuditVerb
from core.errors import NotAllowed, RuleViolation, WrongState
from core.periods import today

OWNER = "owner"
# Six months, however they fall, as the law asks: no setting makes it less.
LEAST_KEPT_DAYS = 184


def kept_days() -> int:
    """How many days of the log stay in the database: AUDIT_KEEP_DAYS, and never fewer than the law asks."""
    return max(settings.AUDIT_KEEP_DAYS, LEAST_KEPT_DAYS)


def archive(before: dt.date) -> int:
    """Remove the lines of days before `before`; how many. What was done stands in the log.

    Raises NotAllowed without the owner's address, RuleViolation where the days of `kept_days` are not over yet,
    WrongState where a day has no export or an export is not in order.
    """
    if OWNER not in settings.DATABASES:
        raise NotAllowed(_("归档要用库主的地址：设 DATABASE_OWNER_URL。"))
    earliest = today() - dt.timedelta(days=kept_days())
    if before > earliest:
        numbers = {"days": kept_days(), "earliest": earliest}
        raise RuleViolation(_("日志至少留 %(days)d 天，最多归档到 %(earliest)s 之前。") % numbers, field="before")
    _require_exports(before)
    old = AuditEntry.objects.filter(at__lt=log_days.start_of(before))
    # The owner's statement comes last: where it fails, the line about it is undone, too.
    with transaction.atomic():
        record(AuditVerb.ARCHIVED, actor=None, detail={"before": before.isoformat(), "rows": old.count()})
        return _remove(before)


def _require_exports(before: dt.date) -> None:
    old = AuditEntry.objects.filter(at__lt=log_days.start_of(before)).order_by("at").first()
    newest = AuditExport.objects.order_by("-day").first()
    if old is not None and (newest is None or newest.day < before - dt.timedelta(days=1)):
        raise WrongState(_("%(before)s 之前的日志还没有全部导出，不能归档。") % {"before": before})
    _number, found = audit_check.check(last=before - dt.timedelta(days=1))
    wrong = [finding for finding in found if finding.level == audit_check.ERROR]
    if wrong:
        raise WrongState(_("%(day)s 的导出有问题，不能归档：%(text)s") % {"day": wrong[0].day, "text": wrong[0].text})


def _remove(before: dt.date) -> int:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {AuditEntry._meta.db_table} WHERE at < %s",  # noqa: S608  the model's own table
            [log_days.start_of(before)],
        )
        removed: int = cursor.rowcount
    return removed
