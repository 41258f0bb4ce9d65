"""The records of the three administrators' pages, and of everybody's own tokens."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts import token_actions
from accounts.audit import record
from accounts.models import AuditExport, AuditVerb, User
from communities.models import ReportingUnit
from communities.roles import Role
from tests import factories


def shared_records() -> dict[str, Any]:
    """What belongs to no unit: an account that nobody uses, an entry of the log."""
    return {
        "account": factories.make_user(username="account.to.administer"),
        "membership": factories.grant(factories.make_user(), Role.LEADER, valid_until=dt.date(2099, 1, 1)),
        "day_export": AuditExport.objects.create(
            day=dt.date(2013, 12, 20), file=_file(), entries=0, digest="0" * 64, signature="", key_id=""
        ),
        "entry": record(AuditVerb.ACCOUNT, actor=None, target="account.to.administer", detail={"act": "created"}),
    }


def _file() -> str:
    """A file to be taken out, once for all worlds."""
    name = "audit/matrix.jsonl.gz"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(gzip.compress(b"")))


def token_of(user: User) -> Any:
    """A token of somebody."""
    return token_actions.issue_token(actor=user, name="测试")[0]


def stranger(unit: ReportingUnit) -> User:
    """Somebody of another unit."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=unit)
